import type { KubeCondition } from '../kubernetes-types.js';

/**
 * The list with `next` in it, sorted by nothing: order is kept, a new type goes last.
 * `lastTransitionTime` is kept unless the status changed. Does not modify its input.
 */
export function withCondition(
  conditions: readonly KubeCondition[] | undefined,
  next: KubeCondition,
  now: string,
): KubeCondition[] {
  const old = conditions?.find((condition) => condition.type === next.type);
  const entry = {
    ...next,
    lastTransitionTime:
      old?.lastTransitionTime !== undefined && old.status === next.status
        ? old.lastTransitionTime
        : now,
  };
  return old === undefined
    ? [...(conditions ?? []), entry]
    : (conditions ?? []).map((condition) => (condition === old ? entry : condition));
}

export function conditionOf(
  conditions: readonly KubeCondition[] | undefined,
  type: string,
): KubeCondition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
