import type { Database } from './database.js';
import { queryBuilder as db } from './query-builder.js';

/** Places in the log by name, kept across restarts. */
export class Cursors {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** 0 when never set. */
  async get(name: string): Promise<number> {
    const query = db.selectFrom('cursors').select('version').where('name', '=', name).compile();
    const [row] = await this.#database.query(query, { repeatable: true });
    return row?.version ?? 0;
  }

  async set(name: string, version: number): Promise<void> {
    const query = db
      .insertInto('cursors')
      .values({ name, version })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ version }))
      .compile();
    await this.#database.query(query, { repeatable: true });
  }
}
