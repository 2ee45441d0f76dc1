import type { Deployment, ReplicaSet } from '../kubernetes-types.js';
import { hashName } from './names.js';

export const HASH_LABEL = 'pod-template-hash';
export const REVISION_ANNOTATION = 'deployment.kubernetes.io/revision';

/** What is to be done to a Deployment's ReplicaSets now. */
export interface DeploymentPlan {
  /** The name of the ReplicaSet of the present template is `<deployment>-<hash>`. */
  readonly hash: string;
  /** Replicas with which that ReplicaSet is to be created; absent when it is there. */
  readonly createWith?: number;
  /** ReplicaSets whose size changes. */
  readonly scale: readonly { readonly replicaSet: ReplicaSet; readonly replicas: number }[];
}

/**
 * The next step of a rollout: pure. `replicaSets` are all that the Deployment owns. Applying a plan
 * and planning again, as pods come and go, ends with everything in the new ReplicaSet.
 */
export function planDeployment(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
): DeploymentPlan {
  const hash = templateHash(deployment);
  const current = currentReplicaSet(deployment, replicaSets);
  const old = replicaSets.filter((candidate) => candidate !== current);
  const wanted = deployment.spec?.replicas ?? 1;
  const oldReplicas = sum(old, (replicaSet) => replicaSet.spec?.replicas);
  if (deployment.spec?.paused === true) return { hash, scale: [] };
  if (deployment.spec?.strategy?.type === 'Recreate') {
    const downs = old.filter((item) => (item.spec?.replicas ?? 0) > 0);
    const scale = downs.map((replicaSet) => ({ replicaSet, replicas: 0 }));
    const oldPodsLeft = sum(old, (item) => item.status?.replicas) > 0;
    if (downs.length > 0 || oldPodsLeft) return { hash, scale };
    if (current === undefined) return { hash, createWith: wanted, scale };
    return { hash, scale: resize(current, wanted) };
  }
  const { surge, unavailable } = rollingLimits(deployment);
  if (current === undefined) {
    return {
      hash,
      createWith: Math.min(wanted, Math.max(0, wanted + surge - oldReplicas)),
      scale: [],
    };
  }
  const present = current.spec?.replicas ?? 0;
  const room = wanted + surge - oldReplicas - present;
  const target = present > wanted ? wanted : Math.min(wanted, present + Math.max(0, room));
  return {
    hash,
    scale: [...resize(current, target), ...shrinkOld(old, current, wanted, wanted - unavailable)],
  };
}

/** The ReplicaSet of the Deployment's present template. */
export function currentReplicaSet(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
): ReplicaSet | undefined {
  const hash = templateHash(deployment);
  return replicaSets.find((replicaSet) => replicaSet.metadata.labels?.[HASH_LABEL] === hash);
}

export function revisionOf(object: ReplicaSet | Deployment): number {
  return Number(object.metadata.annotations?.[REVISION_ANNOTATION] ?? 0);
}

/** How many pods above and below the wanted number a rolling update may have. */
export function rollingLimits(deployment: Deployment): { surge: number; unavailable: number } {
  const wanted = deployment.spec?.replicas ?? 1;
  if (deployment.spec?.strategy?.type === 'Recreate') return { surge: 0, unavailable: wanted };
  const { maxSurge = '25%', maxUnavailable = '25%' } =
    deployment.spec?.strategy?.rollingUpdate ?? {};
  const surge = portion(maxSurge, wanted, Math.ceil);
  const unavailable = Math.min(wanted, portion(maxUnavailable, wanted, Math.floor));
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/** Resolves `25%` of `total`, or a plain number. */
export function portion(
  value: number | string,
  total: number,
  round: (exact: number) => number,
): number {
  if (typeof value === 'number') return value;
  return value.endsWith('%') ? round((Number(value.slice(0, -1)) * total) / 100) : Number(value);
}

function shrinkOld(
  old: readonly ReplicaSet[],
  current: ReplicaSet,
  wanted: number,
  minAvailable: number,
): { replicaSet: ReplicaSet; replicas: number }[] {
  const all = [...old, current];
  const total = sum(all, (item) => item.spec?.replicas);
  const available = sum(all, (item) => item.status?.availableReplicas);
  const currentUnavailable =
    (current.spec?.replicas ?? 0) - (current.status?.availableReplicas ?? 0);
  let budget = total - minAvailable - Math.max(0, currentUnavailable);
  let availableBudget = available - minAvailable;
  if (wanted === 0) budget = availableBudget = Infinity;
  const sizes = new Map(old.map((item) => [item, item.spec?.replicas ?? 0]));
  const oldestFirst = [...old].sort((a, b) => revisionOf(a) - revisionOf(b));
  for (const pass of ['unhealthy', 'healthy'] as const) {
    for (const item of oldestFirst) {
      const size = sizes.get(item) ?? 0;
      const healthy = Math.min(size, item.status?.availableReplicas ?? 0);
      const limit = pass === 'unhealthy' ? size - healthy : Math.max(0, availableBudget);
      const cut = Math.max(0, Math.min(size, limit, budget));
      if (pass === 'healthy') availableBudget -= cut;
      budget -= cut;
      sizes.set(item, size - cut);
    }
  }
  return old.flatMap((item) => resize(item, sizes.get(item) ?? 0));
}

function resize(
  replicaSet: ReplicaSet,
  replicas: number,
): { replicaSet: ReplicaSet; replicas: number }[] {
  return replicaSet.spec?.replicas === replicas ? [] : [{ replicaSet, replicas }];
}

function templateHash(deployment: Deployment): string {
  return hashName(deployment.spec?.template ?? {});
}

function sum(
  replicaSets: readonly ReplicaSet[],
  of: (item: ReplicaSet) => number | undefined,
): number {
  return replicaSets.reduce((total, item) => total + (of(item) ?? 0), 0);
}
