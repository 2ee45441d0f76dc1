import type {
  ListOptions,
  ObjectList,
  ObjectWrite,
  Revision,
  StoredObject,
} from '../object-store.js';
import type { Lane } from './batcher.js';
import type { Database } from './database.js';
import type { KindRoom } from './kind-room.js';
import { fillColumns } from './kind-schema.js';
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
  readonly room: KindRoom;
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

  /** The kinds that refer to this one are not those that they were. */
  forgetReferrers(): void {
    this.#writer?.forgetReferrers();
  }

  /** @throws Error when the kind is not reconciled. */
  get work(): WorkQueue {
    if (!this.table.reconciled) throw new Error(`${this.table.resource} is not reconciled`);
    return (this.#work ??= new WorkQueue(this.#options));
  }

  /** See ObjectStore.write. */
  async write(write: ObjectWrite): Promise<StoredObject> {
    const { room } = this.#options;
    if (!room.isThere) await room.make();
    this.#writer ??= new ObjectWriter(this.#options);
    return this.#writer.write(write);
  }

  /** See ObjectStore.reindex. */
  async reindex(): Promise<void> {
    if (!(await this.#isEmpty())) await fillColumns(this.#options.database, this.table);
  }

  async get(namespace: string, name: string): Promise<StoredObject | undefined> {
    if (await this.#isEmpty()) return undefined;
    this.#get ??= getStatement(this.table);
    const [row] = await this.#options.database.run<StoredRow>(this.#get, [namespace, name]);
    return row && toStoredObject(this.table.resource, row);
  }

  async getByUids(uids: readonly string[]): Promise<readonly StoredObject[]> {
    if (await this.#isEmpty()) return [];
    this.#getByUids ??= getByUidStatement(this.table);
    const rows = await this.#options.database.run<StoredRow>(this.#getByUids, [uids]);
    return rows.map((row) => toStoredObject(this.table.resource, row));
  }

  async list(options: ListOptions): Promise<ObjectList> {
    const { room, database } = this.#options;
    this.#lister ??= new ObjectLister(database, this.table);
    const emptyAt = room.isThere ? undefined : await room.look();
    return emptyAt === undefined ? this.#lister.list(options) : this.#lister.none(options, emptyAt);
  }

  /** See ObjectStore.countDue. */
  async countDue(atMost: number): Promise<number> {
    return !this.table.reconciled || (await this.#isEmpty()) ? 0 : this.work.countDue(atMost);
  }

  async #isEmpty(): Promise<boolean> {
    const { room } = this.#options;
    return !room.isThere && (await room.look()) !== undefined;
  }
}
