import type { ApiObject } from '../api/object.js';

/**
 * Whether two states of one object differ in nothing but what a server keeps for itself (versions,
 * times, managed fields, status).
 */
export function sameButForServerFields(a: ApiObject, b: ApiObject): boolean {
  return deepEqual(withoutServerFields(a), withoutServerFields(b));
}

/** Equality of JSON values; a field that is undefined counts as absent. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, index) => deepEqual(item, b[index]))
    );
  }
  const fieldsOfA = a as Record<string, unknown>;
  const fieldsOfB = b as Record<string, unknown>;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((field) =>
    deepEqual(fieldsOfA[field], fieldsOfB[field]),
  );
}

function withoutServerFields(object: ApiObject): unknown {
  const { status: _status, metadata, ...fields } = object;
  const {
    managedFields: _managedFields,
    resourceVersion: _resourceVersion,
    generation: _generation,
    creationTimestamp: _creationTimestamp,
    ...kept
  } = metadata;
  return { ...fields, metadata: kept };
}
