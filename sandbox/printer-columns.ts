import type { PrinterColumn } from '../sdk/api/kind.js';

type ColumnType = PrinterColumn['type'];

const AGE = column('Age', '.metadata.creationTimestamp', 'date');

function column(name: string, jsonPath: string, type: ColumnType = 'string'): PrinterColumn {
  return { name, type, jsonPath };
}

function integer(name: string, jsonPath: string): PrinterColumn {
  return column(name, jsonPath, 'integer');
}

/**
 * What `kubectl get` prints of Kubernetes' own kinds, by resource name, where a path of the object can
 * say it; see computedTable for the others. Kinds that are nowhere show their age.
 */
export const PRINTER_COLUMNS: Readonly<Record<string, readonly PrinterColumn[]>> = {
  namespaces: [column('Status', '.status.phase'), AGE],
  resourcequotas: [AGE, column('Used', '.status.used'), column('Hard', '.status.hard')],
  'networkpolicies.networking.k8s.io': [
    column('Pod-Selector', '.spec.podSelector.matchLabels'),
    AGE,
  ],
  'ingressclasses.networking.k8s.io': [column('Controller', '.spec.controller'), AGE],
  'rolebindings.rbac.authorization.k8s.io': [column('Role', '.roleRef.name'), AGE],
  'clusterrolebindings.rbac.authorization.k8s.io': [column('Role', '.roleRef.name'), AGE],
  'horizontalpodautoscalers.autoscaling': [
    column('Reference', '.spec.scaleTargetRef.name'),
    integer('MinPods', '.spec.minReplicas'),
    integer('MaxPods', '.spec.maxReplicas'),
    integer('Replicas', '.status.currentReplicas'),
    AGE,
  ],
  'poddisruptionbudgets.policy': [
    column('Min Available', '.spec.minAvailable'),
    column('Max Unavailable', '.spec.maxUnavailable'),
    AGE,
  ],
  'storageclasses.storage.k8s.io': [
    column('Provisioner', '.provisioner'),
    column('ReclaimPolicy', '.reclaimPolicy'),
    column('VolumeBindingMode', '.volumeBindingMode'),
    column('AllowVolumeExpansion', '.allowVolumeExpansion', 'boolean'),
    AGE,
  ],
  'leases.coordination.k8s.io': [column('Holder', '.spec.holderIdentity'), AGE],
  'customresourcedefinitions.apiextensions.k8s.io': [
    column('Created At', '.metadata.creationTimestamp'),
  ],
};
