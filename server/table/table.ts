import type { KindDefinition, PrinterColumn } from '../../sdk/api/kind.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { StoredObject } from '../store/object-store.js';
import { humanDuration } from './human-duration.js';
import { jsonPath } from './json-path.js';
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

const AGE: PrinterColumn = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/**
 * Objects as a Kubernetes Table (meta.k8s.io/v1), as JSON text: what `kubectl get` prints. `metadata`
 * is that of the list; a single object has none.
 */
export function renderTable(
  kind: KindDefinition,
  objects: readonly StoredObject[],
  options: {
    readonly includeObject: IncludeObject;
    readonly metadata: Readonly<Record<string, unknown>>;
    /** Later events of a watch leave the columns out. */
    readonly withColumns?: boolean;
    readonly nowMs?: number;
  },
): string {
  const columns = columnsOf(kind);
  const nowMs = options.nowMs ?? Date.now();
  const rows = objects.map((stored) => renderRow(columns, stored, options.includeObject, nowMs));
  const definitions =
    options.withColumns === false ? [] : [NAME_COLUMN, ...columns.map(definitionOf)];
  return (
    `{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":${JSON.stringify(options.metadata)},` +
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

function columnsOf(kind: KindDefinition): readonly PrinterColumn[] {
  const columns = kind.printerColumns.filter(({ name }) => name !== 'Name');
  return columns.length === 0 ? [AGE] : columns;
}

function definitionOf(column: PrinterColumn): ColumnDefinition {
  return {
    name: column.name,
    type: column.type,
    format: column.format ?? '',
    description: column.description ?? '',
    priority: column.priority ?? 0,
  };
}

function renderRow(
  columns: readonly PrinterColumn[],
  stored: StoredObject,
  includeObject: IncludeObject,
  nowMs: number,
): string {
  const object = JSON.parse(stored.json) as StoredApiObject;
  const cells = [stored.name, ...columns.map((column) => cellOf(column, object, nowMs))];
  const included =
    includeObject === 'Object'
      ? stored.json
      : includeObject === 'None'
        ? 'null'
        : partialMetadata(object);
  return `{"cells":${JSON.stringify(cells)},"object":${included}}`;
}

function cellOf(column: PrinterColumn, object: StoredApiObject, nowMs: number): unknown {
  const values = jsonPath(column.jsonPath)(object);
  const [value] = values;
  if (value === undefined || value === null) return column.type === 'date' ? '<unknown>' : null;
  if (column.type === 'date') {
    const time = Date.parse(String(value));
    return Number.isNaN(time) ? '<invalid>' : humanDuration(nowMs - time);
  }
  if (values.length > 1 && column.type === 'string') return values.map(textOf).join(',');
  return column.type === 'string' ? textOf(value) : value;
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
