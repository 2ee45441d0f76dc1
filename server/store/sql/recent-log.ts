import type { Revision, StoredObject } from '../object-store.js';

const MAX_ENTRIES = 1_000;
const MAX_CHARACTERS = 4_000_000;

/**
 * The newest entries of the log that this process wrote or read, so that its own followers need not
 * ask the database for what it has just been told. Entries never change, hence none is ever stale.
 */
export class RecentLog {
  /** By version. Versions written at once may come in any order. */
  readonly #entries = new Map<number, Revision>();
  /** Those that are the newest of an object, by its uid, and of a name, by its key. */
  readonly #newest = new Map<string, Revision>();
  #characters = 0;
  /** Every version from `#first` to `#last` is here. */
  #first = 0;
  #last = -1;
  /** The highest version that was here and is not any more. */
  #dropped = 0;

  /** Takes entries but those of long ago: what came after them may be among what was dropped. */
  add(revisions: readonly Revision[]): void {
    for (const revision of revisions) {
      const { resourceVersion } = revision;
      if (resourceVersion <= this.#dropped || this.#entries.has(resourceVersion)) continue;
      this.#entries.set(revision.resourceVersion, revision);
      this.#characters += revision.object.json.length;
      this.#extendRun(revision.resourceVersion);
      for (const key of keysOf(revision.object)) {
        const known = this.#newest.get(key)?.resourceVersion ?? 0;
        if (known < revision.resourceVersion) this.#newest.set(key, revision);
      }
    }
    for (const revision of this.#entries.values()) {
      if (this.#entries.size <= MAX_ENTRIES && this.#characters <= MAX_CHARACTERS) return;
      this.#drop(revision);
    }
  }

  /** Entries up to this version, which were not all read, say nothing of what there is now. */
  forgetUpTo(version: number): void {
    for (const revision of this.#entries.values()) {
      if (revision.resourceVersion <= version) this.#drop(revision);
    }
    this.#dropped = Math.max(this.#dropped, version);
    if (this.#last > version) return;
    this.#first = 0;
    this.#last = -1;
  }

  /** The entry that is the newest of this `nameKey`. */
  newestRevisionNamed(key: string): Revision | undefined {
    return this.#newest.get(key);
  }

  /**
   * The lowest version such that every entry after it up to `version` is here; undefined when that
   * of `version` is not.
   */
  coveredFrom(version: number): number | undefined {
    return version >= this.#first && version <= this.#last ? this.#first - 1 : undefined;
  }

  /** The object in the newest version that is here, unless that is its deletion. */
  newest(uid: string): StoredObject | undefined {
    return this.#living(uid);
  }

  /** As `newest`. */
  newestNamed(resource: string, namespace: string, name: string): StoredObject | undefined {
    return this.#living(nameKey({ resource, namespace, name }));
  }

  /**
   * The entries after `version` up to `through`, the newest version that is known of (0: none is), at
   * most `limit`; undefined when one of them is not here.
   */
  after(version: number, limit: number, through: number): readonly Revision[] | undefined {
    if (through === 0) return undefined;
    const last = Math.min(through, version + limit);
    const found: Revision[] = [];
    for (let next = version + 1; next <= last; next++) {
      const revision = this.#entries.get(next);
      if (revision === undefined) return undefined;
      found.push(revision);
    }
    return found;
  }

  #extendRun(version: number): void {
    const isFar = version > this.#last + MAX_ENTRIES;
    if (this.#last < this.#first || isFar) this.#first = this.#last = version;
    while (this.#entries.has(this.#last + 1)) this.#last += 1;
    while (this.#entries.has(this.#first - 1)) this.#first -= 1;
  }

  #living(key: string): StoredObject | undefined {
    const revision = this.#newest.get(key);
    // Before the run there may be a gap, and in it something newer.
    if (revision === undefined || revision.resourceVersion < this.#first) return undefined;
    return revision.type === 'DELETED' ? undefined : revision.object;
  }

  #drop(revision: Revision): void {
    const { resourceVersion } = revision;
    this.#entries.delete(resourceVersion);
    this.#dropped = Math.max(this.#dropped, resourceVersion);
    if (resourceVersion >= this.#first) this.#first = Math.max(this.#first, resourceVersion + 1);
    this.#characters -= revision.object.json.length;
    for (const key of keysOf(revision.object)) {
      if (this.#newest.get(key) === revision) this.#newest.delete(key);
    }
  }
}

function keysOf(object: StoredObject): readonly string[] {
  return [object.uid, nameKey(object)];
}

/** Names an object by its kind and name. No uid has a slash. */
export function nameKey(key: Pick<StoredObject, 'resource' | 'namespace' | 'name'>): string {
  return `${key.resource}/${key.namespace}/${key.name}`;
}
