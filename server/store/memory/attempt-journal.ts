import type { JournalAttempt } from '../../../sdk/api/journal.js';
import type { AttemptRef } from '../../../sdk/api/work.js';
import type { JournalLimits } from '../journal-store.js';
import type { StoredObject, WorkCompletion } from '../object-store.js';

/** The attempts that did something, by the object that they were made at. */
export class AttemptJournal {
  readonly #attempts = new Map<string, JournalAttempt[]>();
  readonly #now: () => number;
  /** In the order in which they came. */
  #order: { readonly uid: string; readonly fence: number; readonly endedAt: number }[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `object`: as the attempt found it; `written`: what its completion made of it. */
  add(
    { attempt, fence, worker }: WorkCompletion,
    { resource, uid, namespace, name }: StoredObject,
    written: StoredObject | undefined,
  ): void {
    if (attempt === undefined) return;
    const entry = {
      resource,
      uid,
      ...(namespace !== '' && { namespace }),
      name,
      fence,
      worker,
      ...(written !== undefined && { resourceVersion: String(written.resourceVersion) }),
      ...attempt,
    };
    const known = this.#attempts.get(uid) ?? [];
    if (known.some((each) => each.fence === fence)) return;
    this.#attempts.set(uid, [...known, entry]);
    this.#order.push({ uid, fence, endedAt: this.#now() });
  }

  /** See ObjectStore.attemptsAt. */
  at(uid: string, limit: number): JournalAttempt[] {
    return (this.#attempts.get(uid) ?? []).toReversed().slice(0, limit);
  }

  /** See ObjectStore.compactJournal. */
  compact({ maxAgeMs, maxEntries }: JournalLimits): number {
    const oldest = this.#now() - maxAgeMs;
    const tooMany = this.#order.length - maxEntries;
    const isDropped = ({ endedAt }: { endedAt: number }, index: number): boolean =>
      index < tooMany || endedAt < oldest;
    const dropped = this.#order.filter(isDropped);
    this.#order = this.#order.filter((each, index) => !isDropped(each, index));
    for (const { uid, fence } of dropped) {
      const left = (this.#attempts.get(uid) ?? []).filter((each) => each.fence !== fence);
      if (left.length > 0) this.#attempts.set(uid, left);
      else this.#attempts.delete(uid);
    }
    return dropped.length;
  }

  /** See ObjectStore.attempts. */
  named(refs: readonly AttemptRef[]): JournalAttempt[] {
    return refs.flatMap(({ uid, fence }) =>
      (this.#attempts.get(uid) ?? []).filter((each) => each.fence === fence),
    );
  }
}
