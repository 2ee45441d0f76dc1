import type { DependentPlace, ObjectStore, StoredObject } from '../store/object-store.js';

const PAGE = 200;
/** As many workers as Kubernetes' collector has. */
const AT_ONCE = 20;

/**
 * The objects that an owner has, however many: a page of them is in memory at a time. What is deleted
 * or disowned meanwhile is not met twice, and what comes meanwhile may be met or not.
 */
export async function* dependentPages(
  store: Pick<ObjectStore, 'dependentsOf'>,
  ownerUid: string,
): AsyncGenerator<readonly StoredObject[]> {
  let after: DependentPlace | undefined;
  do {
    const options = { limit: PAGE, ...(after !== undefined && { after }) };
    const page = await store.dependentsOf(ownerUid, options);
    yield page.items;
    after = page.next;
  } while (after !== undefined);
}

/** True when one of them is as wanted; looks no further than that. */
export async function hasDependent(
  store: Pick<ObjectStore, 'dependentsOf'>,
  ownerUid: string,
  isWanted: (dependent: StoredObject) => boolean = () => true,
): Promise<boolean> {
  for await (const page of dependentPages(store, ownerUid)) {
    if (page.some(isWanted)) return true;
  }
  return false;
}

/**
 * Does something for each of them, several at a time: their writes then share commits. Waits for all;
 * the first failure is thrown.
 */
export async function forEachDependent(
  store: Pick<ObjectStore, 'dependentsOf'>,
  ownerUid: string,
  work: (dependent: StoredObject) => Promise<void>,
): Promise<void> {
  for await (const page of dependentPages(store, ownerUid)) {
    for (let i = 0; i < page.length; i += AT_ONCE) {
      const outcomes = await Promise.allSettled(page.slice(i, i + AT_ONCE).map(work));
      const failure = outcomes.find(({ status }) => status === 'rejected');
      if (failure?.status === 'rejected') throw failure.reason;
    }
  }
}
