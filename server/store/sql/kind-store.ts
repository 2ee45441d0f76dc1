import type { ListOptions, ObjectList, Revision, StoredObject } from '../object-store.js';
import type { Lane } from './batcher.js';
import type { Database } from './database.js';
import type { KindTable } from './kind-table.js';
import { ObjectLister } from './object-lister.js';
import { ObjectWriter } from './object-writer.js';
import { getByUidStatement, getStatement } from './read-statements.js';
import type { Statement } from './statement.js';
import { toStoredObject, type StoredRow } from './stored-row.js';
import { WorkQueue } from './work-queue.js';

export interface KindStoreOptions {
  readonly table: KindTable;
  readonly database: Database;
  /** The condition that another object blocks the deletion of row `t`; undefined: none can. */
  readonly blocked: () => string | undefined;
  /** Shared by all statements that take versions. */
  readonly lane: Lane;
  /** Told the log entries of every commit made here. */
  readonly committed: (revisions: readonly Revision[]) => void;
}

/** Everything about the objects of one kind, with its statements compiled once. */
export class KindStore {
  readonly table: KindTable;
  readonly writer: ObjectWriter;
  readonly #database: Database;
  readonly #get: Statement;
  readonly #getByUids: Statement;
  readonly #lister: ObjectLister;
  readonly #work: WorkQueue | undefined;

  constructor(options: KindStoreOptions) {
    this.table = options.table;
    this.#database = options.database;
    this.#get = getStatement(options.table);
    this.#getByUids = getByUidStatement(options.table);
    this.#lister = new ObjectLister(options.database, options.table);
    this.writer = new ObjectWriter(options);
    this.#work = options.table.reconciled ? new WorkQueue(options) : undefined;
  }

  /** @throws Error when the kind is not reconciled. */
  get work(): WorkQueue {
    if (this.#work === undefined) throw new Error(`${this.table.resource} is not reconciled`);
    return this.#work;
  }

  async get(namespace: string, name: string): Promise<StoredObject | undefined> {
    const [row] = await this.#database.run<StoredRow>(this.#get, [namespace, name]);
    return row && toStoredObject(this.table.resource, row);
  }

  async getByUids(uids: readonly string[]): Promise<readonly StoredObject[]> {
    const rows = await this.#database.run<StoredRow>(this.#getByUids, [uids]);
    return rows.map((row) => toStoredObject(this.table.resource, row));
  }

  list(options: ListOptions): Promise<ObjectList> {
    return this.#lister.list(options);
  }
}
