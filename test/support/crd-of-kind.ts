import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';

/** A kind of ours as the CustomResourceDefinition by which another API server serves the same. */
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
          schema: { openAPIV3Schema: kind.schema },
          ...(kind.status && { subresources: { status: {} } }),
          additionalPrinterColumns: kind.printerColumns,
        },
      ],
    },
  };
}
