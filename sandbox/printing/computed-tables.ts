import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import { coreTable } from '../../server/table/core-tables.js';
import type { ComputedTable } from '../../server/table/table.js';
import { claimTable, nodeTable, volumeTable } from './cluster-tables.js';
import { endpointsTable, ingressTable, serviceTable } from './network-tables.js';
import { podTable } from './pod-table.js';
import {
  cronJobTable,
  daemonSetTable,
  deploymentTable,
  jobTable,
  replicaSetTable,
  statefulSetTable,
} from './workload-tables.js';

const TABLES: Readonly<Record<string, ComputedTable>> = {
  pods: podTable,
  services: serviceTable,
  endpoints: endpointsTable,
  persistentvolumeclaims: claimTable,
  persistentvolumes: volumeTable,
  nodes: nodeTable,
  'deployments.apps': deploymentTable,
  'replicasets.apps': replicaSetTable,
  'statefulsets.apps': statefulSetTable,
  'daemonsets.apps': daemonSetTable,
  'jobs.batch': jobTable,
  'cronjobs.batch': cronJobTable,
  'ingresses.networking.k8s.io': ingressTable,
};

/**
 * What `kubectl get` prints of Kubernetes' own kinds where a path of the object cannot say it, column
 * for column as a cluster of this version does. Other kinds have printer columns.
 */
export function computedTable(kind: KindDefinition): ComputedTable | undefined {
  return TABLES[resourceName(kind)] ?? coreTable(kind);
}
