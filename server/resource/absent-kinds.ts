import type { KindDefinition } from '../../sdk/api/kind.js';

/**
 * Kinds that every client of Kubernetes takes for granted. Where nothing runs there are none of them,
 * and that is the answer: an empty list, rather than that nobody knows what a Pod is. `kubectl
 * cluster-info`, its `dump` and consoles that begin with a list of Pods go on then.
 */
export const absentKinds: readonly KindDefinition[] = [
  absent({ group: '', kind: 'Node', shortNames: ['no'], namespaced: false }),
  absent({ group: '', kind: 'Pod', shortNames: ['po'] }),
  absent({ group: '', kind: 'ReplicationController', shortNames: ['rc'] }),
  absent({ group: '', kind: 'Service', shortNames: ['svc'] }),
  absent({ group: 'apps', kind: 'DaemonSet', shortNames: ['ds'] }),
  absent({ group: 'apps', kind: 'Deployment', shortNames: ['deploy'] }),
  absent({ group: 'apps', kind: 'ReplicaSet', shortNames: ['rs'] }),
];

function absent({
  group,
  kind,
  shortNames,
  namespaced = true,
}: Pick<KindDefinition, 'group' | 'kind' | 'shortNames'> & {
  readonly namespaced?: boolean;
}): KindDefinition {
  const singular = kind.toLowerCase();
  return {
    group,
    version: 'v1',
    kind,
    plural: `${singular}s`,
    singular,
    listKind: `${kind}List`,
    shortNames,
    categories: [],
    namespaced,
    status: false,
    printerColumns: [],
    references: [],
    indexed: [],
    immutable: [],
    sensitive: [],
    hasNoObjects: true,
    schema: { type: 'object' },
    description: `Kubernetes' ${kind}. There are none here: workloads run in other clusters.`,
  };
}
