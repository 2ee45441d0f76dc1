import type { AttemptRef } from '../../../sdk/api/work.js';
import type { Revision, StoredObject } from '../object-store.js';
import { expired } from '../store-errors.js';

/** The log: an array whose first entry has version `oldest + 1`. */
export class RevisionLog {
  #entries: Revision[] = [];
  #oldest = 0;

  get current(): number {
    return this.#oldest + this.#entries.length;
  }

  get oldest(): number {
    return this.#oldest;
  }

  /** Appends under the version that the object carries, which must be the next one. */
  append(type: Revision['type'], object: StoredObject, cause?: AttemptRef): void {
    const { resourceVersion } = object;
    this.#entries.push({ resourceVersion, type, object, ...(cause !== undefined && { cause }) });
  }

  /** @throws ApiError Expired below the oldest version. */
  after(version: number, limit: number): readonly Revision[] {
    if (version < this.#oldest) throw expired(version, this.#oldest);
    const start = version - this.#oldest;
    return this.#entries.slice(start, start + limit);
  }

  compact(upTo: number): void {
    const drop = Math.min(upTo, this.current) - this.#oldest;
    if (drop <= 0) return;
    this.#entries = this.#entries.slice(drop);
    this.#oldest += drop;
  }
}
