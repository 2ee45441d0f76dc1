import type { ApiError } from '../../sdk/api/errors.js';
import { isApiError } from '../../sdk/api/errors.js';
import { isBeingDeleted, objectKeyOf } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import { formatTime } from '../clock.js';
import type { ClusterCache, ObjectChange } from '../cluster-cache.js';
import type { KubeCondition, Pod, ReplicaSet, WorkloadStatus } from '../kubernetes-types.js';
import { conditionOf } from './conditions.js';
import type { Controller, ControllerContext } from './controller.js';
import { randomSuffix } from './names.js';
import { ownKeys } from './owner-keys.js';
import { isPodActive, isPodAvailable, isPodReady, podFromTemplate } from './pods.js';

const RESOURCE = 'replicasets.apps';
const COMPONENT = 'replicaset-controller';

/** Keeps as many Pods as a ReplicaSet asks for, and counts them in its status. */
export const replicaSetController: Controller = {
  name: 'replicaset',
  keysFor: (change, cache) => [
    ...ownKeys(change, RESOURCE, 'ReplicaSet'),
    ...refusedKeys(change, cache),
  ],
  reconcile,
};

/** ReplicaSets whose pods were refused, when there may be room for them now. */
function refusedKeys({ resource, type, object }: ObjectChange, cache: ClusterCache): ObjectKey[] {
  const mayMakeRoom = resource === 'resourcequotas' || (resource === 'pods' && type === 'DELETED');
  if (!mayMakeRoom) return [];
  return cache
    .list<ReplicaSet>(RESOURCE, object.metadata.namespace ?? '')
    .filter(({ status }) => conditionOf(status?.conditions, 'ReplicaFailure') !== undefined)
    .map(objectKeyOf);
}

async function reconcile(key: ObjectKey, context: ControllerContext): Promise<number | undefined> {
  const { cache, client, clock } = context;
  const found = cache.get<ReplicaSet>(RESOURCE, key.namespace, key.name);
  if (found === undefined || isBeingDeleted(found)) return undefined;
  let failure: ApiError | undefined;
  try {
    await scale(found, context);
  } catch (error) {
    if (!isApiError(error, 'Forbidden') && !isApiError(error, 'Invalid')) throw error;
    failure = error;
  }
  const current = cache.get<ReplicaSet>(RESOURCE, key.namespace, key.name);
  if (current === undefined || current.metadata.uid !== found.metadata.uid) return undefined;
  const pods = cache.ownedBy<Pod>(current.metadata.uid, 'Pod').filter(isPodActive);
  const status = replicaSetStatus(current, pods, failure, clock.nowMs());
  await client.updateStatus(current, status);
  if (failure !== undefined) throw failure;
  return minReadyDelayMs(current, pods, clock.nowMs());
}

async function scale(replicaSet: ReplicaSet, context: ControllerContext): Promise<void> {
  const { cache, client, clock, events } = context;
  const wanted = replicaSet.spec?.replicas ?? 1;
  const pods = cache.ownedBy<Pod>(replicaSet.metadata.uid, 'Pod').filter(isPodActive);
  for (const pod of podsToDelete(pods, pods.length - wanted)) {
    const { namespace = '', name, uid } = pod.metadata;
    await client.delete({ resource: 'pods', namespace, name, uid });
    await events.record(replicaSet, COMPONENT, {
      type: 'Normal',
      reason: 'SuccessfulDelete',
      message: `Deleted pod: ${name}`,
    });
  }
  for (let missing = wanted - pods.length; missing > 0; missing--) {
    const name = `${replicaSet.metadata.name}-${randomSuffix(clock)}`;
    try {
      await client.create(podFromTemplate(replicaSet, replicaSet.spec?.template, name));
    } catch (error) {
      // Told once; the retries of the same failure are silent, so a full quota causes no writes.
      if (
        isApiError(error) &&
        conditionOf(replicaSet.status?.conditions, 'ReplicaFailure') === undefined
      ) {
        const message = `Error creating: ${error.message}`;
        await events.record(replicaSet, COMPONENT, {
          type: 'Warning',
          reason: 'FailedCreate',
          message,
        });
      }
      throw error;
    }
    await events.record(replicaSet, COMPONENT, {
      type: 'Normal',
      reason: 'SuccessfulCreate',
      message: `Created pod: ${name}`,
    });
  }
}

/** The pods to give up first: unscheduled, then not ready, then the newest. */
export function podsToDelete(pods: readonly Pod[], count: number): Pod[] {
  if (count <= 0) return [];
  const rank = (pod: Pod): number =>
    (pod.spec?.nodeName === undefined ? 0 : 1) + (isPodReady(pod) ? 2 : 0);
  return [...pods]
    .sort(
      (a, b) =>
        rank(a) - rank(b) ||
        b.metadata.creationTimestamp.localeCompare(a.metadata.creationTimestamp) ||
        a.metadata.name.localeCompare(b.metadata.name),
    )
    .slice(0, count);
}

/** The status of a ReplicaSet with these active pods. */
export function replicaSetStatus(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  failure: ApiError | undefined,
  nowMs: number,
): WorkloadStatus {
  const ready = pods.filter(isPodReady).length;
  const available = pods.filter((pod) =>
    isPodAvailable(pod, replicaSet.spec?.minReadySeconds ?? 0, nowMs),
  ).length;
  const conditions = failureConditions(replicaSet, failure, nowMs);
  return {
    replicas: pods.length,
    ...(pods.length > 0 && { fullyLabeledReplicas: pods.length }),
    ...(ready > 0 && { readyReplicas: ready }),
    ...(available > 0 && { availableReplicas: available }),
    observedGeneration: replicaSet.metadata.generation,
    ...(conditions.length > 0 && { conditions }),
  };
}

function failureConditions(
  replicaSet: ReplicaSet,
  failure: ApiError | undefined,
  nowMs: number,
): KubeCondition[] {
  const others = (replicaSet.status?.conditions ?? []).filter(
    (condition) => condition.type !== 'ReplicaFailure',
  );
  if (failure === undefined) return others;
  const old = conditionOf(replicaSet.status?.conditions, 'ReplicaFailure');
  return [
    ...others,
    old ?? {
      type: 'ReplicaFailure',
      status: 'True',
      reason: 'FailedCreate',
      message: failure.message,
      lastTransitionTime: formatTime(nowMs),
    },
  ];
}

function minReadyDelayMs(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  nowMs: number,
): number | undefined {
  const minReadySeconds = replicaSet.spec?.minReadySeconds ?? 0;
  const waiting = pods.some(
    (pod) => isPodReady(pod) && !isPodAvailable(pod, minReadySeconds, nowMs),
  );
  return waiting ? minReadySeconds * 1_000 : undefined;
}
