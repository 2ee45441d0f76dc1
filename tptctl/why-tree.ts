import type { Why, WhyAttempt, WhyRevision } from '../sdk/api/why.js';
import type { AttemptRef } from '../sdk/api/work.js';

/** A revision and what it woke, or an attempt and what it made. */
export type WhyNode =
  | {
      readonly kind: 'revision';
      readonly revision: WhyRevision;
      readonly children: readonly WhyNode[];
    }
  | {
      readonly kind: 'attempt';
      readonly attempt: WhyAttempt;
      readonly children: readonly WhyNode[];
    };

/**
 * The chains of an answer: what began each, newest first, and below it what followed from that, in the
 * order in which it came.
 */
export function whyTree({ revisions, attempts }: Pick<Why, 'revisions' | 'attempts'>): WhyNode[] {
  const known = new Map(attempts.map((each) => [keyOf(each), each]));
  // Who made a revision and did not live to tell of it.
  for (const { attempt } of revisions) {
    if (attempt !== undefined && !known.has(keyOf(attempt))) {
      known.set(keyOf(attempt), { ...attempt, effects: [] });
    }
  }
  const versions = new Set(revisions.map(({ resourceVersion }) => resourceVersion));
  const madeBy = groupBy(revisions, ({ attempt }) => attempt && keyOf(attempt));
  const wokenBy = groupBy([...known.values()], ({ cause }) =>
    versions.has(cause?.resourceVersion ?? '') ? cause?.resourceVersion : undefined,
  );
  const revisionNode = (revision: WhyRevision): WhyNode => ({
    kind: 'revision',
    revision,
    children: inOrder((wokenBy.get(revision.resourceVersion) ?? []).map(attemptNode)),
  });
  const attemptNode = (attempt: WhyAttempt): WhyNode => ({
    kind: 'attempt',
    attempt,
    children: inOrder((madeBy.get(keyOf(attempt)) ?? []).map(revisionNode)),
  });
  const roots = [
    ...(madeBy.get(undefined) ?? []).map(revisionNode),
    ...(wokenBy.get(undefined) ?? []).map(attemptNode),
  ];
  return inOrder(roots).toReversed();
}

/** When the node began; '' where nobody knows. */
export function timeOf(node: WhyNode): string {
  if (node.kind === 'revision') return node.revision.at;
  return node.attempt.startedAt ?? node.children.map(timeOf).find((time) => time !== '') ?? '';
}

/** As they came. Of two in one millisecond the log knows. */
function inOrder(nodes: readonly WhyNode[]): WhyNode[] {
  const version = (node: WhyNode): number =>
    Number(
      node.kind === 'revision' ? node.revision.resourceVersion : (node.attempt.foundVersion ?? 0),
    );
  return [...nodes].sort((a, b) => timeOf(a).localeCompare(timeOf(b)) || version(a) - version(b));
}

function groupBy<Item, Key>(
  items: readonly Item[],
  keyOfItem: (item: Item) => Key,
): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const group = groups.get(keyOfItem(item));
    if (group === undefined) groups.set(keyOfItem(item), [item]);
    else group.push(item);
  }
  return groups;
}

function keyOf({ uid, fence }: AttemptRef): string {
  return `${uid}/${fence}`;
}
