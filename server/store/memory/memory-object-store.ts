import { ApiError } from '../../../sdk/api/errors.js';
import type { AttemptRef, WakeCause } from '../../../sdk/api/work.js';
import type { JournalEntry } from '../../../sdk/api/journal.js';
import type { KindDefinition } from '../../../sdk/api/kind.js';
import { isStorageVersion, resourceName } from '../../../sdk/api/kind.js';
import type { Labels } from '../../../sdk/api/label-selector.js';
import { anchorsOf } from '../../../sdk/api/label-selector.js';
import type { ApiObject } from '../../../sdk/api/object.js';
import type {
  ClaimOptions,
  DeletionEffect,
  DependentPage,
  DependentPlace,
  ListOptions,
  ObjectKey,
  ObjectList,
  ObjectStore,
  ObjectWrite,
  Revision,
  StoredObject,
  Wake,
  WorkClaim,
  WorkCompletion,
  WorkOutcome,
} from '../object-store.js';
import { shareClaim } from '../claim-turn.js';
import type { JournalLimits, JournalSelection } from '../journal-store.js';
import { cutPage } from '../list-page.js';
import { isSelecting, selectorsOver } from '../selecting-field.js';
import { encodeObject, joinObject, type ObjectText } from '../object-text.js';
import { alreadyExists, conflict, notFound, referenced, uidOf } from '../store-errors.js';
import { AttemptJournal } from './attempt-journal.js';
import { DependentIndex } from './dependent-index.js';
import { describe, KindShelf, type Row } from './kind-shelf.js';
import { MemoryJournal } from './memory-journal.js';
import { isReferrer } from './referrers.js';
import { RevisionLog, type WriteCause } from './revision-log.js';
import * as work from './work-state.js';

export interface MemoryObjectStoreOptions {
  readonly kinds?: Iterable<KindDefinition>;
  /** Milliseconds since the epoch; decides what is due and which lease lives. Default: Date. */
  readonly clock?: { now(): number };
}

/** Every write is one synchronous step, so nothing here can interleave. Nothing outlives the process. */
export class MemoryObjectStore implements ObjectStore {
  readonly #clock: { now(): number };
  readonly #shelves = new Map<string, KindShelf>();
  readonly #texts = new WeakMap<Row, ObjectText>();
  readonly #log = new RevisionLog(() => this.#clock.now());
  readonly #journal = new AttemptJournal(() => this.#clock.now());
  readonly #dependents = new DependentIndex();
  readonly #cursors = new Map<string, number>();
  readonly #effects = new MemoryJournal(() => this.#clock.now());
  readonly #listeners = new Set<() => void>();
  #notifying = false;
  #stopped = false;

  constructor(options: MemoryObjectStoreOptions = {}) {
    this.#clock = options.clock ?? { now: () => Date.now() };
    for (const kind of options.kinds ?? []) if (isStorageVersion(kind)) this.#add(kind);
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
  }

  async addKind(...kinds: readonly KindDefinition[]): Promise<void> {
    for (const kind of kinds) this.#add(kind);
  }

  async reindex(): Promise<void> {
    // There is no other process.
  }

  async get(kind: KindDefinition, namespace: string, name: string) {
    return this.#shelf(kind).find(namespace, name)?.stored;
  }

  async getAll(keys: readonly ObjectKey[]) {
    return keys.map(({ kind, namespace, name }) => this.#shelf(kind).find(namespace, name)?.stored);
  }

  async getByUid(kind: KindDefinition, uid: string) {
    return this.#shelf(kind).byUid.get(uid)?.stored;
  }

  recall(): undefined {
    return undefined;
  }

  recallNamed(): undefined {
    return undefined;
  }

  async list(kind: KindDefinition, options: ListOptions): Promise<ObjectList> {
    const { at = this.#log.current } = options;
    const shelf = this.#shelf(kind);
    const selected = shelf.select(options, this.#log.changedSince(at, resourceName(kind)));
    return cutPage(selected, options, { resourceVersion: at, total: selected.length });
  }

  async write(write: ObjectWrite): Promise<StoredObject> {
    const shelf = this.#shelf(write.kind);
    if (write.type === 'create') return this.#create(shelf, write.object, write);
    const uid = write.type === 'update' ? uidOf(write.object) : write.uid;
    const subject = {
      kind: write.kind,
      ...(write.type === 'update' ? { name: write.object.metadata.name } : { uid }),
    };
    const row = shelf.byUid.get(uid);
    if (row === undefined) throw notFound(subject);
    if (row.stored.resourceVersion !== write.expectedResourceVersion) throw conflict(subject);
    if (write.unlessReferenced === true && this.#isBlocked(write.kind, row)) {
      throw referenced(subject);
    }
    return write.type === 'update'
      ? this.#update(shelf, row, write.object, 'anyone', write)
      : this.#delete(shelf, row, write);
  }

  async currentVersion(): Promise<number> {
    return this.#log.current;
  }

  async oldestVersion(): Promise<number> {
    return this.#log.oldest;
  }

  async revisionsAfter(version: number, limit: number): Promise<readonly Revision[]> {
    return this.#log.after(version, limit);
  }

  async stateBefore(version: number): Promise<StoredObject | undefined> {
    return this.#log.before(version);
  }

  async attemptsAt(uid: string, limit: number) {
    return this.#journal.at(uid, limit);
  }

  async attempts(refs: readonly AttemptRef[]) {
    return this.#journal.named(refs);
  }

  async history(version: number, limit: number, maxBytes: number) {
    return this.#log.history(version, limit, maxBytes);
  }

  async deletionOf(kind: KindDefinition, namespace: string, name: string) {
    return this.#log.deletionOf(resourceName(kind), namespace, name);
  }

  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async compact(upTo: number): Promise<void> {
    this.#log.compact(upTo);
  }

  async dependentsOf(
    ownerUid: string,
    { limit, after }: { readonly limit: number; readonly after?: DependentPlace },
  ): Promise<DependentPage> {
    return this.#dependents.page(ownerUid, limit, after);
  }

  async referrersOf(
    target: KindDefinition,
    key: { readonly namespace: string; readonly name: string },
    onDelete?: DeletionEffect,
  ): Promise<readonly StoredObject[]> {
    return this.#referring(target).flatMap((shelf) =>
      shelf
        .sorted()
        .filter((row) => isReferrer(shelf.kind, row, target, key, onDelete))
        .map(({ stored }) => stored),
    );
  }

  async selectorsOf(
    target: KindDefinition,
    among: { readonly namespace: string; readonly labels?: readonly Labels[] },
  ): Promise<readonly StoredObject[]> {
    const anchors = among.labels && new Set<unknown>(anchorsOf(among.labels));
    return [...this.#shelves.values()].flatMap(({ kind, byUid }) => {
      const fields = selectorsOver(kind, target);
      if (fields.length === 0) return [];
      return [...byUid.values()]
        .filter((row) => fields.some(({ path }) => anchors?.has(row.fields.get(path)) ?? true))
        .map(({ stored }) => stored)
        .filter((stored) => isSelecting(kind, stored, { target, ...among }));
    });
  }

  async claim(kind: KindDefinition, options: ClaimOptions): Promise<readonly WorkClaim[]> {
    const now = this.#clock.now();
    const { byUid, turn } = this.#shelf(kind);
    const { uids, limit } = options;
    const candidates =
      uids === undefined
        ? [...byUid.values()]
        : [...new Set(uids)].flatMap((uid) => byUid.get(uid) ?? []);
    const due = candidates
      .flatMap(({ stored, work: state }) =>
        state !== undefined && work.isDue(state, now) ? [{ stored, state }] : [],
      )
      .sort((a, b) => work.dueAt(a.state) - work.dueAt(b.state));
    const [urgent, others] = [true, false].map((is) =>
      due.filter(({ state }) => state.urgent === is),
    );
    const chosen =
      uids === undefined
        ? shareClaim(urgent ?? [], others ?? [], limit, turn.taken)
        : due.slice(0, limit);
    const claims = chosen.map(({ stored, state }) => {
      const dueForMs = work.dueFor(state, now);
      const alive = work.lease(state, options, now);
      const { fence, failures, urgent, lostAttempts, checkpoint, cause } = state;
      const noted = checkpoint === undefined ? {} : { checkpoint };
      const woken = cause === undefined ? {} : { cause };
      const counts = { fence, failures, lostAttempts, dueForMs };
      return { object: stored, urgent, alive, ...counts, ...woken, ...noted };
    });
    if (uids === undefined) turn.count(claims);
    return claims.sort((a, b) => Number(b.urgent) - Number(a.urgent));
  }

  async countDue(kind: KindDefinition, atMost: number): Promise<number> {
    const now = this.#clock.now();
    const rows = [...this.#shelf(kind).byUid.values()];
    const due = rows.filter(
      (row) => row.work !== undefined && work.isPast(row.work.nextReconcileAt, now),
    );
    return Math.min(due.length, atMost);
  }

  async complete(completions: readonly WorkCompletion[]): Promise<readonly WorkOutcome[]> {
    return completions.map((completion) => this.#complete(completion));
  }

  async renew(
    kind: KindDefinition,
    worker: string,
    leaseMs: number,
    leases: readonly { readonly uid: string; readonly fence: number }[],
  ): Promise<readonly string[]> {
    const now = this.#clock.now();
    const { byUid } = this.#shelf(kind);
    return leases
      .filter(({ uid, fence }) => {
        const state = byUid.get(uid)?.work;
        if (state === undefined || !work.holds(state, { worker, fence }, now)) return true;
        work.extendLease(state, leaseMs, now);
        return false;
      })
      .map(({ uid }) => uid);
  }

  async wake(kind: KindDefinition, wakes: readonly Wake[]): Promise<readonly string[]> {
    const { byUid } = this.#shelf(kind);
    const woken = wakes.filter(({ uid, knownAtFence, by }) => {
      const state = byUid.get(uid)?.work;
      if (state === undefined || state.fence === knownAtFence) return false;
      const cause: WakeCause =
        by === undefined ? { reason: 'resync' } : { reason: 'dependency', ...by };
      return work.makeDue(state, cause, this.#clock.now());
    });
    return [...new Set(woken.map(({ uid }) => uid))];
  }

  async heartbeat(kind: KindDefinition, name: string, heartbeatMs: number): Promise<boolean> {
    const state = this.#shelf(kind).find('', name)?.work;
    if (state === undefined) return false;
    work.beat(state, heartbeatMs, this.#clock.now());
    return true;
  }

  journal(entries: readonly JournalEntry[]): Promise<void> {
    return this.#effects.journal(entries);
  }

  journaled(selection: JournalSelection): Promise<readonly JournalEntry[]> {
    return this.#effects.journaled(selection);
  }

  async compactJournal(limits: JournalLimits): Promise<number> {
    return this.#effects.compact(limits) + this.#journal.compact(limits);
  }

  async cursor(name: string): Promise<number> {
    return this.#cursors.get(name) ?? 0;
  }

  async setCursor(name: string, version: number): Promise<void> {
    this.#cursors.set(name, version);
  }

  async checkWritable(): Promise<void> {
    if (this.#stopped) throw new ApiError('ServiceUnavailable', 'the object store is stopped');
  }

  #complete(completion: WorkCompletion): WorkOutcome {
    const now = this.#clock.now();
    const shelf = this.#shelf(completion.kind);
    const row = shelf.byUid.get(completion.uid);
    if (row?.work === undefined) return { outcome: 'gone' };
    if (!work.holds(row.work, completion, now)) return { outcome: 'fenced' };
    const { write } = completion;
    if (write !== undefined && write.expectedResourceVersion !== row.stored.resourceVersion) {
      return { outcome: 'conflict' };
    }
    const { uid, fence, origin } = completion;
    const by = { cause: { uid, fence }, origin };
    if (write?.type === 'delete') {
      this.#journal.add(completion, row.stored, this.#delete(shelf, row, by));
      return { outcome: 'done', ...work.converge(row.work, completion, now) };
    }
    const object =
      write === undefined ? undefined : this.#update(shelf, row, write.object, 'lease-holder', by);
    this.#journal.add(completion, row.stored, object);
    const outcome = work.isDirty(row.work) ? 'dirty' : 'done';
    work.handBack(row.work, completion, { now, generation: row.generation });
    const converged = work.converge(row.work, completion, now);
    return { outcome, ...(object !== undefined && { object }), ...converged };
  }

  #create(shelf: KindShelf, object: ApiObject, by: WriteCause): StoredObject {
    const uid = uidOf(object);
    const { name, namespace = '' } = object.metadata;
    if (shelf.find(namespace, name) !== undefined || shelf.byUid.has(uid)) {
      throw alreadyExists({ kind: shelf.kind, name });
    }
    const content = describe(shelf.kind, object);
    const text = encodeObject(object);
    const stored = this.#stored(shelf, { uid, namespace, name }, text);
    const state =
      shelf.kind.reconciled === undefined
        ? undefined
        : work.newWorkState(changeOf(stored, by), this.#clock.now());
    const row: Row = { stored, ...content, work: state };
    this.#texts.set(row, text);
    shelf.add(row);
    this.#dependents.set(row, []);
    this.#commit('ADDED', stored, by);
    return stored;
  }

  #update(
    shelf: KindShelf,
    row: Row,
    object: ApiObject,
    writer: 'anyone' | 'lease-holder',
    by: WriteCause,
  ): StoredObject {
    const content = describe(shelf.kind, object);
    const text = encodeObject(object);
    const regenerated = content.generation !== row.generation;
    const { stored: previous, owners } = row;
    const stored = this.#stored(shelf, previous, text);
    Object.assign(row, content, { stored });
    this.#dependents.set(row, owners);
    this.#texts.set(row, text);
    if (writer === 'anyone' && row.work !== undefined) {
      const cause = changeOf(stored, by);
      work.makeDue(row.work, cause, this.#clock.now());
      row.work.cause = cause;
      if (regenerated) work.regenerate(row.work, this.#clock.now());
    }
    this.#commit('MODIFIED', stored, by, previous);
    return stored;
  }

  #delete(shelf: KindShelf, row: Row, by: WriteCause): StoredObject {
    const text = this.#texts.get(row);
    if (text === undefined) throw new Error(`no text of ${row.stored.name}`);
    const stored = this.#stored(shelf, row.stored, text);
    shelf.remove(row);
    this.#dependents.remove(row);
    this.#commit('DELETED', stored, by, row.stored);
    return stored;
  }

  #stored(
    shelf: KindShelf,
    { uid, namespace, name }: Pick<StoredObject, 'uid' | 'namespace' | 'name'>,
    text: ObjectText,
  ): StoredObject {
    const resourceVersion = this.#log.current + 1;
    const json = joinObject(text, resourceVersion);
    return { resource: resourceName(shelf.kind), uid, namespace, name, resourceVersion, json };
  }

  #commit(
    type: Revision['type'],
    stored: StoredObject,
    { cause, origin }: WriteCause,
    previous?: StoredObject,
  ): void {
    this.#log.append(type, stored, { cause, origin, ...(previous !== undefined && { previous }) });
    if (this.#notifying || this.#listeners.size === 0) return;
    this.#notifying = true;
    setImmediate(() => {
      this.#notifying = false;
      for (const listener of this.#listeners) listener();
    });
  }

  #isBlocked(target: KindDefinition, { stored }: Row): boolean {
    return this.#referring(target).some(({ kind, byUid }) =>
      [...byUid.values()].some(
        (row) => row.stored.uid !== stored.uid && isReferrer(kind, row, target, stored, 'block'),
      ),
    );
  }

  /** The objects of those kinds that can refer to the target's: mostly none. */
  #referring(target: KindDefinition): KindShelf[] {
    return [...this.#shelves.values()].filter(({ kind }) =>
      kind.references.some((field) => field.group === target.group && field.kind === target.kind),
    );
  }

  #add(kind: KindDefinition): void {
    const resource = resourceName(kind);
    const shelf = this.#shelves.get(resource);
    if (shelf === undefined) this.#shelves.set(resource, new KindShelf(kind));
    else if (shelf.kind !== kind) shelf.redefine(kind);
  }

  #shelf(kind: KindDefinition): KindShelf {
    if (this.#stopped) throw new ApiError('ServiceUnavailable', 'the object store is stopped');
    const shelf = this.#shelves.get(resourceName(kind));
    if (shelf === undefined) {
      throw new Error(`the object store does not know ${resourceName(kind)}; call addKind first`);
    }
    return shelf;
  }
}

function changeOf({ resourceVersion }: StoredObject, { origin }: WriteCause): WakeCause {
  const { traceparent } = origin ?? {};
  return {
    reason: 'change',
    resourceVersion: String(resourceVersion),
    ...(traceparent !== undefined && { traceparent }),
  };
}
