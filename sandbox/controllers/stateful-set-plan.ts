import { isBeingDeleted } from '../../sdk/api/object.js';
import type { Pod, StatefulSet, WorkloadStatus } from '../kubernetes-types.js';
import { hashName } from './names.js';
import { isPodActive, isPodAvailable, isPodFinished, isPodReady } from './pods.js';

export const REVISION_LABEL = 'controller-revision-hash';

export interface StatefulSetPlan {
  /** Ordinals of pods to create, in order. */
  readonly create: readonly number[];
  readonly remove: readonly Pod[];
}

/** The revision that pods of the present template carry. */
export function revisionNameOf(statefulSet: StatefulSet): string {
  return `${statefulSet.metadata.name}-${hashName(statefulSet.spec?.template ?? {})}`;
}

export function ordinalOf(statefulSet: StatefulSet, pod: Pod): number {
  const suffix = pod.metadata.name.slice(statefulSet.metadata.name.length + 1);
  return /^\d+$/.test(suffix) ? Number(suffix) : Number.MAX_SAFE_INTEGER;
}

/**
 * The next step: pure. OrderedReady creates one pod at a time, each when those before it are ready,
 * and removes from the top; pods of an old template are replaced from the top, one at a time.
 */
export function planStatefulSet(
  statefulSet: StatefulSet,
  pods: readonly Pod[],
  nowMs: number,
): StatefulSetPlan {
  const wanted = statefulSet.spec?.replicas ?? 1;
  const parallel = statefulSet.spec?.podManagementPolicy === 'Parallel';
  const minReadySeconds = statefulSet.spec?.minReadySeconds ?? 0;
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(statefulSet, pod), pod]));
  const isHealthy = (pod: Pod): boolean =>
    isPodActive(pod) && isPodAvailable(pod, minReadySeconds, nowMs);
  const create: number[] = [];
  for (let ordinal = 0; ordinal < wanted; ordinal++) {
    const pod = byOrdinal.get(ordinal);
    if (pod === undefined) create.push(ordinal);
    else if (isPodFinished(pod) && !isBeingDeleted(pod)) return { create: [], remove: [pod] };
    if (!parallel && (pod === undefined || !isHealthy(pod))) break;
  }
  const surplus = [...byOrdinal]
    .filter(([ordinal, pod]) => ordinal >= wanted && !isBeingDeleted(pod))
    .sort(([a], [b]) => b - a)
    .map(([, pod]) => pod);
  if (create.length > 0 || surplus.length > 0) {
    return { create, remove: parallel ? surplus : surplus.slice(0, 1) };
  }
  return { create, remove: outdated(statefulSet, byOrdinal, isHealthy) };
}

function outdated(
  statefulSet: StatefulSet,
  byOrdinal: ReadonlyMap<number, Pod>,
  isHealthy: (pod: Pod) => boolean,
): Pod[] {
  const { type, rollingUpdate } = statefulSet.spec?.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  const revision = revisionNameOf(statefulSet);
  const fromTop = [...byOrdinal].sort(([a], [b]) => b - a);
  for (const [ordinal, pod] of fromTop) {
    if (ordinal < (rollingUpdate?.partition ?? 0)) return [];
    if (pod.metadata.labels?.[REVISION_LABEL] !== revision) return isBeingDeleted(pod) ? [] : [pod];
    if (!isHealthy(pod)) return [];
  }
  return [];
}

/** The status of a StatefulSet with these pods: pure. */
export function statefulSetStatus(
  statefulSet: StatefulSet,
  pods: readonly Pod[],
  nowMs: number,
): WorkloadStatus {
  const update = revisionNameOf(statefulSet);
  const active = pods.filter(isPodActive);
  const ready = active.filter(isPodReady).length;
  const minReadySeconds = statefulSet.spec?.minReadySeconds ?? 0;
  const available = active.filter((pod) => isPodAvailable(pod, minReadySeconds, nowMs)).length;
  const updated = active.filter((pod) => pod.metadata.labels?.[REVISION_LABEL] === update).length;
  const isComplete =
    updated === (statefulSet.spec?.replicas ?? 1) && updated === active.length && ready === updated;
  const before = statefulSet.status?.currentRevision ?? update;
  const current = isComplete ? update : before;
  const onCurrent = active.filter(
    (pod) => pod.metadata.labels?.[REVISION_LABEL] === current,
  ).length;
  return {
    observedGeneration: statefulSet.metadata.generation,
    replicas: active.length,
    ...(ready > 0 && { readyReplicas: ready }),
    availableReplicas: available,
    ...(onCurrent > 0 && { currentReplicas: onCurrent }),
    ...(updated > 0 && { updatedReplicas: updated }),
    currentRevision: current,
    updateRevision: update,
    collisionCount: 0,
  };
}
