import type { KindDefinition } from '../../sdk/api/kind.js';
import type { JournalAttempt, JournalEntry } from '../../sdk/api/journal.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { WhyAttempt, WhyObject, WhyRevision } from '../../sdk/api/why.js';
import type { AttemptRef } from '../../sdk/api/work.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { HistoryEntry, ObjectStore, StoredObject } from '../store/object-store.js';
import { changedConditions, changedFields } from './changed-fields.js';

export interface WhySources {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly codec: ObjectCodec;
}

export interface WhyOptions {
  /** Revisions, and attempts, of each object. */
  readonly limit: number;
  /** Milliseconds since the epoch: nothing older. */
  readonly sinceMs: number;
}

/** Of objects in old revisions that one answer may be made from. */
const MAX_BYTES = 8_000_000;
const MAX_OBJECTS = 30;
/** Of one object. */
const MAX_EFFECTS = 300;

/** Gathers what an answer tells: objects, revisions and attempts, each once. */
export class WhyCollection {
  readonly objects = new Map<string, WhyObject>();
  readonly revisions = new Map<string, WhyRevision>();
  readonly attempts = new Map<string, WhyAttempt>();
  truncated = false;
  readonly #sources: WhySources;
  readonly #options: WhyOptions;
  #bytesLeft = MAX_BYTES;

  constructor(sources: WhySources, options: WhyOptions) {
    this.#sources = sources;
    this.#options = options;
  }

  /** False when the answer is full. */
  get hasRoom(): boolean {
    if (this.objects.size < MAX_OBJECTS && this.#bytesLeft > 0) return true;
    this.truncated = true;
    return false;
  }

  /** Everything of an object: its newest revisions, from this one back, and its newest attempts. */
  async addObject(stored: StoredObject, relation: WhyObject['relation']): Promise<void> {
    const { uid, resourceVersion } = stored;
    const { store, registry } = this.#sources;
    this.#addName(stored, relation);
    const named = this.objects.get(uid);
    const kind = registry.findResource(stored.resource);
    const conditions = changedConditions(undefined, this.#decoded(kind, stored));
    if (named !== undefined && conditions.length > 0) {
      this.objects.set(uid, { ...named, conditions });
    }
    const { limit } = this.#options;
    const [entries, attempts, effects] = await Promise.all([
      // One more, for what the oldest changed.
      store.history(resourceVersion, limit + 1, Math.max(1, this.#bytesLeft)),
      store.attemptsAt(uid, limit + 1),
      store.journaled({ uid, limit: MAX_EFFECTS }),
    ]);
    this.#addEntries(entries, limit);
    for (const attempt of attempts.slice(0, limit)) this.#addAttempt(attempt);
    const oldest = attempts.slice(0, limit).at(-1)?.fence ?? 0;
    this.addEffects(effects.filter(({ fence }) => attempts.length <= limit || fence >= oldest));
    this.truncated ||=
      entries.length > limit || attempts.length > limit || effects.length === MAX_EFFECTS;
  }

  /** One revision, of whatever object. */
  async addRevision(version: number): Promise<void> {
    const { store } = this.#sources;
    const entries = await store.history(version, 2, Math.max(1, this.#bytesLeft));
    for (const { object } of entries.slice(0, 1)) this.#addName(object, 'cause');
    this.#addEntries(entries, 1);
  }

  async addAttempts(refs: readonly AttemptRef[]): Promise<void> {
    for (const attempt of await this.#sources.store.attempts(refs)) {
      const { resource, uid, namespace = '', name } = attempt;
      this.#addName({ resource, uid, namespace, name }, 'cause');
      this.#addAttempt(attempt);
    }
  }

  #addName(
    {
      resource,
      uid,
      namespace,
      name,
    }: Pick<StoredObject, 'resource' | 'uid' | 'namespace' | 'name'>,
    relation: WhyObject['relation'],
  ): void {
    if (this.objects.has(uid)) return;
    this.objects.set(uid, {
      resource,
      kind: this.#sources.registry.findResource(resource)?.kind ?? resource,
      ...(namespace !== '' && { namespace }),
      name,
      uid,
      relation,
    });
  }

  #addEntries(entries: readonly HistoryEntry[], limit: number): void {
    for (const [i, entry] of entries.slice(0, limit).entries()) {
      this.#bytesLeft -= entry.object.json.length;
      const { uid } = entry.object;
      const known = this.objects.get(uid);
      if (entry.type === 'DELETED' && known !== undefined) {
        this.objects.set(uid, { ...known, deleted: true });
      }
      const version = String(entry.resourceVersion);
      if (this.revisions.has(version) || isOlder(entry.committedAt, this.#options)) continue;
      this.revisions.set(version, this.#revision(entry, entries[i + 1]));
    }
  }

  #addAttempt(attempt: JournalAttempt): void {
    if (isOlder(attempt.startedAt, this.#options)) return;
    const key = attemptKey(attempt);
    const effects = this.attempts.get(key)?.effects ?? [];
    this.attempts.set(key, { ...attempt, effects });
  }

  /** What attempts did outside; of one whose end nobody told of, all that is known. */
  addEffects(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      const { resource, uid, namespace, name, generation, foundVersion, cause, fence, ...effect } =
        entry;
      if (isOlder(effect.startedAt, this.#options)) continue;
      const known = this.attempts.get(attemptKey(entry)) ?? {
        resource,
        uid,
        ...(namespace !== undefined && { namespace }),
        name,
        fence,
        generation,
        foundVersion,
        ...(cause !== undefined && { cause }),
        startedAt: effect.startedAt,
        effects: [],
      };
      this.#addName({ resource, uid, namespace: namespace ?? '', name }, 'cause');
      this.attempts.set(attemptKey(entry), { ...known, effects: [...known.effects, effect] });
    }
  }

  #revision(entry: HistoryEntry, before: HistoryEntry | undefined): WhyRevision {
    const { object: stored, resourceVersion, type, origin, cause, committedAt } = entry;
    const kind = this.#sources.registry.findResource(stored.resource);
    const after = this.#decoded(kind, stored);
    const old = before && this.#decoded(kind, before.object);
    const isFirst = type === 'ADDED';
    const isChange = type === 'MODIFIED' && old !== undefined;
    const conditions = isChange || isFirst ? changedConditions(old, after) : [];
    return {
      uid: stored.uid,
      resourceVersion: String(resourceVersion),
      type,
      generation: after.metadata.generation,
      at: committedAt,
      ...(origin !== undefined && { origin }),
      ...(cause !== undefined && { attempt: cause }),
      ...(isChange && { changed: changedFields(old, after) }),
      ...(conditions.length > 0 && { conditions }),
    };
  }

  /** As it is stored where it can be read no more: another key, a kind that went. */
  #decoded(kind: KindDefinition | undefined, stored: StoredObject): StoredApiObject {
    const plain = (): StoredApiObject => JSON.parse(stored.json) as StoredApiObject;
    if (kind === undefined) return plain();
    try {
      return this.#sources.codec.decode(kind, stored);
    } catch {
      return plain();
    }
  }
}

export function attemptKey({ uid, fence }: AttemptRef): string {
  return `${uid}/${fence}`;
}

function isOlder(at: string | undefined, { sinceMs }: WhyOptions): boolean {
  return at !== undefined && Date.parse(at) < sinceMs;
}
