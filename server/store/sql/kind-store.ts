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

/**
 * Everything about the objects of one kind, with its statements compiled once: when the first one is
 * needed, for of thousands of kinds few are in use.
 */
export class KindStore {
  readonly table: KindTable;
  readonly #options: KindStoreOptions;
  #get: Statement | undefined;
  #getByUids: Statement | undefined;
  #lister: ObjectLister | undefined;
  #writer: ObjectWriter | undefined;
  #work: WorkQueue | undefined;

  constructor(options: KindStoreOptions) {
    this.table = options.table;
    this.#options = options;
  }

  get writer(): ObjectWriter {
    return (this.#writer ??= new ObjectWriter(this.#options));
  }

  /** @throws Error when the kind is not reconciled. */
  get work(): WorkQueue {
    if (!this.table.reconciled) throw new Error(`${this.table.resource} is not reconciled`);
    return (this.#work ??= new WorkQueue(this.#options));
  }

  async get(namespace: string, name: string): Promise<StoredObject | undefined> {
    this.#get ??= getStatement(this.table);
    const [row] = await this.#options.database.run<StoredRow>(this.#get, [namespace, name]);
    return row && toStoredObject(this.table.resource, row);
  }

  async getByUids(uids: readonly string[]): Promise<readonly StoredObject[]> {
    this.#getByUids ??= getByUidStatement(this.table);
    const rows = await this.#options.database.run<StoredRow>(this.#getByUids, [uids]);
    return rows.map((row) => toStoredObject(this.table.resource, row));
  }

  list(options: ListOptions): Promise<ObjectList> {
    this.#lister ??= new ObjectLister(this.#options.database, this.table);
    return this.#lister.list(options);
  }
}
