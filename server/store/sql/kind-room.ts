import type { Batcher } from './batcher.js';
import type { Database } from './database.js';
import { columnNames } from './kind-schema.js';
import type { KindTable } from './kind-table.js';
import { KIND_TABLE } from './read-statements.js';

/** The state of the log at which a kind had no table, and so no objects. */
export interface EmptyAt {
  readonly value: number;
  readonly compacted: number;
}

export interface KindRoomOptions {
  readonly database: Database;
  readonly table: KindTable;
  /** Makes tables and columns, several kinds at once. */
  readonly tables: Batcher<KindTable, undefined>;
  readonly isThere: boolean;
}

/**
 * The table of one kind, which is made when the first object comes: of thousands of kinds few have
 * any, and a table costs more than all else about a kind. Another process may make it at any time.
 */
export class KindRoom {
  readonly #options: KindRoomOptions;
  #isThere: boolean;

  constructor(options: KindRoomOptions) {
    this.#options = options;
    this.#isThere = options.isThere;
  }

  /** True once the table is known to be there with all its columns: it never goes again. */
  get isThere(): boolean {
    return this.#isThere;
  }

  /**
   * Looks whether it is there. When not: the newest version at which that is so. Whoever makes the table
   * notes that before the first object is written, so there is none up to that version.
   */
  async look(): Promise<EmptyAt | undefined> {
    const { database, table } = this.#options;
    const [row] = await database.run<EmptyAt & { columns: string | null }>(KIND_TABLE, [
      table.resource,
    ]);
    if (row === undefined) throw new Error('the table revision_counter has lost its row');
    if (row.columns === null) return row;
    const columns = JSON.parse(row.columns) as string[];
    // Made by a process that did not know all of them yet.
    if (columnNames(table).every((name) => columns.includes(name))) this.#isThere = true;
    else await this.make();
    return undefined;
  }

  async make(): Promise<void> {
    await this.#options.tables.add(this.#options.table);
    this.#isThere = true;
  }
}
