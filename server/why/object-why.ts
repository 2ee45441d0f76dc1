import type { StoredApiObject } from '../../sdk/api/object.js';
import type { Why } from '../../sdk/api/why.js';
import { WHY_API_VERSION } from '../../sdk/api/why.js';
import type { AttemptRef } from '../../sdk/api/work.js';
import { mapLimited } from '../../sdk/map-limited.js';
import { objectNotFound } from '../api-errors.js';
import type { ObjectTarget } from '../resource/write-request.js';
import type { StoredObject } from '../store/object-store.js';
import { waitedFor, waiting } from './dependencies.js';
import { attemptKey, WhyCollection } from './why-collection.js';
import type { WhyOptions, WhySources } from './why-collection.js';

/** How far below the object that is asked about; how many at each step. */
const OWNED_DEPTH = 3;
const OWNED_PAGE = 20;
/** Causes of causes are followed so far back. */
const CAUSE_DEPTH = 6;
const MAX_CAUSES = 50;
const READS_AT_ONCE = 4;

/**
 * Why an object is as it is: its revisions and attempts, those of what it owns, what caused them, and
 * who waits for whom.
 *
 * @throws ApiError NotFound when there is none, and the log knows of none that was.
 */
export async function whyOf(
  sources: WhySources,
  { kind, namespace, name }: ObjectTarget,
  options: WhyOptions,
): Promise<Why> {
  const { store, codec } = sources;
  const collection = new WhyCollection(sources, options);
  const live = await store.get(kind, namespace, name);
  if (live === undefined) {
    const version = await store.deletionOf(kind, namespace, name);
    const [last] = version === undefined ? [] : await store.history(version, 1, 1);
    if (last === undefined) throw objectNotFound(kind, name);
    await collection.addObject(last.object, 'asked');
    await addCauses(collection);
    return answerOf(collection);
  }
  await collection.addObject(live, 'asked');
  const owned = await addOwned(sources, collection, [live]);
  await addCauses(collection);
  const object = codec.decode(kind, live) as StoredApiObject;
  const [waitsFor, waitedForBy] = await Promise.all([
    waitedFor(sources, kind, object, owned),
    waiting(sources, kind, object),
  ]);
  return { ...answerOf(collection), waitsFor, waitedForBy };
}

/** Answers those that the owners own themselves. */
async function addOwned(
  sources: WhySources,
  collection: WhyCollection,
  owners: readonly StoredObject[],
  depth = 1,
): Promise<readonly StoredObject[]> {
  const owned: StoredObject[] = [];
  for (const { uid } of owners) {
    const page = await sources.store.dependentsOf(uid, { limit: OWNED_PAGE });
    collection.truncated ||= page.next !== undefined;
    for (const stored of page.items) {
      if (collection.objects.has(stored.uid)) continue;
      if (!collection.hasRoom) return owned;
      await collection.addObject(stored, 'owned');
      owned.push(stored);
    }
  }
  if (depth < OWNED_DEPTH && owned.length > 0) {
    await addOwned(sources, collection, owned, depth + 1);
  }
  return owned;
}

/** Adds the attempts that made the revisions, the revisions that woke those, and so on. */
export async function addCauses(collection: WhyCollection): Promise<void> {
  const asked = new Set<string>();
  const isNew = (key: string): boolean => !asked.has(key) && asked.size < 2 * MAX_CAUSES;
  for (let depth = 0; depth < CAUSE_DEPTH; depth++) {
    const refs: AttemptRef[] = [];
    for (const { attempt } of collection.revisions.values()) {
      if (attempt === undefined || collection.attempts.has(attemptKey(attempt))) continue;
      if (!isNew(attemptKey(attempt))) continue;
      asked.add(attemptKey(attempt));
      refs.push(attempt);
    }
    if (refs.length > 0) await collection.addAttempts(refs);
    const versions: string[] = [];
    for (const { cause } of collection.attempts.values()) {
      const version = cause?.resourceVersion;
      if (version === undefined || collection.revisions.has(version) || !isNew(version)) continue;
      asked.add(version);
      versions.push(version);
    }
    if (versions.length > 0) {
      await mapLimited(versions, READS_AT_ONCE, (each) => collection.addRevision(Number(each)));
    }
    if (refs.length === 0 && versions.length === 0) return;
  }
}

export function answerOf({ objects, revisions, attempts, truncated }: WhyCollection): Why {
  const version = (revision: { readonly resourceVersion: string }): number =>
    Number(revision.resourceVersion);
  return {
    apiVersion: WHY_API_VERSION,
    kind: 'Why',
    objects: [...objects.values()],
    revisions: [...revisions.values()].sort((a, b) => version(b) - version(a)),
    attempts: [...attempts.values()].sort((a, b) =>
      (b.startedAt ?? '').localeCompare(a.startedAt ?? ''),
    ),
    waitsFor: [],
    waitedForBy: [],
    ...(truncated && { truncated: true as const }),
  };
}
