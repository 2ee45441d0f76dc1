import type { JournalAttempt } from '../../../sdk/api/journal.js';
import type { AttemptRef } from '../../../sdk/api/work.js';
import type { StoredObject, WorkCompletion } from '../object-store.js';

/** The attempts that did something, by the object that they were made at. */
export class AttemptJournal {
  readonly #attempts = new Map<string, JournalAttempt[]>();

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
  }

  /** See ObjectStore.attemptsAt. */
  at(uid: string, limit: number): JournalAttempt[] {
    return (this.#attempts.get(uid) ?? []).toReversed().slice(0, limit);
  }

  /** See ObjectStore.attempts. */
  named(refs: readonly AttemptRef[]): JournalAttempt[] {
    return refs.flatMap(({ uid, fence }) =>
      (this.#attempts.get(uid) ?? []).filter((each) => each.fence === fence),
    );
  }
}
