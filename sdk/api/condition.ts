export type ConditionStatus = 'True' | 'False' | 'Unknown';

/** Kubernetes' metav1.Condition. `reason` is CamelCase for machines, `message` is for people. */
export interface Condition {
  type: string;
  status: ConditionStatus;
  reason: string;
  message: string;
  observedGeneration?: number;
  lastTransitionTime: string;
}

/** Condition types that every reconciled kind uses with this meaning. */
export const ConditionType = {
  /** The spec of `observedGeneration` was acted on without error. Written by the runtime alone. */
  reconciled: 'Reconciled',
  /** The thing works for its users. Written by the reconciler of the kind. */
  ready: 'Ready',
  /** Repeated failure; still retried, slowly. Written by the runtime alone. */
  stalled: 'Stalled',
} as const;

export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}

export function isConditionTrue(
  conditions: readonly Condition[] | undefined,
  type: string,
): boolean {
  return findCondition(conditions, type)?.status === 'True';
}

/**
 * Returns the list with `next` in it. `lastTransitionTime` is kept from the old entry unless the
 * status changed, so that setting the same condition twice gives an equal list. Order is kept;
 * a new type goes last. Does not modify its input.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  next: Omit<Condition, 'lastTransitionTime'>,
  now: string,
): Condition[] {
  const old = findCondition(conditions, next.type);
  const entry: Condition = {
    ...next,
    lastTransitionTime:
      old !== undefined && old.status === next.status ? old.lastTransitionTime : now,
  };
  return old === undefined
    ? [...(conditions ?? []), entry]
    : (conditions ?? []).map((condition) => (condition === old ? entry : condition));
}

export function removeCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition[] {
  return (conditions ?? []).filter((condition) => condition.type !== type);
}
