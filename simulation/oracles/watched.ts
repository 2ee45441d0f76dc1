import type { ObjectStore, Revision } from '../../server/store/object-store.js';
import type { Sight, Watcher } from '../people/watcher.js';
import { logOf } from './stored.js';
import type { Violation } from './violation.js';

/** Whoever watched saw exactly the log: nothing left out, twice, in another order, or made up. */
export async function misseen(
  store: ObjectStore,
  watchers: readonly Watcher[],
): Promise<Violation[]> {
  const log = await logOf(store);
  return watchers.flatMap((watcher) => {
    const entries = log.filter(({ object }) => object.resource === watcher.resource);
    return watcher.sights.flatMap((sight, index) => {
      const isLast = index === watcher.sights.length - 1;
      return complaintsOf(sight, entries, isLast).map(
        (what) => `watching ${watcher.resource}: ${what}`,
      );
    });
  });
}

function complaintsOf(sight: Sight, entries: readonly Revision[], isLast: boolean): Violation[] {
  const listed = sight.listed.toSorted().join(', ');
  const was = stateAt(entries, sight.listedAt).toSorted().join(', ');
  const seen = sight.events.map(
    ({ type, uid, resourceVersion }) => `${resourceVersion} ${type} ${uid}`,
  );
  const logged = entries
    .filter(({ resourceVersion }) => resourceVersion > sight.listedAt)
    .map(({ type, object, resourceVersion }) => `${resourceVersion} ${type} ${object.uid}`);
  const expected = isLast ? logged : logged.slice(0, seen.length);
  const at = expected.findIndex((entry, index) => entry !== seen[index]);
  return [
    ...(listed === was ? [] : [`listed [${listed}] at ${sight.listedAt} in place of [${was}]`]),
    ...(at < 0 ? [] : [`saw "${seen[at] ?? 'nothing'}" in place of "${expected[at]}"`]),
    ...(seen.length > logged.length
      ? [`saw "${seen[logged.length]}", which is not in the log`]
      : []),
  ];
}

function stateAt(entries: readonly Revision[], version: number): string[] {
  const state = new Map<string, string>();
  for (const { type, object, resourceVersion } of entries) {
    if (resourceVersion > version) break;
    if (type === 'DELETED') state.delete(object.uid);
    else state.set(object.uid, `${object.uid} ${resourceVersion}`);
  }
  return [...state.values()];
}
