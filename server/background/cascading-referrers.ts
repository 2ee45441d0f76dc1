import type { KindRegistry } from '../../sdk/api/registry.js';
import { referrersWith } from '../resource/blocking-references.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';

const PAGE = 500;

/**
 * The objects that go with a deleted one because they named it by a field that cascades. `ended` is the
 * object of the log's DELETED entry. Who came to be after it waits for the next of that name, and stays.
 */
export async function cascadingReferrers(
  options: {
    readonly registry: KindRegistry;
    readonly store: Pick<ObjectStore, 'referrersOf' | 'revisionsAfter'>;
  },
  ended: StoredObject,
): Promise<readonly StoredObject[]> {
  const kind = options.registry.findResource(ended.resource);
  if (kind === undefined) return [];
  const referrers = await referrersWith(options, kind, ended, 'cascade');
  const isWrittenSince = (referrer: StoredObject): boolean =>
    referrer.resourceVersion > ended.resourceVersion;
  const changed = new Set(referrers.filter(isWrittenSince).map(({ uid }) => uid));
  const later = await addedAfter(options.store, ended.resourceVersion, changed);
  return referrers.filter(({ uid }) => !later.has(uid));
}

/** Which of the objects, all written after `version`, were created after it. */
async function addedAfter(
  store: Pick<ObjectStore, 'revisionsAfter'>,
  version: number,
  uids: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  const added = new Set<string>();
  const sought = new Set(uids);
  for (let from = version; sought.size > 0;) {
    const revisions = await store.revisionsAfter(from, PAGE);
    const last = revisions.at(-1);
    if (last === undefined) break;
    for (const { type, object } of revisions) {
      // Its first entry since says what it was.
      if (sought.delete(object.uid) && type === 'ADDED') added.add(object.uid);
    }
    from = last.resourceVersion;
  }
  return added;
}
