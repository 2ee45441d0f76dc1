import type { AttemptRecord, JournalAttempt } from '../../../sdk/api/journal.js';
import type { AttemptRef } from '../../../sdk/api/work.js';
import type { Selectable } from 'kysely';
import type { Database } from './database.js';
import { statement } from './statement.js';
import type { AttemptRow } from './tables.js';

const COLUMNS =
  'a.uid, a.fence, a.resource, a.namespace, a.name, a.worker, a.record, a.resource_version';

/** `$1` uid, `$2` limit. Along the primary key. */
const ATTEMPTS_AT = statement(
  'attempts_at',
  `SELECT ${COLUMNS} FROM attempts AS a WHERE a.uid = $1::text
ORDER BY a.fence DESC LIMIT $2::bigint`,
  { repeatable: true },
);

/** `$1` uids, `$2` fences. */
const ATTEMPTS = statement(
  'attempts',
  `SELECT ${COLUMNS} FROM unnest($1::text[], $2::bigint[]) AS i(uid, fence)
JOIN attempts AS a ON a.uid = i.uid AND a.fence = i.fence`,
  { repeatable: true },
);

type Row = Omit<Selectable<AttemptRow>, 'ended_at'>;

/** Reads what the statements of completions left of their attempts. */
export class JournalReader {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** See ObjectStore.attemptsAt. */
  async attemptsAt(uid: string, limit: number): Promise<JournalAttempt[]> {
    return (await this.#database.run<Row>(ATTEMPTS_AT, [uid, limit])).map(toAttempt);
  }

  /** See ObjectStore.attempts. */
  async attempts(refs: readonly AttemptRef[]): Promise<JournalAttempt[]> {
    if (refs.length === 0) return [];
    const rows = await this.#database.run<Row>(ATTEMPTS, [
      refs.map(({ uid }) => uid),
      refs.map(({ fence }) => fence),
    ]);
    return rows.map(toAttempt);
  }
}

function toAttempt(row: Row): JournalAttempt {
  const { resource, uid, namespace, name, fence, worker, resource_version: version } = row;
  return {
    resource,
    uid,
    ...(namespace !== '' && { namespace }),
    name,
    fence,
    worker,
    ...(version !== null && { resourceVersion: String(version) }),
    ...(JSON.parse(row.record) as AttemptRecord),
  };
}
