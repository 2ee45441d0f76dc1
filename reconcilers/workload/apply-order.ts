import { parseApiVersion } from '../../sdk/api/object.js';

type Kinds = readonly string[];

/**
 * What must be there before what: each phase is applied after the one before it, and deleted before
 * it. Names are `Kind` in the core group, `Kind.group` elsewhere.
 */
const PHASES: readonly Kinds[] = [
  ['Namespace'],
  ['CustomResourceDefinition.apiextensions.k8s.io'],
  [
    'StorageClass.storage.k8s.io',
    'PriorityClass.scheduling.k8s.io',
    'RuntimeClass.node.k8s.io',
    'IngressClass.networking.k8s.io',
    'ResourceQuota',
    'LimitRange',
    'NetworkPolicy.networking.k8s.io',
    'ServiceAccount',
    'ClusterRole.rbac.authorization.k8s.io',
    'ClusterRoleBinding.rbac.authorization.k8s.io',
    'Role.rbac.authorization.k8s.io',
    'RoleBinding.rbac.authorization.k8s.io',
  ],
  [
    'Secret',
    'ConfigMap',
    'PersistentVolume',
    'PersistentVolumeClaim',
    'Service',
    'Endpoints',
    'EndpointSlice.discovery.k8s.io',
  ],
  [
    'Deployment.apps',
    'StatefulSet.apps',
    'DaemonSet.apps',
    'ReplicaSet.apps',
    'ReplicationController',
    'Pod',
  ],
  ['Job.batch', 'CronJob.batch'],
];

const phaseByKind = new Map(PHASES.flatMap((kinds, phase) => kinds.map((kind) => [kind, phase])));

/**
 * Phase of a kind, from 0. The last one holds all that no list names: Ingress, autoscalers,
 * disruption budgets, webhooks and custom resources, which need what the others bring.
 */
export function applyPhaseOf(object: { apiVersion: string; kind: string }): number {
  const { group } = parseApiVersion(object.apiVersion);
  return phaseByKind.get(group === '' ? object.kind : `${object.kind}.${group}`) ?? PHASES.length;
}

/** The objects by phase, first phase first; within a phase in the given order. No phase is empty. */
export function inApplyOrder<T extends { apiVersion: string; kind: string }>(
  objects: readonly T[],
): T[][] {
  const phases: T[][] = [];
  for (const object of objects) (phases[applyPhaseOf(object)] ??= []).push(object);
  return phases.filter((phase) => phase !== undefined);
}

/** The objects by phase, last phase first. */
export function inDeleteOrder<T extends { apiVersion: string; kind: string }>(
  objects: readonly T[],
): T[][] {
  return inApplyOrder(objects).reverse();
}
