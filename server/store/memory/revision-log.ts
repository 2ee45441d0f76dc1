import type { RevisionOrigin } from '../../../sdk/api/origin.js';
import type { AttemptRef } from '../../../sdk/api/work.js';
import type { HistoryEntry, Revision, StoredObject } from '../object-store.js';
import { expired, tooLargeVersion } from '../store-errors.js';

/** An entry with the object as it was before the write; none before a creation. */
interface Entry {
  readonly revision: Revision;
  readonly previous: StoredObject | undefined;
  readonly origin: RevisionOrigin | undefined;
  readonly committedAt: number;
}

/** How a write came about, as far as it is known. */
export interface WriteCause {
  readonly cause?: AttemptRef | undefined;
  readonly origin?: RevisionOrigin | undefined;
}

/** The log: an array whose first entry has version `oldest + 1`. */
export class RevisionLog {
  #entries: Entry[] = [];
  #oldest = 0;
  readonly #now: () => number;

  /** `now`: milliseconds since the epoch. */
  constructor(now: () => number) {
    this.#now = now;
  }

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
    { previous, cause, origin }: WriteCause & { readonly previous?: StoredObject },
  ): void {
    const { resourceVersion } = object;
    const { traceparent } = origin ?? {};
    const revision = {
      resourceVersion,
      type,
      object,
      ...(cause !== undefined && { cause }),
      ...(traceparent !== undefined && { traceparent }),
    };
    this.#entries.push({ revision, previous, origin, committedAt: this.#now() });
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
    return this.#at(version)?.previous;
  }

  /** See ObjectStore.history. */
  history(version: number, limit: number, maxBytes: number): HistoryEntry[] {
    const found: HistoryEntry[] = [];
    let bytes = 0;
    for (let entry = this.#at(version); entry !== undefined && found.length < limit;) {
      const { revision, previous, origin, committedAt } = entry;
      bytes += Buffer.byteLength(revision.object.json);
      if (found.length > 0 && bytes > maxBytes) break;
      found.push({
        ...revision,
        committedAt: new Date(committedAt).toISOString(),
        ...(origin !== undefined && { origin }),
        ...(previous !== undefined && { previousVersion: previous.resourceVersion }),
      });
      entry = previous && this.#at(previous.resourceVersion);
    }
    return found;
  }

  /** See ObjectStore.deletionOf. */
  deletionOf(resource: string, namespace: string, name: string): number | undefined {
    return this.#entries.findLast(({ revision: { type, object } }) => {
      const isSame = object.name === name && object.namespace === namespace;
      return type === 'DELETED' && isSame && object.resource === resource;
    })?.revision.resourceVersion;
  }

  compact(upTo: number): void {
    const drop = Math.min(upTo, this.current) - this.#oldest;
    if (drop <= 0) return;
    this.#entries = this.#entries.slice(drop);
    this.#oldest += drop;
  }

  #at(version: number): Entry | undefined {
    return this.#entries[version - this.#oldest - 1];
  }

  #from(version: number, limit = Infinity): readonly Entry[] {
    if (version < this.#oldest) throw expired(version, this.#oldest);
    const start = version - this.#oldest;
    return this.#entries.slice(start, start + limit);
  }
}
