import type { JournalEntry } from '../../../sdk/api/journal.js';
import {
  JOURNAL_PAGE,
  type JournalLimits,
  type JournalSelection,
  type JournalStore,
} from '../journal-store.js';
import { Batcher, Lane } from './batcher.js';
import type { Database } from './database.js';
import { isolateData } from './isolate-data.js';
import { statement, type Statement } from './statement.js';

const WRITE = statement(
  'journal',
  `INSERT INTO journal AS j (uid, fence, sequence, place, target, outcome, entry)
SELECT * FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[],
  $7::text[])
ON CONFLICT (uid, fence, sequence) DO UPDATE SET outcome = excluded.outcome, entry = excluded.entry
WHERE j.outcome = 'begun'`,
  { repeatable: true },
);

const OF_OBJECT = statement(
  'journal_of_object',
  `SELECT entry FROM journal WHERE uid = $1::text ORDER BY fence DESC, sequence DESC
LIMIT $2::bigint`,
  { repeatable: true },
);

const OF_TARGET = statement(
  'journal_of_target',
  `SELECT entry FROM journal
WHERE target = $1::text AND ($2::text IS NULL OR place = $2::text)
ORDER BY recorded_at DESC, fence DESC, sequence DESC LIMIT $3::bigint`,
  { repeatable: true },
);

/** Through all entries: there is no index for what is seldom asked. */
const OF_NAMES = statement(
  'journal_of_names',
  `SELECT entry FROM journal
WHERE place = $2::text AND split_part(target, ' ', 3) = ANY($1::text[])
ORDER BY recorded_at DESC, fence DESC, sequence DESC LIMIT $3::bigint`,
  { repeatable: true },
);

interface Drops {
  readonly old: Statement;
  readonly surplus: Statement;
}

const DROPS: readonly Drops[] = [
  dropsOf('journal', { key: 'uid, fence, sequence', age: 'recorded_at' }),
  dropsOf('attempts', { key: 'uid, fence', age: 'ended_at' }),
];

function dropsOf(
  table: string,
  { key, age }: { readonly key: string; readonly age: string },
): Drops {
  const drop = (purpose: string, choice: string): Statement =>
    statement(
      `${purpose}_${table}`,
      `WITH dropped AS (
  DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} ${choice}
    LIMIT ${JOURNAL_PAGE})
  RETURNING uid)
SELECT count(*) AS dropped FROM dropped`,
      { repeatable: true },
    );
  const newestFirst = `${age} DESC, ${key.replaceAll(/(,|$)/g, ' DESC$1')}`;
  return {
    old: drop(
      'drop_old',
      `WHERE ${age} < now() - $1::double precision * interval '1 millisecond'
    ORDER BY ${age}, ${key}`,
    ),
    surplus: drop('drop_surplus', `ORDER BY ${newestFirst} OFFSET $1::bigint`),
  };
}

/** The journal as a table. Entries of calls at the same time share a commit. */
export class SqlJournal implements JournalStore {
  readonly #database: Database;
  readonly #writes: Batcher<JournalEntry, undefined>;

  constructor(database: Database) {
    this.#database = database;
    this.#writes = new Batcher({
      lane: new Lane(1),
      // The begin of an entry and its end cannot be written by one statement.
      keyOf: ({ uid, fence, sequence }) => `${uid}/${fence}/${sequence}`,
      sizeOf: ({ target, message = '' }) => target.length + message.length,
      run: isolateData(async (entries: readonly JournalEntry[]) => {
        await database.run(WRITE, [
          entries.map(({ uid }) => uid),
          entries.map(({ fence }) => fence),
          entries.map(({ sequence }) => sequence),
          entries.map(({ place }) => place ?? ''),
          entries.map(({ target }) => target),
          entries.map(({ outcome }) => outcome),
          entries.map((entry) => JSON.stringify(entry)),
        ]);
        return entries.map(() => undefined);
      }),
    });
  }

  async journal(entries: readonly JournalEntry[]): Promise<void> {
    await Promise.all(entries.map((entry) => this.#writes.add(entry)));
  }

  async journaled(selection: JournalSelection): Promise<readonly JournalEntry[]> {
    const [what, key] =
      'uid' in selection
        ? [OF_OBJECT, [selection.uid]]
        : 'names' in selection
          ? [OF_NAMES, [selection.names, selection.place]]
          : [OF_TARGET, [selection.target, selection.place ?? null]];
    const rows = await this.#database.run<{ entry: string }>(what, [...key, selection.limit]);
    return rows.map(({ entry }) => JSON.parse(entry) as JournalEntry);
  }

  async compactJournal({ maxAgeMs, maxEntries }: JournalLimits): Promise<number> {
    let dropped = 0;
    for (const { old, surplus } of DROPS) {
      dropped += (await this.#drop(old, maxAgeMs)) || (await this.#drop(surplus, maxEntries));
    }
    return dropped;
  }

  async #drop(what: Statement, limit: number): Promise<number> {
    const [row] = await this.#database.run<{ dropped: number }>(what, [limit]);
    return row?.dropped ?? 0;
  }
}
