import type { IndexedField, KindDefinition } from '../../sdk/api/kind.js';
import { unknownField } from './store-errors.js';

/** Whether a field selector's path names the object itself or an indexed field of its kind. */
export type SelectableField = { readonly column: 'name' | 'namespace' } | IndexedField;

/** @throws ApiError BadRequest for a field that is not indexed; the message lists those that are. */
export function selectableField(kind: KindDefinition, path: string): SelectableField {
  if (path === 'metadata.name') return { column: 'name' };
  if (path === 'metadata.namespace') return { column: 'namespace' };
  const field = kind.indexed.find((indexed) => indexed.path === path);
  if (field === undefined) {
    const known = ['metadata.name', 'metadata.namespace', ...kind.indexed.map((each) => each.path)];
    throw unknownField(kind, path, known);
  }
  return field;
}
