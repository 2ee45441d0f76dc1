import type { ApiObject } from '../../../sdk/api/object.js';
import { encodeObject, type ObjectText } from '../object-text.js';
import { ownerUids, readFields, type FieldValue } from '../stored-fields.js';
import type { KindTable } from './kind-table.js';
import type { InputColumn } from './write-statements.js';

/** An object made ready for a write statement: its text and a value for each further column. */
export interface ObjectContent {
  readonly uid: string;
  readonly text: ObjectText;
  readonly ownerUids: readonly string[];
  readonly columns: Readonly<Record<string, FieldValue>>;
}

/** @throws ApiError Invalid when an indexed field is too long. */
export function contentOf(table: KindTable, object: ApiObject): Omit<ObjectContent, 'uid'> {
  const text = encodeObject(object);
  const owners = ownerUids(object);
  const columns: Record<string, FieldValue> = {
    generation: object.metadata.generation ?? 0,
    metadata: text.metadata,
    spec: text.spec,
    status: text.status,
    rest: text.rest,
    labels: JSON.stringify(object.metadata.labels ?? {}),
    owners: owners.length === 0 ? null : JSON.stringify(owners),
  };
  const values = readFields(table.kind, object);
  table.fields.forEach(({ name }, i) => {
    columns[name] = values[i] ?? null;
  });
  return { text, ownerUids: owners, columns };
}

/** The items turned into one array for each input column, as `unnest` takes them. */
export function columnArrays(
  input: readonly InputColumn[],
  items: readonly (object & Partial<Pick<ObjectContent, 'columns'>>)[],
): FieldValue[][] {
  return input.map(([name]) =>
    items.map((item) => {
      const value = item.columns?.[name] ?? (item as Record<string, unknown>)[name];
      return (value ?? null) as FieldValue;
    }),
  );
}

/** All (object, owner) pairs as two arrays. */
export function ownerArrays(items: readonly ObjectContent[]): [uids: string[], owners: string[]] {
  const pairs = items.flatMap(({ uid, ownerUids: owners }) => owners.map((owner) => [uid, owner]));
  return [pairs.map(([uid]) => uid ?? ''), pairs.map(([, owner]) => owner ?? '')];
}
