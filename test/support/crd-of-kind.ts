import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';

/**
 * A kind of ours as the CustomResourceDefinition by which another API server serves the same, but
 * for its CEL rules: the other may be older than those.
 */
export function crdOfKind(kind: KindDefinition): object {
  const { plural, singular, listKind, shortNames, categories } = kind;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: resourceName(kind) },
    spec: {
      group: kind.group,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      names: { plural, singular, kind: kind.kind, listKind, shortNames, categories },
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: withoutRules(kind.schema) },
          ...(kind.status && { subresources: { status: {} } }),
          additionalPrinterColumns: kind.printerColumns,
        },
      ],
    },
  };
}

function withoutRules(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutRules);
  if (typeof node !== 'object' || node === null) return node;
  const kept = Object.entries(node).filter(([keyword]) => keyword !== 'x-kubernetes-validations');
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, withoutRules(value)]));
}
