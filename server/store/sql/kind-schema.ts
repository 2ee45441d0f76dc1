import { sql, type CreateTableBuilder, type SqlBool } from 'kysely';
import { isApiError } from '../../../sdk/api/errors.js';
import type { ApiObject } from '../../../sdk/api/object.js';
import { joinObject } from '../object-text.js';
import { readField, storedFields, type FieldValue, type StoredField } from '../stored-fields.js';
import type { Database } from './database.js';
import { identifier, quoteIdentifier } from './identifiers.js';
import type { FieldColumn, KindTable } from './kind-table.js';
import { TEXT } from './migrations.js';
import { queryBuilder as db } from './query-builder.js';
import { OBJECT_COLUMNS } from './read-statements.js';
import { statement } from './statement.js';
import { inputTable } from './write-statements.js';

const BACKFILL_PAGE = 500;

const WORK_COLUMNS: readonly (readonly [name: string, definition: string])[] = [
  ['next_reconcile_at', 'timestamptz DEFAULT now()'],
  ['lease_holder', 'text'],
  ['lease_expires_at', 'timestamptz'],
  ['fence', 'bigint NOT NULL DEFAULT 0'],
  ['failures', 'bigint NOT NULL DEFAULT 0'],
  ['heartbeat_deadline_at', 'timestamptz'],
  ['checkpoint', 'text'],
  ['wake_reason', 'text'],
  ['wake_version', 'bigint'],
  ['wake_trace', 'text'],
  ['converging_since', 'timestamptz'],
  ['urgent', 'boolean NOT NULL DEFAULT false'],
  ['lost_attempts', 'bigint NOT NULL DEFAULT 0'],
];

/**
 * Makes tables and columns for the kinds. Columns that a kind gained are added online and filled from
 * the objects that are there. Idempotent, also under several processes at once; one look at the
 * database when there is nothing to do.
 */
export async function ensureKindTables(
  database: Database,
  tables: readonly KindTable[],
): Promise<void> {
  const known = await readyColumns(database, tables);
  const fresh = tables.filter(({ resource }) => !known.has(resource));
  if (fresh.length > 0) {
    // One text, so one commit, for each table.
    const texts = fresh.map((table) =>
      [createTable(table), ...addColumns(table, columnNames(table))].join(';\n'),
    );
    await database.changeSchema(texts);
  }
  const ready = fresh.map((table) => ({ table, columns: columnNames(table) }));
  for (const table of tables) {
    const before = known.get(table.resource);
    const missing = columnNames(table).filter((column) => before?.includes(column) === false);
    if (before === undefined || missing.length === 0) continue;
    await database.changeSchema(addColumns(table, missing));
    const fields = table.fields.filter(({ name }) => missing.includes(name));
    await fillColumns(database, table, fields);
    ready.push({ table, columns: [...before, ...missing] });
  }
  if (ready.length > 0) await markReady(database, ready);
}

/** Columns beside those that every table has. */
export function columnNames(table: KindTable): string[] {
  const work = table.reconciled ? WORK_COLUMNS.map(([name]) => name) : [];
  return [...table.fields.map(({ name }) => name), ...work];
}

/** The columns of the kinds that have a table, by resource. */
export async function readyColumns(
  database: Database,
  tables: readonly KindTable[],
): Promise<Map<string, readonly string[]>> {
  const resources = tables.map(({ resource }) => resource);
  const query = db
    .selectFrom('kind_tables')
    .select(['resource', 'columns'])
    .where(sql<SqlBool>`resource = ANY(${resources}::text[])`)
    .compile();
  const rows = await database.query(query, { repeatable: true });
  return new Map(rows.map((row) => [row.resource, JSON.parse(row.columns) as string[]]));
}

async function markReady(
  database: Database,
  ready: readonly { readonly table: KindTable; readonly columns: readonly string[] }[],
): Promise<void> {
  const rows = ready.map(({ table, columns }) => ({
    resource: table.resource,
    table_name: table.name,
    columns: JSON.stringify(columns),
  }));
  const query = db
    .insertInto('kind_tables')
    .values(rows)
    .onConflict((conflict) =>
      conflict
        .column('resource')
        .doUpdateSet((update) => ({ columns: update.ref('excluded.columns') })),
    )
    .compile();
  await database.query(query, { repeatable: true });
}

function createTable(table: KindTable): string {
  let builder: CreateTableBuilder<string, string> = db.schema
    .createTable(table.name)
    .ifNotExists()
    .addColumn('uid', TEXT, (column) => column.primaryKey())
    .addColumn('namespace', TEXT, (column) => column.notNull())
    .addColumn('name', TEXT, (column) => column.notNull())
    .addColumn('resource_version', 'bigint', (column) => column.notNull())
    .addColumn('generation', 'bigint', (column) => column.notNull())
    .addColumn('metadata', 'text', (column) => column.notNull())
    .addColumn('spec', 'text')
    .addColumn('status', 'text')
    .addColumn('rest', 'text', (column) => column.notNull())
    .addColumn('labels', 'jsonb', (column) => column.notNull())
    .addColumn('owners', 'text')
    .addColumn('created_at', 'timestamptz', (column) => column.notNull().defaultTo(sql`now()`));
  builder = builder.addUniqueConstraint(identifier(`${table.name}_key`), ['namespace', 'name']);
  return builder.compile().sql;
}

/** Columns with their indexes; those of the work columns are partial: most rows are not due. */
function addColumns(table: KindTable, missing: readonly string[]): string[] {
  const fields = table.fields.map(({ name, type }): readonly [string, string] => [
    name,
    type === 'text' ? 'text COLLATE "C"' : type,
  ]);
  const columns = [...fields, ...(table.reconciled ? WORK_COLUMNS : [])].filter(([name]) =>
    missing.includes(name),
  );
  const indexName = (what: string): string => quoteIdentifier(identifier(`${table.name}_${what}`));
  const index = (column: string, where = ''): string =>
    `CREATE INDEX IF NOT EXISTS ${indexName(column)} ` +
    `ON ${table.quotedName} (${quoteIdentifier(column)})${where}`;
  return [
    ...columns.map(
      ([name, definition]) =>
        `ALTER TABLE ${table.quotedName} ADD COLUMN IF NOT EXISTS ${quoteIdentifier(name)} ${definition}`,
    ),
    ...table.fields.map(({ name }) => index(name)),
    ...(table.reconciled
      ? [
          `CREATE INDEX IF NOT EXISTS ${indexName('due')} ON ${table.quotedName} ` +
            '(urgent, next_reconcile_at) WHERE next_reconcile_at IS NOT NULL',
          // What claims were chosen by before there was `urgent`.
          `DROP INDEX IF EXISTS ${indexName('next_reconcile_at')}`,
        ]
      : []),
    ...(table.heartbeat
      ? [index('heartbeat_deadline_at', ' WHERE heartbeat_deadline_at IS NOT NULL')]
      : []),
  ];
}

/**
 * Fills columns, all by default, from the objects, page by page; a row that changes meanwhile is
 * filled by that write.
 */
export async function fillColumns(
  database: Database,
  table: KindTable,
  columns: readonly FieldColumn[] = table.fields,
): Promise<void> {
  if (columns.length === 0) return;
  const fields = storedFields(table.kind);
  const sets = columns.map(({ name }) => `${quoteIdentifier(name)} = i.${quoteIdentifier(name)}`);
  const fill = statement(
    `backfill_${table.name}`,
    `WITH ${inputTable([
      ['uid', 'text'],
      ['expected', 'bigint'],
      ...columns.map(({ name, type }) => [name, type] as const),
    ])}
UPDATE ${table.quotedName} AS t SET ${sets.join(', ')} FROM input AS i
WHERE t.uid = i.uid AND t.resource_version = i.expected`,
    { repeatable: true },
  );
  for (let after = ''; ;) {
    const page = db
      .selectFrom(table.name)
      .select(OBJECT_COLUMNS)
      .where('uid', '>', after)
      .orderBy('uid')
      .limit(BACKFILL_PAGE)
      .compile();
    const rows = await database.query(page, { repeatable: true });
    const last = rows.at(-1);
    if (last === undefined) return;
    const objects = rows.map(
      (row) => JSON.parse(joinObject(row, row.resource_version)) as ApiObject,
    );
    await database.run(fill, [
      rows.map((row) => row.uid),
      rows.map((row) => row.resource_version),
      ...columns.map(({ path }) => {
        const field = fields.find((each) => each.path === path);
        return objects.map((object) =>
          field === undefined ? null : indexableValue(object, field),
        );
      }),
    ]);
    after = last.uid;
  }
}

/** Null for what is longer than an index takes: it was written before the field was indexed. */
function indexableValue(object: ApiObject, field: StoredField): FieldValue {
  try {
    return readField(object, field);
  } catch (error) {
    if (isApiError(error, 'Invalid')) return null;
    throw error;
  }
}
