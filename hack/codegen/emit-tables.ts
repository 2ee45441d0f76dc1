import type { KindDefinition } from '../../sdk/api/kind.js';
import { kindTable } from '../../server/store/sql/kind-table.js';
import { GENERATED_HEADER } from './header.js';

const COLUMN_TYPES = { text: 'string', bigint: 'number', boolean: 'boolean' } as const;

/** `server/store/sql/zz_generated.tables.ts`: a Kysely row per kind's table, and all of them. */
export function emitTables(kinds: readonly KindDefinition[]): string {
  const tables = kinds.map((kind) => ({ kind, table: kindTable(kind) }));
  return [
    GENERATED_HEADER,
    "import type { FixedTables, ObjectRow, WorkColumns } from './tables.js';",
    '',
    ...tables.map(({ kind, table }) =>
      [
        `/** Rows of ${table.name}. */`,
        `export interface ${kind.kind}Row extends ObjectRow${table.reconciled ? ', WorkColumns' : ''} {`,
        ...table.fields.map((field) => `  ${field.name}: ${COLUMN_TYPES[field.type]} | null;`),
        '}',
        '',
      ].join('\n'),
    ),
    "/** The database of Threeport's own kinds. */",
    'export interface Database extends FixedTables {',
    ...tables.map(({ kind, table }) => `  ${table.name}: ${kind.kind}Row;`),
    '}',
    '',
  ].join('\n');
}
