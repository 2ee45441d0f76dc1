import type { Selectable } from 'kysely';
import type { HistoryEntry, Revision, StoredObject } from '../object-store.js';
import { expired } from '../store-errors.js';
import type { Cursors } from './cursors.js';
import type { Database } from './database.js';
import {
  CURRENT_VERSION,
  DELETION_OF,
  HISTORY,
  REVISIONS_AFTER,
  STATE_BEFORE,
} from './read-statements.js';
import { originOfText, traceOfText } from './origin-text.js';
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

/** How far entries were dropped; behind the mark after a crash in between. */
const COMPACTION_CURSOR = 'compaction';

/**
 * Drops what the entries after `$1` up to `$2` have superseded, and deletions themselves. What is
 * left up to there is one entry for each object that was there then: lists of later versions need it.
 * Entries from before migration 3 name no predecessor; theirs are found by uid.
 */
const DROP_SUPERSEDED = statement(
  'drop_superseded',
  `WITH page AS (
  SELECT resource_version, previous_version, type, uid FROM revisions
  WHERE resource_version > $1::bigint AND resource_version <= $2::bigint)
DELETE FROM revisions WHERE resource_version IN (
  SELECT previous_version FROM page WHERE previous_version IS NOT NULL
  UNION ALL SELECT resource_version FROM page WHERE type = 'DELETED'
  UNION ALL SELECT r.resource_version FROM page AS p JOIN revisions AS r
    ON r.uid = p.uid AND r.resource_version < p.resource_version
    WHERE p.previous_version IS NULL AND p.type <> 'ADDED')`,
  { repeatable: true },
);

type EntryRow = Selectable<
  Pick<RevisionRow, 'resource_version' | 'resource' | 'uid' | 'namespace' | 'name' | 'object'>
>;
type HistoryRow = Selectable<RevisionRow>;
type LogRow = Omit<HistoryRow, 'previous_version' | 'origin' | 'committed_at'> & {
  readonly traceparent: string | null;
};
type TailRow = { compacted: number } & (LogRow | { resource_version: null });

/** Reads and shortens the log. */
export class RevisionReader {
  readonly #database: Database;
  readonly #cursors: Cursors;

  constructor(database: Database, cursors: Cursors) {
    this.#database = database;
    this.#cursors = cursors;
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

  /** The object of an entry as it was before it, as far as that is known. */
  async before(version: number): Promise<StoredObject | undefined> {
    const [row] = await this.#database.run<EntryRow>(STATE_BEFORE, [version]);
    return row && toStored(row);
  }

  /** See ObjectStore.history. */
  async history(version: number, limit: number, maxBytes: number): Promise<HistoryEntry[]> {
    const rows = await this.#database.run<HistoryRow>(HISTORY, [version, limit, maxBytes]);
    return rows.map((row) => ({
      ...toRevision({ ...row, traceparent: traceOfText(row.origin).traceparent ?? null }),
      ...(row.previous_version !== null && { previousVersion: row.previous_version }),
      ...(row.origin !== null && { origin: originOfText(row.origin) }),
      committedAt: row.committed_at.toISOString(),
    }));
  }

  /** See ObjectStore.deletionOf. */
  async deletionOf(resource: string, namespace: string, name: string): Promise<number | undefined> {
    const values = [resource, namespace, name];
    const [row] = await this.#database.run<{ version: number | null }>(DELETION_OF, values);
    return row?.version ?? undefined;
  }

  async compact(upTo: number): Promise<void> {
    await this.#database.run(MARK_COMPACTED, [upTo]);
    const { compacted } = await this.current();
    for (let from = await this.#cursors.get(COMPACTION_CURSOR); from < compacted;) {
      const to = Math.min(from + COMPACT_PAGE, compacted);
      await this.#database.run(DROP_SUPERSEDED, [from, to]);
      await this.#cursors.set(COMPACTION_CURSOR, to);
      from = to;
    }
  }
}

function toRevision(row: LogRow): Revision {
  return {
    resourceVersion: row.resource_version,
    type: row.type,
    ...(row.cause_uid !== null && { cause: { uid: row.cause_uid, fence: row.cause_fence ?? 0 } }),
    ...(row.traceparent !== null && { traceparent: row.traceparent }),
    object: toStored(row),
  };
}

function toStored(row: EntryRow): StoredObject {
  return {
    resource: row.resource,
    uid: row.uid,
    namespace: row.namespace,
    name: row.name,
    resourceVersion: row.resource_version,
    json: row.object,
  };
}
