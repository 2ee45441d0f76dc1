import { formatTime } from '../clock.js';
import type { Deployment, KubeCondition, ReplicaSet, WorkloadStatus } from '../kubernetes-types.js';
import { conditionOf, withCondition } from './conditions.js';
import { currentReplicaSet, rollingLimits } from './deployment-plan.js';

/**
 * The status of a Deployment with these ReplicaSets: pure. Times change only with what they are the
 * time of, so the status of a settled Deployment is always the same.
 */
export function deploymentStatus(
  deployment: Deployment,
  replicaSets: readonly ReplicaSet[],
  nowMs: number,
): WorkloadStatus {
  const current = currentReplicaSet(deployment, replicaSets);
  const wanted = deployment.spec?.replicas ?? 1;
  const total = (of: (item: ReplicaSet) => number | undefined): number =>
    replicaSets.reduce((result, item) => result + (of(item) ?? 0), 0);
  const replicas = total((item) => item.status?.replicas);
  const ready = total((item) => item.status?.readyReplicas);
  const available = total((item) => item.status?.availableReplicas);
  const updated = current?.status?.replicas ?? 0;
  const unavailable = Math.max(0, total((item) => item.spec?.replicas) - available);
  const counts: WorkloadStatus = {
    observedGeneration: deployment.metadata.generation,
    ...(replicas > 0 && { replicas }),
    ...(updated > 0 && { updatedReplicas: updated }),
    ...(ready > 0 && { readyReplicas: ready }),
    ...(available > 0 && { availableReplicas: available }),
    ...(unavailable > 0 && { unavailableReplicas: unavailable }),
  };
  const now = formatTime(nowMs);
  const minimum = available >= wanted - rollingLimits(deployment).unavailable;
  let conditions = withChange(deployment.status?.conditions, availability(minimum), now);
  const complete = updated === wanted && replicas === wanted && available >= wanted;
  const progress = progressing(deployment, counts, current, complete, nowMs);
  if (progress !== undefined)
    conditions = withChange(conditions, progress, now, moved(deployment, counts));
  const failure = conditionOf(current?.status?.conditions, 'ReplicaFailure');
  conditions = conditions.filter((condition) => condition.type !== 'ReplicaFailure');
  const oldFailure = conditionOf(deployment.status?.conditions, 'ReplicaFailure');
  if (failure !== undefined) {
    conditions.push(oldFailure ?? { ...failure, lastUpdateTime: now, lastTransitionTime: now });
  }
  return { ...counts, conditions };
}

/** When the progress deadline of an unfinished rollout passes, in ms from now. */
export function deadlineDelayMs(deployment: Deployment, nowMs: number): number | undefined {
  const condition = conditionOf(deployment.status?.conditions, 'Progressing');
  if (condition?.status !== 'True' || condition.reason === 'NewReplicaSetAvailable')
    return undefined;
  return Math.max(0, deadlineMs(deployment, condition) - nowMs);
}

function deadlineMs(deployment: Deployment, condition: KubeCondition): number {
  const seconds = deployment.spec?.progressDeadlineSeconds ?? 600;
  // Times are whole seconds: one more, so that the deadline has passed by any reading of them.
  return Date.parse(condition.lastUpdateTime ?? '') + (seconds + 1) * 1_000;
}

function availability(minimum: boolean): KubeCondition {
  return minimum
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      };
}

function progressing(
  deployment: Deployment,
  counts: WorkloadStatus,
  current: ReplicaSet | undefined,
  complete: boolean,
  nowMs: number,
): KubeCondition | undefined {
  const type = 'Progressing';
  if (deployment.spec?.paused === true) {
    return { type, status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' };
  }
  if (current === undefined) return conditionOf(deployment.status?.conditions, type);
  const name = `ReplicaSet "${current.metadata.name}"`;
  const done = {
    type,
    status: 'True',
    reason: 'NewReplicaSetAvailable',
    message: `${name} has successfully progressed.`,
  };
  if (complete) return done;
  const old = conditionOf(deployment.status?.conditions, type);
  // A finished rollout stays finished when a pod of it is lost.
  if (old?.reason === done.reason && old.message === done.message) return old;
  if (moved(deployment, counts) || old === undefined || old.reason === done.reason) {
    return {
      type,
      status: 'True',
      reason: 'ReplicaSetUpdated',
      message: `${name} is progressing.`,
    };
  }
  return nowMs >= deadlineMs(deployment, old)
    ? {
        type,
        status: 'False',
        reason: 'ProgressDeadlineExceeded',
        message: `${name} has timed out progressing.`,
      }
    : old;
}

/** Whether the rollout got further since the stored status. */
function moved(deployment: Deployment, counts: WorkloadStatus): boolean {
  const old = deployment.status ?? {};
  const more = (field: 'updatedReplicas' | 'readyReplicas' | 'availableReplicas'): boolean =>
    (counts[field] ?? 0) > (old[field] ?? 0);
  return (
    more('updatedReplicas') ||
    more('readyReplicas') ||
    more('availableReplicas') ||
    counts.observedGeneration !== old.observedGeneration
  );
}

function withChange(
  conditions: readonly KubeCondition[] | undefined,
  next: KubeCondition,
  now: string,
  touched = false,
): KubeCondition[] {
  const old = conditionOf(conditions, next.type);
  const same =
    !touched &&
    old?.status === next.status &&
    old.reason === next.reason &&
    old.message === next.message;
  const lastUpdateTime = same ? (old.lastUpdateTime ?? now) : now;
  return withCondition(conditions, { ...next, lastUpdateTime }, now);
}
