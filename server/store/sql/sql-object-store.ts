import { ApiError, isApiError } from '../../../sdk/api/errors.js';
import type { JournalAttempt, JournalEntry } from '../../../sdk/api/journal.js';
import type { KindDefinition } from '../../../sdk/api/kind.js';
import { isStorageVersion, resourceName } from '../../../sdk/api/kind.js';
import type { Labels } from '../../../sdk/api/label-selector.js';
import { anchorsOf } from '../../../sdk/api/label-selector.js';
import type { AttemptRef } from '../../../sdk/api/work.js';
import type {
  ClaimOptions,
  DeletionEffect,
  DependentPage,
  DependentPlace,
  HistoryEntry,
  ListOptions,
  ObjectKey,
  ObjectList,
  ObjectStore,
  ObjectWrite,
  Revision,
  StoreCounts,
  StoredObject,
  Wake,
  WorkClaim,
  WorkCompletion,
  WorkOutcome,
} from '../object-store.js';
import type { JournalLimits, JournalSelection } from '../journal-store.js';
import { isSelecting } from '../selecting-field.js';
import { Batcher, Lane } from './batcher.js';
import { CommitFeed } from './commit-feed.js';
import { Cursors } from './cursors.js';
import { Database, type DatabaseOptions } from './database.js';
import { JournalReader } from './journal-reader.js';
import { KindRoom } from './kind-room.js';
import { ensureKindTables, readyColumns } from './kind-schema.js';
import { KindStore } from './kind-store.js';
import { kindTable, type KindTable } from './kind-table.js';
import { migrate } from './migrations.js';
import { ReadCache } from './read-cache.js';
import { OWNED_BY } from './read-statements.js';
import { RecentLog } from './recent-log.js';
import { blockedCondition, referrerStatement } from './referrer-statement.js';
import { RevisionReader } from './revision-reader.js';
import { selectorStatement } from './selector-statement.js';
import type { Statement } from './statement.js';
import { SqlJournal } from './sql-journal.js';
import { toStoredObject, type StoredRow } from './stored-row.js';
import { WriteOutcomes } from './write-outcomes.js';
import { PROBE_WRITE } from './write-probe.js';

export interface SqlObjectStoreOptions extends DatabaseOptions {
  readonly kinds?: Iterable<KindDefinition>;
  /** How often other processes' commits are looked for while somebody listens. Default 1,000. */
  readonly pollMs?: number;
}

/**
 * All writing statements queue for one row, the counter, until the one before has committed. Two at a
 * time let the second be sent and planned meanwhile; more would only hold connections.
 */
const WRITING_STATEMENTS = 2;

/** Objects in PostgreSQL, or CockroachDB. Any number of stores may work on one database. */
export class SqlObjectStore implements ObjectStore {
  readonly #database: Database;
  readonly #cursors: Cursors;
  readonly #effects: SqlJournal;
  readonly #log: RevisionReader;
  readonly #journal: JournalReader;
  readonly #commits: CommitFeed;
  readonly #recent = new RecentLog();
  readonly #reads = new ReadCache(this.#recent);
  readonly #lane = new Lane(WRITING_STATEMENTS);
  readonly #outcomes = new WriteOutcomes();
  readonly #kinds = new Map<string, KindStore>();
  /** One connection at a time, whatever many kinds get their first object at once. */
  readonly #tablesToMake: Batcher<KindTable, undefined>;
  readonly #firstKinds: readonly KindDefinition[];
  readonly #referrerStatements = new Map<string, Statement | undefined>();
  readonly #selectorStatements = new Map<string, Statement | undefined>();
  readonly #running = new Set<Promise<unknown>>();
  #stopped = false;

  constructor(options: SqlObjectStoreOptions) {
    this.#database = new Database(options);
    this.#cursors = new Cursors(this.#database);
    this.#effects = new SqlJournal(this.#database);
    this.#log = new RevisionReader(this.#database, this.#cursors);
    this.#journal = new JournalReader(this.#database);
    this.#commits = new CommitFeed(() => this.currentVersion(), options.pollMs ?? 1_000);
    this.#tablesToMake = new Batcher({
      lane: new Lane(1),
      keyOf: ({ resource }: KindTable) => resource,
      sizeOf: () => 0,
      run: async (tables: readonly KindTable[]) => {
        await ensureKindTables(this.#database, tables);
        return tables.map(() => undefined);
      },
    });
    this.#firstKinds = [...(options.kinds ?? [])].filter(isStorageVersion);
  }

  get counts(): StoreCounts {
    return this.#database.counts;
  }

  /** Tries until the database is there and ready, or `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#database.waitUntilReachable(signal);
      try {
        await migrate(this.#database);
        const tables = this.#firstKinds.map(kindTable);
        await ensureKindTables(this.#database, tables);
        this.#addTables(tables, tables);
        return;
      } catch (error) {
        // It went away again; every step may be repeated.
        if (!isApiError(error, 'ServiceUnavailable') || this.#stopped) throw error;
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#commits.stop();
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    await this.#database.close();
  }

  async addKind(...kinds: readonly KindDefinition[]): Promise<void> {
    const changed = kinds.filter(
      (kind) => this.#kinds.get(resourceName(kind))?.table.kind !== kind,
    );
    if (changed.length > 0) await this.#run(() => this.#addKinds(changed));
  }

  reindex(kind: KindDefinition): Promise<void> {
    return this.#run(() => this.#kind(kind).reindex());
  }

  get(kind: KindDefinition, namespace: string, name: string): Promise<StoredObject | undefined> {
    return this.#run(() => this.#kind(kind).get(namespace, name));
  }

  /** One look at the counter tells which of the objects that this process knows still hold. */
  getAll(keys: readonly ObjectKey[]): Promise<readonly (StoredObject | undefined)[]> {
    return this.#run(async () => {
      const { value: version } = await this.#log.current();
      return Promise.all(
        keys.map(async ({ kind, namespace, name }) => {
          const key = { resource: resourceName(kind), namespace, name };
          const known = this.#reads.find(key, version);
          if (known !== undefined) return known.object;
          const object = await this.#kind(kind).get(namespace, name);
          this.#reads.note(key, object, version);
          return object;
        }),
      );
    });
  }

  getByUid(kind: KindDefinition, uid: string): Promise<StoredObject | undefined> {
    return this.#run(async () => (await this.#kind(kind).getByUids([uid]))[0]);
  }

  recall(uid: string): StoredObject | undefined {
    return this.#recent.newest(uid);
  }

  recallNamed(kind: KindDefinition, namespace: string, name: string): StoredObject | undefined {
    return this.#recent.newestNamed(resourceName(kind), namespace, name);
  }

  list(kind: KindDefinition, options: ListOptions): Promise<ObjectList> {
    return this.#run(() => this.#kind(kind).list(options));
  }

  write(write: ObjectWrite): Promise<StoredObject> {
    return this.#run(() => this.#outcomes.note(this.#kind(write.kind).write(write)));
  }

  currentVersion(): Promise<number> {
    return this.#run(async () => (await this.#log.current()).value);
  }

  oldestVersion(): Promise<number> {
    return this.#run(async () => (await this.#log.current()).compacted);
  }

  revisionsAfter(
    version: number,
    limit: number,
    options: { readonly following?: boolean } = {},
  ): Promise<readonly Revision[]> {
    return this.#run(async () => {
      const known =
        options.following === true
          ? this.#recent.after(version, limit, this.#commits.seen)
          : undefined;
      if (known !== undefined) return known;
      try {
        const revisions = await this.#log.after(version, limit);
        this.#recent.add(revisions);
        return revisions;
      } catch (error) {
        if (options.following === true && isApiError(error, 'Expired')) await this.#skipGap();
        throw error;
      }
    });
  }

  stateBefore(version: number): Promise<StoredObject | undefined> {
    return this.#run(() => this.#log.before(version));
  }

  history(version: number, limit: number, maxBytes: number): Promise<readonly HistoryEntry[]> {
    return this.#run(() => this.#log.history(version, limit, maxBytes));
  }

  deletionOf(kind: KindDefinition, namespace: string, name: string): Promise<number | undefined> {
    return this.#run(() => this.#log.deletionOf(resourceName(kind), namespace, name));
  }

  attemptsAt(uid: string, limit: number): Promise<readonly JournalAttempt[]> {
    return this.#run(() => this.#journal.attemptsAt(uid, limit));
  }

  attempts(refs: readonly AttemptRef[]): Promise<readonly JournalAttempt[]> {
    return this.#run(() => this.#journal.attempts(refs));
  }

  onCommit(listener: () => void): () => void {
    return this.#commits.listen(listener);
  }

  compact(upTo: number): Promise<void> {
    return this.#run(() => this.#log.compact(upTo));
  }

  dependentsOf(
    ownerUid: string,
    { limit, after }: { readonly limit: number; readonly after?: DependentPlace },
  ): Promise<DependentPage> {
    return this.#run(async () => {
      const rows = await this.#database.run<{ resource: string; uid: string }>(OWNED_BY, [
        ownerUid,
        after?.resource ?? '',
        after?.uid ?? '',
        limit,
      ]);
      const owned = new Map<string, string[]>();
      for (const { resource, uid } of rows) {
        const uids = owned.get(resource);
        if (uids === undefined) owned.set(resource, [uid]);
        else uids.push(uid);
      }
      // Kinds that only another process knows yet cannot be read here.
      const dependents = [...owned].map(
        ([resource, uids]) => this.#kinds.get(resource)?.getByUids(uids) ?? [],
      );
      const items = (await Promise.all(dependents)).flat();
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { items, ...(last !== undefined && { next: last }) };
    });
  }

  referrersOf(
    target: KindDefinition,
    key: { readonly namespace: string; readonly name: string },
    onDelete?: DeletionEffect,
  ): Promise<readonly StoredObject[]> {
    return this.#run(async () => {
      const statement = this.#referrerStatement(target, onDelete);
      if (statement === undefined) return [];
      const values = target.namespaced ? [key.name, key.namespace] : [key.name];
      const rows = await this.#database.run<StoredRow & { resource: string }>(statement, values);
      return rows.map((row) => toStoredObject(row.resource, row));
    });
  }

  selectorsOf(
    target: KindDefinition,
    among: { readonly namespace: string; readonly labels?: readonly Labels[] },
  ): Promise<readonly StoredObject[]> {
    return this.#run(async () => {
      const statement = this.#selectorStatement(target, among.labels !== undefined);
      if (statement === undefined) return [];
      const values = [among.labels === undefined ? null : anchorsOf(among.labels), among.namespace];
      const rows = await this.#database.run<StoredRow & { resource: string }>(statement, values);
      return rows.flatMap((row) => {
        const kind = this.#kinds.get(row.resource)?.table.kind;
        const stored = toStoredObject(row.resource, row);
        return kind !== undefined && isSelecting(kind, stored, { target, ...among })
          ? [stored]
          : [];
      });
    });
  }

  claim(kind: KindDefinition, options: ClaimOptions): Promise<readonly WorkClaim[]> {
    return this.#run(() => this.#kind(kind).work.claim(options));
  }

  countDue(kind: KindDefinition, atMost: number): Promise<number> {
    return this.#run(() => this.#kind(kind).countDue(atMost));
  }

  complete(completions: readonly WorkCompletion[]): Promise<readonly WorkOutcome[]> {
    return this.#run(() =>
      Promise.all(
        completions.map((completion) =>
          this.#outcomes.note(this.#kind(completion.kind).work.complete(completion)),
        ),
      ),
    );
  }

  renew(
    kind: KindDefinition,
    worker: string,
    leaseMs: number,
    leases: readonly { readonly uid: string; readonly fence: number }[],
  ): Promise<readonly string[]> {
    return this.#run(() => this.#kind(kind).work.renew(worker, leaseMs, leases));
  }

  wake(kind: KindDefinition, wakes: readonly Wake[]): Promise<readonly string[]> {
    return this.#run(async () => {
      const store = this.#kind(kind);
      return store.table.reconciled ? store.work.wake(wakes) : [];
    });
  }

  heartbeat(kind: KindDefinition, name: string, heartbeatMs: number): Promise<boolean> {
    return this.#run(() => this.#kind(kind).work.heartbeat(name, heartbeatMs));
  }

  journal(entries: readonly JournalEntry[]): Promise<void> {
    return this.#run(() => this.#effects.journal(entries));
  }

  journaled(selection: JournalSelection): Promise<readonly JournalEntry[]> {
    return this.#run(() => this.#effects.journaled(selection));
  }

  compactJournal(limits: JournalLimits): Promise<number> {
    return this.#run(() => this.#effects.compactJournal(limits));
  }

  cursor(name: string): Promise<number> {
    return this.#run(() => this.#cursors.get(name));
  }

  setCursor(name: string, version: number): Promise<void> {
    return this.#run(() => this.#cursors.set(name, version));
  }

  checkWritable(): Promise<void> {
    return this.#run(async () => {
      try {
        await this.#database.run(PROBE_WRITE);
      } catch (error) {
        // This sees the fault by itself, and will see its end.
        this.#outcomes.forget();
        throw error;
      }
      this.#outcomes.assertGood();
    });
  }

  async #addKinds(kinds: readonly KindDefinition[]): Promise<void> {
    const tables = kinds.map(kindTable);
    const known = await readyColumns(this.#database, tables);
    // What is there changes now. The rest may wait for its first object, unless statements about other
    // kinds or about work name it.
    const eager = tables.filter(
      ({ resource, reconciled, kind }) => known.has(resource) || reconciled || looksAtOthers(kind),
    );
    if (eager.length > 0) await ensureKindTables(this.#database, eager);
    this.#addTables(tables, eager);
  }

  #addTables(tables: readonly KindTable[], ready: readonly KindTable[]): void {
    const isReady = new Set(ready);
    // Most kinds refer to none: nothing changes for those that are there.
    let refers = false;
    for (const table of tables) {
      const before = this.#kinds.get(table.resource)?.table.kind;
      refers ||= looksAtOthers(table.kind) || (before !== undefined && looksAtOthers(before));
      this.#kinds.set(
        table.resource,
        new KindStore({
          table,
          database: this.#database,
          room: new KindRoom({
            database: this.#database,
            table,
            tables: this.#tablesToMake,
            isThere: isReady.has(table),
          }),
          lane: this.#lane,
          blocked: () => blockedCondition(table.kind, this.#tables()),
          committed: (revisions) => this.#committed(revisions),
        }),
      );
    }
    if (!refers) return;
    this.#referrerStatements.clear();
    this.#selectorStatements.clear();
    for (const kind of this.#kinds.values()) kind.forgetReferrers();
  }

  /** Whoever follows goes on from now: nobody here reads what was committed in between. */
  async #skipGap(): Promise<void> {
    this.#recent.forgetUpTo((await this.#log.current()).value);
  }

  #committed(revisions: readonly Revision[]): void {
    this.#recent.add(revisions);
    for (const { resourceVersion } of revisions) this.#commits.committed(resourceVersion);
  }

  #referrerStatement(target: KindDefinition, onDelete?: DeletionEffect): Statement | undefined {
    const key = `${resourceName(target)} ${onDelete ?? ''}`;
    if (!this.#referrerStatements.has(key)) {
      this.#referrerStatements.set(key, referrerStatement(target, this.#tables(), onDelete));
    }
    return this.#referrerStatements.get(key);
  }

  #selectorStatement(target: KindDefinition, isAnchored: boolean): Statement | undefined {
    const key = `${resourceName(target)} ${isAnchored}`;
    if (!this.#selectorStatements.has(key)) {
      const made = selectorStatement(target, this.#tables(), isAnchored);
      this.#selectorStatements.set(key, made);
    }
    return this.#selectorStatements.get(key);
  }

  /** Of the kinds that refer to any, or select any. */
  #tables(): readonly KindTable[] {
    return [...this.#kinds.values()]
      .map(({ table }) => table)
      .filter(({ kind }) => looksAtOthers(kind));
  }

  #kind(kind: KindDefinition): KindStore {
    const store = this.#kinds.get(resourceName(kind));
    if (store === undefined) {
      throw new Error(`the object store does not know ${resourceName(kind)}; call addKind first`);
    }
    return store;
  }

  /** Counts the call among those that stop() waits for. */
  #run<Result>(call: () => Promise<Result>): Promise<Result> {
    if (this.#stopped) {
      return Promise.reject(new ApiError('ServiceUnavailable', 'the object store is stopped'));
    }
    const running = Promise.resolve().then(call);
    this.#running.add(running);
    const done = (): void => void this.#running.delete(running);
    running.then(done, done);
    return running;
  }
}

function looksAtOthers({ references, selectors = [] }: KindDefinition): boolean {
  return references.length > 0 || selectors.length > 0;
}
