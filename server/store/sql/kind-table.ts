import type { KindDefinition } from '../../../sdk/api/kind.js';
import { resourceName } from '../../../sdk/api/kind.js';
import { storedFields } from '../stored-fields.js';
import { columnNameOf, hashed, quoteIdentifier, quoteLiteral, tableNameOf } from './identifiers.js';

/** A field of the kind and the column that holds it. */
export interface FieldColumn {
  readonly path: string;
  readonly name: string;
  readonly type: 'text' | 'bigint' | 'boolean';
}

/** How one kind is laid out in SQL. */
export interface KindTable {
  readonly kind: KindDefinition;
  readonly resource: string;
  readonly name: `objects_${string}`;
  /** For use in SQL text. */
  readonly quotedName: string;
  readonly resourceLiteral: string;
  /** In the order of `storedFields`. */
  readonly fields: readonly FieldColumn[];
  readonly reconciled: boolean;
  readonly heartbeat: boolean;
}

const COLUMN_TYPES = {
  string: 'text',
  integer: 'bigint',
  boolean: 'boolean',
  scalar: 'text',
  selector: 'text',
} as const;

const FIXED_COLUMNS = (
  'uid namespace name resource_version generation metadata spec status rest labels owners ' +
  'created_at next_reconcile_at lease_holder lease_expires_at fence failures heartbeat_deadline_at ' +
  'checkpoint wake_reason wake_version wake_trace converging_since urgent ' +
  'lost_attempts ' +
  // Names that the statements give to what goes in beside the columns.
  'cause_uid cause_fence origin attempt requeue_reason known_at_fence expected ordinal worker ' +
  'acted_on requeue_ms keep_lease converged version found held dirty converging_ms old_owners'
).split(' ');

export function kindTable(kind: KindDefinition): KindTable {
  const resource = resourceName(kind);
  const name = tableNameOf(resource);
  const fields = storedFields(kind);
  const wanted = fields.map((field) => columnNameOf(field.path));
  return {
    kind,
    resource,
    name,
    quotedName: quoteIdentifier(name),
    resourceLiteral: quoteLiteral(resource),
    fields: fields.map((field, i) => {
      const column = wanted[i] ?? '';
      const clashes =
        FIXED_COLUMNS.includes(column) || wanted.filter((each) => each === column).length > 1;
      return {
        path: field.path,
        name: clashes ? hashed(column, field.path) : column,
        type: COLUMN_TYPES[field.type],
      };
    }),
    reconciled: kind.reconciled !== undefined,
    heartbeat: kind.reconciled?.heartbeat === true,
  };
}

/** The column of a stored field. @throws Error when the kind does not store that path. */
export function columnOf(table: KindTable, path: string): FieldColumn {
  const column = table.fields.find((field) => field.path === path);
  if (column === undefined) throw new Error(`${table.resource} stores no field ${path}`);
  return column;
}
