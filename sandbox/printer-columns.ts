import type { PrinterColumn } from '../sdk/api/kind.js';

type ColumnType = PrinterColumn['type'];

const AGE = column('Age', '.metadata.creationTimestamp', 'date');

function column(
  name: string,
  jsonPath: string,
  type: ColumnType = 'string',
  priority = 0,
): PrinterColumn {
  return { name, type, jsonPath, ...(priority > 0 && { priority }) };
}

function integer(name: string, jsonPath: string): PrinterColumn {
  return column(name, jsonPath, 'integer');
}

function wide(name: string, jsonPath: string): PrinterColumn {
  return column(name, jsonPath, 'string', 1);
}

const TEMPLATE_COLUMNS = [
  wide('Containers', '.spec.template.spec.containers[*].name'),
  wide('Images', '.spec.template.spec.containers[*].image'),
];

/**
 * What `kubectl get` prints of Kubernetes' own kinds, by resource name: the columns of a real
 * cluster as far as one path of the object can say them. Kinds that are not here show their age.
 */
export const PRINTER_COLUMNS: Readonly<Record<string, readonly PrinterColumn[]>> = {
  namespaces: [column('Status', '.status.phase'), AGE],
  pods: [
    column('Ready', '.status.containerStatuses[*].ready'),
    column('Status', '.status.phase'),
    column('Reason', '.status.containerStatuses[*].state.waiting.reason'),
    integer('Restarts', '.status.containerStatuses[0].restartCount'),
    AGE,
    wide('IP', '.status.podIP'),
    wide('Node', '.spec.nodeName'),
  ],
  services: [
    column('Type', '.spec.type'),
    column('Cluster-IP', '.spec.clusterIP'),
    column('External-IP', '.status.loadBalancer.ingress[*].ip'),
    column('Port(s)', '.spec.ports[*].port'),
    AGE,
    wide('Selector', '.spec.selector'),
  ],
  endpoints: [column('Endpoints', '.subsets[*].addresses[*].ip'), AGE],
  configmaps: [AGE],
  secrets: [column('Type', '.type'), AGE],
  persistentvolumeclaims: [
    column('Status', '.status.phase'),
    column('Volume', '.spec.volumeName'),
    column('Capacity', '.status.capacity.storage'),
    column('Access Modes', '.status.accessModes[*]'),
    column('StorageClass', '.spec.storageClassName'),
    AGE,
    wide('VolumeMode', '.spec.volumeMode'),
  ],
  persistentvolumes: [
    column('Capacity', '.spec.capacity.storage'),
    column('Access Modes', '.spec.accessModes[*]'),
    column('Reclaim Policy', '.spec.persistentVolumeReclaimPolicy'),
    column('Status', '.status.phase'),
    column('Claim', '.spec.claimRef.name'),
    column('StorageClass', '.spec.storageClassName'),
    AGE,
  ],
  events: [
    column('Last Seen', '.lastTimestamp', 'date'),
    column('Type', '.type'),
    column('Reason', '.reason'),
    column('Object', '.involvedObject.name'),
    wide('Source', '.source.component'),
    column('Message', '.message'),
    column('First Seen', '.firstTimestamp', 'date', 1),
    column('Count', '.count', 'integer', 1),
  ],
  nodes: [
    column('Ready', '.status.conditions[?(@.type=="Ready")].status'),
    AGE,
    column('Version', '.status.nodeInfo.kubeletVersion'),
    wide('Internal-IP', '.status.addresses[?(@.type=="InternalIP")].address'),
  ],
  resourcequotas: [AGE, column('Used', '.status.used'), column('Hard', '.status.hard')],
  'deployments.apps': [
    integer('Desired', '.spec.replicas'),
    integer('Ready', '.status.readyReplicas'),
    integer('Up-to-date', '.status.updatedReplicas'),
    integer('Available', '.status.availableReplicas'),
    AGE,
    ...TEMPLATE_COLUMNS,
    wide('Selector', '.spec.selector.matchLabels'),
  ],
  'replicasets.apps': [
    integer('Desired', '.spec.replicas'),
    integer('Current', '.status.replicas'),
    integer('Ready', '.status.readyReplicas'),
    AGE,
    ...TEMPLATE_COLUMNS,
  ],
  'statefulsets.apps': [
    integer('Desired', '.spec.replicas'),
    integer('Ready', '.status.readyReplicas'),
    AGE,
    ...TEMPLATE_COLUMNS,
  ],
  'daemonsets.apps': [
    integer('Desired', '.status.desiredNumberScheduled'),
    integer('Current', '.status.currentNumberScheduled'),
    integer('Ready', '.status.numberReady'),
    integer('Up-to-date', '.status.updatedNumberScheduled'),
    integer('Available', '.status.numberAvailable'),
    AGE,
    ...TEMPLATE_COLUMNS,
  ],
  'jobs.batch': [
    column('Status', '.status.conditions[?(@.status=="True")].type'),
    integer('Completions', '.spec.completions'),
    integer('Succeeded', '.status.succeeded'),
    AGE,
    ...TEMPLATE_COLUMNS,
  ],
  'cronjobs.batch': [
    column('Schedule', '.spec.schedule'),
    column('Suspend', '.spec.suspend', 'boolean'),
    column('Last Schedule', '.status.lastScheduleTime', 'date'),
    AGE,
  ],
  'ingresses.networking.k8s.io': [
    column('Class', '.spec.ingressClassName'),
    column('Hosts', '.spec.rules[*].host'),
    column('Address', '.status.loadBalancer.ingress[*].ip'),
    AGE,
  ],
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
