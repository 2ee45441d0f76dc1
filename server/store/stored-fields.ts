import { ApiError } from '../../sdk/api/errors.js';
import type { IndexedField, KindDefinition } from '../../sdk/api/kind.js';
import { anchorOf } from '../../sdk/api/label-selector.js';
import type { ApiObject } from '../../sdk/api/object.js';

export type FieldValue = string | number | boolean | null;

/** `selector`: a LabelSelector, of which the anchor is kept. */
export interface StoredField {
  readonly path: string;
  readonly type: IndexedField['type'] | 'selector';
}

/** What an index entry of PostgreSQL takes with room to spare. */
const MAX_INDEXED_BYTES = 1024;

const fieldsOfKind = new WeakMap<KindDefinition, readonly StoredField[]>();

/** The fields that a store keeps apart: indexed ones and those that name or select other objects. */
export function storedFields(kind: KindDefinition): readonly StoredField[] {
  const known = fieldsOfKind.get(kind);
  if (known !== undefined) return known;
  const byPath = new Map<string, StoredField>();
  for (const field of kind.indexed) byPath.set(field.path, { path: field.path, type: field.type });
  const selectors = kind.selectors ?? [];
  for (const { path } of selectors) byPath.set(path, { path, type: 'selector' });
  const named = selectors.map(({ namespacePath: path }) => ({ path, namespacePath: undefined }));
  for (const { path, namespacePath } of [...kind.references, ...named]) {
    for (const referring of [path, namespacePath]) {
      if (referring !== undefined) byPath.set(referring, { path: referring, type: 'string' });
    }
  }
  const fields = [...byPath.values()];
  fieldsOfKind.set(kind, fields);
  return fields;
}

/**
 * The field's value; null when it is absent or not of the field's type.
 *
 * @throws ApiError Invalid when a string is longer than an index takes (1,024 bytes).
 */
export function readField(object: ApiObject, field: StoredField): FieldValue {
  const value = valueAt(object, field.path);
  switch (field.type) {
    case 'integer':
      return Number.isSafeInteger(value) ? (value as number) : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'string':
      return typeof value === 'string' ? indexable(value, field.path) : null;
    case 'scalar':
      if (typeof value === 'string') return indexable(value, field.path);
      return typeof value === 'boolean' || Number.isSafeInteger(value) ? String(value) : null;
    case 'selector':
      return anchorOf(value);
  }
}

/** The value at a dotted path, undefined when a step is missing. */
export function valueAt(object: ApiObject, path: string): unknown {
  let value: unknown = object;
  for (const segment of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, segment)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[segment];
  }
  return value;
}

/** All stored fields' values, in the order of `storedFields`. */
export function readFields(kind: KindDefinition, object: ApiObject): FieldValue[] {
  return storedFields(kind).map((field) => readField(object, field));
}

/** What a field selector compares with: an absent field is the empty string. */
export function fieldText(value: FieldValue): string {
  return value === null ? '' : String(value);
}

/** Uids in `metadata.ownerReferences`, sorted, each once. */
export function ownerUids(object: ApiObject): readonly string[] {
  const references = object.metadata.ownerReferences;
  if (references === undefined || references.length === 0) return [];
  return [...new Set(references.map((reference) => reference.uid))].sort();
}

function indexable(value: string, path: string): string {
  const bytes = Buffer.byteLength(value);
  if (bytes > MAX_INDEXED_BYTES) {
    const message = `${path}: ${bytes} bytes; at most ${MAX_INDEXED_BYTES}, as the field is indexed`;
    throw new ApiError('Invalid', message, {
      details: { causes: [{ reason: 'FieldValueTooLong', message, field: path }] },
    });
  }
  // Text columns take every character but NUL.
  return value.replaceAll('\0', '\uFFFD');
}
