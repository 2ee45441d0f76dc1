import type { ApiObject } from '../../sdk/api/object.js';
import type { SimCluster } from '../plane/sim-cluster.js';
import type { Subjects } from './owner.js';

/** Workloads of ConfigMaps `part-<n>`, all with the same value, on this cluster. */
export function workloadsOn(cluster: SimCluster): Subjects {
  return {
    resource: 'workloads.workload.threeport.io',
    make: (name, value, parts): ApiObject => ({
      apiVersion: 'workload.threeport.io/v1alpha1',
      kind: 'Workload',
      metadata: { name, namespace: 'default' },
      spec: {
        manifests: Array.from({ length: parts }, (_, index) => ({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `part-${index}` },
          data: { value },
        })),
      },
    }),
    spoil({ metadata }, how) {
      const namespaces = cluster.state
        .objects()
        .filter(
          ({ kind, metadata: { name } }) =>
            kind === 'Namespace' && name.startsWith(`${metadata.name}-`),
        )
        .map(({ metadata: { name } }) => name);
      const part = cluster.state
        .objects()
        .find(
          ({ kind, metadata: { namespace } }) =>
            kind === 'ConfigMap' && namespaces.includes(namespace ?? ''),
        );
      if (part === undefined) return;
      if (how === 'delete')
        cluster.state.remove('ConfigMap', part.metadata.name, part.metadata.namespace);
      else cluster.state.put({ ...part, data: { value: 'spoiled' } });
    },
  };
}
