import type { KindDefinition, PrinterColumn } from '../../sdk/api/kind.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { StoredObject } from '../store/object-store.js';
import { textOf } from '../apply/json-object.js';
import { humanDuration } from './human-duration.js';
import { jsonPath } from './json-path.js';
import type { MetaVersion } from './meta-version.js';
import { partialMetadata } from './partial-metadata.js';

/** What of the object goes along with each row. */
export type IncludeObject = 'None' | 'Metadata' | 'Object';

interface ColumnDefinition {
  readonly name: string;
  readonly type: string;
  readonly format: string;
  readonly description: string;
  readonly priority: number;
}

/** A column whose cells are computed. */
export interface ComputedColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'date';
  readonly description?: string;
  /** 0, the default, is always shown, greater only with `-o wide`. */
  readonly priority?: number;
}

/** One kind's columns after the one for the name, and the cells of one object: one for each column, in their order. */
export interface ComputedTable {
  /** False: the columns say the name themselves, where it belongs. */
  readonly beginsWithName?: false;
  readonly columns: readonly ComputedColumn[];
  cells(object: StoredApiObject, nowMs: number): readonly (string | number | boolean | null)[];
}

/**
 * How a kind is printed when paths into its objects cannot say it. Undefined: by its printer
 * columns. Must not throw, whatever the object.
 */
export type TableCells = (kind: KindDefinition) => ComputedTable | undefined;

const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/**
 * Objects as a Kubernetes Table, as JSON text: what `kubectl get` prints. `metadata` is that of the
 * list; a single object has none.
 */
export function renderTable(
  kind: KindDefinition,
  objects: readonly StoredObject[],
  options: {
    readonly version: MetaVersion;
    readonly includeObject: IncludeObject;
    readonly metadata: Readonly<Record<string, unknown>>;
    /** Later events of a watch leave the columns out. */
    readonly withColumns?: boolean;
    readonly nowMs?: number;
    readonly cells?: TableCells;
  },
): string {
  const table = options.cells?.(kind) ?? tableByPaths(kind);
  const { columns } = table;
  const nowMs = options.nowMs ?? Date.now();
  const rows = objects.map((stored) => renderRow(table, stored, options, nowMs));
  const definitions =
    options.withColumns === false ? null : [...nameColumn(table), ...columns.map(definitionOf)];
  return (
    `{"kind":"Table","apiVersion":"${options.version}","metadata":${JSON.stringify(options.metadata)},` +
    `"columnDefinitions":${JSON.stringify(definitions)},"rows":[${rows.join(',')}]}`
  );
}

const NAME_COLUMN: ColumnDefinition = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'Name of the object, unique within its namespace.',
  priority: 0,
};

function nameColumn({ beginsWithName }: TableSource): readonly ColumnDefinition[] {
  return beginsWithName === false ? [] : [NAME_COLUMN];
}

/** What a table needs of its columns, whether they are computed or read by paths. */
interface TableSource {
  readonly beginsWithName?: false;
  readonly columns: readonly (ComputedColumn | PrinterColumn)[];
  cells(object: StoredApiObject, nowMs: number): readonly unknown[];
}

function tableByPaths(kind: KindDefinition): TableSource {
  const named = kind.printerColumns.filter(({ name }) => name !== 'Name');
  const columns = named.length === 0 ? [AGE] : named;
  return {
    columns,
    cells: (object, nowMs) => columns.map((column) => cellOf(column, object, nowMs)),
  };
}

function definitionOf(column: PrinterColumn | ComputedColumn): ColumnDefinition {
  return {
    name: column.name,
    type: column.type,
    format: 'format' in column ? (column.format ?? '') : '',
    description: column.description ?? '',
    priority: column.priority ?? 0,
  };
}

function renderRow(
  table: TableSource,
  stored: StoredObject,
  {
    includeObject,
    version,
  }: { readonly includeObject: IncludeObject; readonly version: MetaVersion },
  nowMs: number,
): string {
  const object = JSON.parse(stored.json) as StoredApiObject;
  const name = table.beginsWithName === false ? [] : [stored.name];
  const cells = [...name, ...table.cells(object, nowMs)];
  const included =
    includeObject === 'Object'
      ? stored.json
      : includeObject === 'None'
        ? 'null'
        : partialMetadata(object, version);
  return `{"cells":${JSON.stringify(cells)},"object":${included}}`;
}

function cellOf(column: PrinterColumn, object: StoredApiObject, nowMs: number): unknown {
  const values = jsonPath(column.jsonPath)(object);
  const [value] = values;
  if (value === undefined || value === null) return column.type === 'date' ? '<unknown>' : null;
  if (column.type === 'date') {
    const time = Date.parse(textOf(value));
    return Number.isNaN(time) ? '<invalid>' : humanDuration(nowMs - time);
  }
  if (values.length > 1 && column.type === 'string') return values.map(textOf).join(',');
  return column.type === 'string' ? textOf(value) : value;
}
