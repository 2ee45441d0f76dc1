/** A condition as clusters have it: nothing but the type is sure to be there. */
export interface KubeCondition {
  readonly type: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly observedGeneration?: number;
}

/** The condition of that type with that status, if the object has it. */
export function conditionWith(
  conditions: readonly KubeCondition[] | undefined,
  type: string,
  status: 'True' | 'False' | 'Unknown',
): KubeCondition | undefined {
  if (!Array.isArray(conditions)) return undefined;
  return conditions.find((condition) => condition.type === type && condition.status === status);
}
