import type { StoredObject } from '../store/object-store.js';

/** `settle`: follow its owners and dependents. `delete`: it must go, whatever those are. */
export type OpenWorkType = 'settle' | 'delete';

export interface OpenItem {
  readonly resource: string;
  readonly uid: string;
  readonly work: OpenWorkType;
  /** The version of the log entry that it is due to. */
  readonly since: number;
}

/** The objects that the garbage collector is not done with, and from where a restart finds them. */
export class OpenWork {
  readonly #items = new Map<string, OpenItem>();
  /** To be looked at before the others. */
  readonly #hurried = new Set<string>();

  get isEmpty(): boolean {
    return this.#items.size === 0;
  }

  get isInAHurry(): boolean {
    return this.#hurried.size > 0;
  }

  /** Keeps the object for later; what it is due to first counts, and a deletion goes above all. */
  add({ resource, uid }: StoredObject, work: OpenWorkType, since: number): void {
    const before = this.#items.get(uid);
    const mustGo = work === 'delete' || before?.work === 'delete';
    this.#items.delete(uid);
    this.#items.set(uid, {
      resource,
      uid,
      work: mustGo ? 'delete' : 'settle',
      since: Math.min(since, before?.since ?? since),
    });
  }

  close(uid: string): void {
    this.#items.delete(uid);
    this.#hurried.delete(uid);
  }

  /** Lets the object come first, if it is waited for. */
  hurry(uid: string): void {
    if (this.#items.has(uid)) this.#hurried.add(uid);
  }

  /** Those to try next: in a hurry first, then those that were not tried for longest. */
  next(limit: number): OpenItem[] {
    const uids = new Set([...this.#hurried, ...this.#items.keys()]);
    this.#hurried.clear();
    return [...uids].slice(0, limit).flatMap((uid) => this.#items.get(uid) ?? []);
  }

  /** The version up to which nothing waits to be settled, if the log was followed up to `version`. */
  settledUpTo(version: number): number {
    return this.#upTo('settle', version);
  }

  /** As `settledUpTo`, for deletions. */
  deletedUpTo(version: number): number {
    return this.#upTo('delete', version);
  }

  #upTo(work: OpenWorkType, version: number): number {
    let upTo = version;
    for (const item of this.#items.values()) {
      if (item.work === work) upTo = Math.min(upTo, item.since - 1);
    }
    return upTo;
  }
}
