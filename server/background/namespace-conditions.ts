import type { Condition } from '../../sdk/api/condition.js';

/** What is left of one kind in a namespace that is to end. */
export interface RemainingContent {
  readonly plural: string;
  readonly group: string;
  readonly count: number;
  /** How many of them each finalizer holds. */
  readonly finalizers: ReadonlyMap<string, number>;
  /** Why one of them could not even be asked to go. */
  readonly failure?: string;
}

type NamespaceCondition = Omit<Condition, 'lastTransitionTime'>;

/** What keeps a namespace from ending, as conditions in Kubernetes' words and order. */
export function namespaceConditions(remaining: readonly RemainingContent[]): NamespaceCondition[] {
  const failures = remaining.flatMap(({ failure }) => failure ?? []);
  const reasons = failures.length === 1 ? failures[0] : `[${failures.join(', ')}]`;
  const resources = remaining
    .filter(({ count }) => count > 0)
    .map(({ plural, group, count }) => `${plural}.${group} has ${count} resource instances`);
  const finalizers = [...countFinalizers(remaining)].map(
    ([finalizer, count]) => `${finalizer} in ${count} resource instances`,
  );
  return [
    isFalse(
      'NamespaceDeletionDiscoveryFailure',
      'ResourcesDiscovered',
      'All resources successfully discovered',
    ),
    isFalse(
      'NamespaceDeletionGroupVersionParsingFailure',
      'ParsedGroupVersions',
      'All legacy kube types successfully parsed',
    ),
    failures.length > 0
      ? isTrue(
          'NamespaceDeletionContentFailure',
          'ContentDeletionFailed',
          `Failed to delete all resource types, ${failures.length} remaining: ${reasons}`,
        )
      : isFalse(
          'NamespaceDeletionContentFailure',
          'ContentDeleted',
          'All content successfully deleted, may be waiting on finalization',
        ),
    resources.length > 0
      ? isTrue(
          'NamespaceContentRemaining',
          'SomeResourcesRemain',
          `Some resources are remaining: ${resources.sort().join(', ')}`,
        )
      : isFalse('NamespaceContentRemaining', 'ContentRemoved', 'All content successfully removed'),
    finalizers.length > 0
      ? isTrue(
          'NamespaceFinalizersRemaining',
          'SomeFinalizersRemain',
          `Some content in the namespace has finalizers remaining: ${finalizers.sort().join(', ')}`,
        )
      : isFalse(
          'NamespaceFinalizersRemaining',
          'ContentHasNoFinalizers',
          'All content-preserving finalizers finished',
        ),
  ];
}

/** The conditions with the time at which each came to say what it says; others stay as they are. */
export function withTransitionTimes(
  before: readonly Condition[],
  next: readonly NamespaceCondition[],
  now: string,
): Condition[] {
  const changed = next.map((condition) => {
    const known = before.find(({ type }) => type === condition.type);
    const isSame =
      known?.status === condition.status &&
      known.reason === condition.reason &&
      known.message === condition.message;
    return isSame ? known : { ...condition, lastTransitionTime: now };
  });
  return [...before.filter(({ type }) => !next.some((one) => one.type === type)), ...changed];
}

function countFinalizers(remaining: readonly RemainingContent[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { finalizers } of remaining) {
    for (const [name, count] of finalizers) counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

function isTrue(type: string, reason: string, message: string): NamespaceCondition {
  return { type, status: 'True', reason, message };
}

function isFalse(type: string, reason: string, message: string): NamespaceCondition {
  return { type, status: 'False', reason, message };
}
