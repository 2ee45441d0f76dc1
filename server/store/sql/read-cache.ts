import type { StoredObject } from '../object-store.js';
import { nameKey, type RecentLog } from './recent-log.js';

/** Names one object of one kind. */
export interface ObjectName {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

interface Known {
  readonly object: StoredObject | undefined;
  /** Read when this was the newest version committed, or later. */
  readonly asOf: number;
}

const MAX_OBJECTS = 1_000;
const MAX_CHARACTERS = 4_000_000;

/**
 * Objects as they were read, which hold as long as the log has nothing newer of them. Never stale:
 * who asks says which version is committed, and what is not known up to there is not answered.
 */
export class ReadCache {
  readonly #log: RecentLog;
  /** The one used longest ago first. */
  readonly #known = new Map<string, Known>();
  #characters = 0;

  constructor(log: RecentLog) {
    this.#log = log;
  }

  /** The object (or that there is none) at `version` or later; undefined when it must be read. */
  find(
    key: ObjectName,
    version: number,
  ): { readonly object: StoredObject | undefined } | undefined {
    const id = nameKey(key);
    const coveredFrom = this.#log.coveredFrom(version);
    const newest = this.#log.newestRevisionNamed(id);
    const known = this.#known.get(id);
    const holdsAfter = Math.max(coveredFrom ?? Infinity, known?.asOf ?? 0);
    if (newest !== undefined && newest.resourceVersion > holdsAfter) {
      return { object: newest.type === 'DELETED' ? undefined : newest.object };
    }
    if (known === undefined || known.asOf < Math.min(version, coveredFrom ?? version)) {
      return undefined;
    }
    this.#known.delete(id);
    this.#known.set(id, known);
    return known;
  }

  /** Notes what was read after `version` was known to be committed. */
  note(key: ObjectName, object: StoredObject | undefined, version: number): void {
    const id = nameKey(key);
    this.#drop(id);
    this.#known.set(id, { object, asOf: version });
    this.#characters += object?.json.length ?? 0;
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MAX_OBJECTS && this.#characters <= MAX_CHARACTERS) return;
      this.#drop(oldest);
    }
  }

  #drop(id: string): void {
    const known = this.#known.get(id);
    this.#characters -= known?.object?.json.length ?? 0;
    this.#known.delete(id);
  }
}
