import { sql, type Compilable } from 'kysely';
import type { Database } from './database.js';
import { queryBuilder as db } from './query-builder.js';

/** Byte order, whatever the database's default is: names come out as Kubernetes orders them. */
export const TEXT = sql`text COLLATE "C"`;

/** A statement that the schema builder has no words for. */
function raw(text: string): Compilable {
  return { compile: () => sql.raw(text).compile(db) };
}

/**
 * The tables that are there before any kind, version by version. Append only: a published migration
 * never changes. Each statement is idempotent, for two processes may run it at once.
 */
const MIGRATIONS: readonly {
  readonly version: number;
  readonly statements: readonly Compilable[];
}[] = [
  {
    version: 1,
    statements: [
      db.schema
        .createTable('revision_counter')
        .ifNotExists()
        .addColumn('id', 'integer', (column) => column.primaryKey())
        .addColumn('value', 'bigint', (column) => column.notNull())
        .addColumn('compacted', 'bigint', (column) => column.notNull()),
      db
        .insertInto('revision_counter')
        .values({ id: 1, value: 0, compacted: 0 })
        .onConflict((conflict) => conflict.doNothing()),
      db.schema
        .createTable('revisions')
        .ifNotExists()
        .addColumn('resource_version', 'bigint', (column) => column.primaryKey())
        .addColumn('type', 'text', (column) => column.notNull())
        .addColumn('resource', TEXT, (column) => column.notNull())
        .addColumn('uid', TEXT, (column) => column.notNull())
        .addColumn('namespace', TEXT, (column) => column.notNull())
        .addColumn('name', TEXT, (column) => column.notNull())
        .addColumn('object', 'text', (column) => column.notNull())
        .addColumn('wakes_self', 'boolean', (column) => column.notNull())
        .addColumn('committed_at', 'timestamptz', (column) =>
          column.notNull().defaultTo(sql`now()`),
        ),
      db.schema
        .createTable('owner_references')
        .ifNotExists()
        .addColumn('owner_uid', TEXT, (column) => column.notNull())
        .addColumn('resource', TEXT, (column) => column.notNull())
        .addColumn('uid', TEXT, (column) => column.notNull())
        .addPrimaryKeyConstraint('owner_references_pkey', ['owner_uid', 'resource', 'uid']),
      db.schema
        .createIndex('owner_references_uid')
        .ifNotExists()
        .on('owner_references')
        .column('uid'),
      db.schema
        .createTable('cursors')
        .ifNotExists()
        .addColumn('name', TEXT, (column) => column.primaryKey())
        .addColumn('version', 'bigint', (column) => column.notNull()),
      db.schema
        .createTable('kind_tables')
        .ifNotExists()
        .addColumn('resource', TEXT, (column) => column.primaryKey())
        .addColumn('table_name', TEXT, (column) => column.notNull())
        .addColumn('columns', 'text', (column) => column.notNull()),
    ],
  },
  {
    version: 2,
    statements: [
      raw('ALTER TABLE revisions ADD COLUMN IF NOT EXISTS cause_uid text COLLATE "C"'),
      raw('ALTER TABLE revisions ADD COLUMN IF NOT EXISTS cause_fence bigint'),
      // The cause says it now; a server of the version before still writes it.
      raw('ALTER TABLE revisions ALTER COLUMN wakes_self SET DEFAULT true'),
    ],
  },
  {
    version: 3,
    statements: [raw('ALTER TABLE revisions ADD COLUMN IF NOT EXISTS previous_version bigint')],
  },
  {
    version: 4,
    statements: [
      raw('ALTER TABLE revisions ADD COLUMN IF NOT EXISTS origin text'),
      raw(`CREATE INDEX IF NOT EXISTS revisions_deleted ON revisions (resource, namespace, name)
        WHERE type = 'DELETED'`),
    ],
  },
  {
    version: 5,
    statements: [
      db.schema
        .createTable('attempts')
        .ifNotExists()
        .addColumn('uid', TEXT, (column) => column.notNull())
        .addColumn('fence', 'bigint', (column) => column.notNull())
        .addColumn('resource', TEXT, (column) => column.notNull())
        .addColumn('namespace', TEXT, (column) => column.notNull())
        .addColumn('name', TEXT, (column) => column.notNull())
        .addColumn('worker', 'text', (column) => column.notNull())
        .addColumn('record', 'text', (column) => column.notNull())
        .addColumn('resource_version', 'bigint')
        .addColumn('ended_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`))
        .addPrimaryKeyConstraint('attempts_pkey', ['uid', 'fence']),
    ],
  },
  {
    version: 6,
    statements: [
      raw(`CREATE TABLE IF NOT EXISTS journal (
        uid text COLLATE "C" NOT NULL, fence bigint NOT NULL, sequence bigint NOT NULL,
        place text COLLATE "C" NOT NULL, target text COLLATE "C" NOT NULL, outcome text NOT NULL,
        entry text NOT NULL, recorded_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (uid, fence, sequence))`),
      raw(`CREATE INDEX IF NOT EXISTS journal_age ON journal (recorded_at, uid, fence, sequence)`),
      raw(`CREATE INDEX IF NOT EXISTS attempts_age ON attempts (ended_at, uid, fence)`),
      raw(`CREATE INDEX IF NOT EXISTS journal_target ON journal (target, place, recorded_at)`),
    ],
  },
];

const MIGRATIONS_TABLE = db.schema
  .createTable('schema_migrations')
  .ifNotExists()
  .addColumn('version', 'integer', (column) => column.primaryKey())
  .addColumn('applied_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`));

/** Brings the fixed tables up to date. Idempotent, also under several processes at once. */
export async function migrate(database: Database): Promise<void> {
  if ((await appliedVersion(database)) >= newestVersion()) return;
  await database.changeSchema([MIGRATIONS_TABLE.compile().sql]);
  const applied = await appliedVersion(database);
  for (const { version, statements } of MIGRATIONS) {
    if (version <= applied) continue;
    const done = db
      .insertInto('schema_migrations')
      .values({ version })
      .onConflict((conflict) => conflict.doNothing());
    await database.changeSchema([[...statements, done].map(inlined).join(';\n')]);
  }
}

function newestVersion(): number {
  return Math.max(...MIGRATIONS.map(({ version }) => version));
}

/** 0 before the first migration. */
async function appliedVersion(database: Database): Promise<number> {
  const exists = sql<{ name: string }>`
    SELECT table_name AS name FROM information_schema.tables
    WHERE table_name = 'schema_migrations' AND table_schema = current_schema()`.compile(db);
  if ((await database.query(exists, { repeatable: true })).length === 0) return 0;
  const newest = db
    .selectFrom('schema_migrations')
    .select((select) => select.fn.max('version').as('version'))
    .compile();
  const [row] = await database.query<{ version: number | null }>(newest, { repeatable: true });
  return row?.version ?? 0;
}

/** Schema statements go without parameters; those here are whole numbers. */
function inlined(query: Compilable): string {
  const { sql: text, parameters } = query.compile();
  return text.replace(/\$(\d+)/g, (_, n: string) => String(Number(parameters[Number(n) - 1])));
}
