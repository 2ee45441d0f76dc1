import type { ApiObject } from '../../sdk/api/object.js';
import { appliedHashAnnotation } from './decorate.js';

/**
 * What a comparison of a decorated manifest with the live object says:
 *
 * - `same`: every field of the manifest is there as it was written.
 * - `edited`: the manifest is another than the one applied last.
 * - `unclear`: a field looks different, because somebody changed it, or only because the cluster
 *   writes it in another way (`1000m` is `1`). A dry run tells which.
 */
export type Difference = 'same' | 'edited' | 'unclear';

export function compareWithLive(desired: ApiObject, live: ApiObject): Difference {
  const hash = desired.metadata.annotations?.[appliedHashAnnotation];
  if (live.metadata.annotations?.[appliedHashAnnotation] !== hash) return 'edited';
  return isSubset(desired, live) ? 'same' : 'unclear';
}

/**
 * Whether two states of one object differ in nothing but what a server keeps for itself (versions,
 * times, managed fields, status).
 */
export function sameButForServerFields(a: ApiObject, b: ApiObject): boolean {
  return deepEqual(withoutServerFields(a), withoutServerFields(b));
}

/** Whether all fields of `part` are in `whole` with the same values; lists must be equally long. */
export function isSubset(part: unknown, whole: unknown): boolean {
  if (part === null) return whole === null || whole === undefined;
  if (Array.isArray(part)) {
    return (
      Array.isArray(whole) &&
      part.length === whole.length &&
      part.every((item, index) => isSubset(item, whole[index]))
    );
  }
  if (typeof part !== 'object') return part === whole;
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false;
  return Object.entries(part).every(([field, value]) =>
    isSubset(value, (whole as Record<string, unknown>)[field]),
  );
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
