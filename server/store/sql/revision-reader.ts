import { queryBuilder as db } from './query-builder.js';
import type { Selectable } from 'kysely';
import type { Revision } from '../object-store.js';
import { expired } from '../store-errors.js';
import type { Database } from './database.js';
import { CURRENT_VERSION, REVISIONS_AFTER } from './read-statements.js';
import { statement } from './statement.js';
import type { RevisionRow } from './tables.js';

const COMPACT_PAGE = 5_000;

/** First the mark, then the entries: who reads in between is told Expired, never given a gap. */
const MARK_COMPACTED = statement(
  'mark_compacted',
  `UPDATE revision_counter SET compacted = least($1::bigint, value)
WHERE id = 1 AND compacted < least($1::bigint, value) RETURNING compacted`,
  { repeatable: true },
);

type TailRow = { compacted: number } & (Selectable<RevisionRow> | { resource_version: null });

/** Reads and shortens the log. */
export class RevisionReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async current(): Promise<{ readonly value: number; readonly compacted: number }> {
    const rows = await this.#database.run<{ value: number; compacted: number }>(CURRENT_VERSION);
    const [row] = rows;
    if (row === undefined) throw new Error('the table revision_counter has lost its row');
    return row;
  }

  /** @throws ApiError Expired when entries after `version` were dropped. */
  async after(version: number, limit: number): Promise<readonly Revision[]> {
    const rows = await this.#database.run<TailRow>(REVISIONS_AFTER, [version, limit]);
    const oldest = rows[0]?.compacted ?? 0;
    if (version < oldest) throw expired(version, oldest);
    return rows.flatMap((row) => (row.resource_version === null ? [] : [toRevision(row)]));
  }

  async compact(upTo: number): Promise<void> {
    await this.#database.run(MARK_COMPACTED, [upTo]);
    const { compacted } = await this.current();
    for (;;) {
      const oldest = db
        .selectFrom('revisions')
        .select('resource_version')
        .where('resource_version', '<=', Math.min(upTo, compacted))
        .orderBy('resource_version')
        .limit(COMPACT_PAGE);
      const drop = db.deleteFrom('revisions').where('resource_version', 'in', oldest);
      const query = drop.returning('resource_version').compile();
      const dropped = await this.#database.query(query, { repeatable: true });
      if (dropped.length < COMPACT_PAGE) return;
    }
  }
}

function toRevision(row: Selectable<RevisionRow>): Revision {
  return {
    resourceVersion: row.resource_version,
    type: row.type,
    ...(row.cause_uid !== null && { cause: { uid: row.cause_uid, fence: row.cause_fence ?? 0 } }),
    object: {
      resource: row.resource,
      uid: row.uid,
      namespace: row.namespace,
      name: row.name,
      resourceVersion: row.resource_version,
      json: row.object,
    },
  };
}
