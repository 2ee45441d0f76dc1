import type { AttemptRef } from '../../../sdk/api/work.js';
import type { Revision, StoredObject } from '../object-store.js';
import { expired, tooLargeVersion } from '../store-errors.js';

/** An entry with the object as it was before the write; none before a creation. */
interface Entry {
  readonly revision: Revision;
  readonly previous: StoredObject | undefined;
}

/** The log: an array whose first entry has version `oldest + 1`. */
export class RevisionLog {
  #entries: Entry[] = [];
  #oldest = 0;

  get current(): number {
    return this.#oldest + this.#entries.length;
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** Appends under the version that the object carries, which must be the next one. */
  append(
    type: Revision['type'],
    object: StoredObject,
    { previous, cause }: { previous?: StoredObject; cause?: AttemptRef | undefined },
  ): void {
    const { resourceVersion } = object;
    const revision = { resourceVersion, type, object, ...(cause !== undefined && { cause }) };
    this.#entries.push({ revision, previous });
  }

  /**
   * The objects of a resource that were there at a version and changed since, as they were then.
   *
   * @throws ApiError Expired below the oldest version, Timeout above the newest.
   */
  changedSince(version: number, resource: string): readonly StoredObject[] {
    if (version > this.current) throw tooLargeVersion(version, this.current);
    return this.#from(version).flatMap(({ previous }) =>
      // The first write after the version is the one whose predecessor is not after it.
      previous?.resource === resource && previous.resourceVersion <= version ? [previous] : [],
    );
  }

  /** @throws ApiError Expired below the oldest version. */
  after(version: number, limit: number): readonly Revision[] {
    return this.#from(version, limit).map(({ revision }) => revision);
  }

  before(version: number): StoredObject | undefined {
    return this.#entries[version - this.#oldest - 1]?.previous;
  }

  compact(upTo: number): void {
    const drop = Math.min(upTo, this.current) - this.#oldest;
    if (drop <= 0) return;
    this.#entries = this.#entries.slice(drop);
    this.#oldest += drop;
  }

  #from(version: number, limit = Infinity): readonly Entry[] {
    if (version < this.#oldest) throw expired(version, this.#oldest);
    const start = version - this.#oldest;
    return this.#entries.slice(start, start + limit);
  }
}
