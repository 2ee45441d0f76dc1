import type { ApiObject } from '../../sdk/api/object.js';

type Fields = Record<string, unknown>;

/**
 * What the next apply of one manager makes of a live object: fields that it no longer mentions go,
 * those that it mentions are set, the rest stays. Lists are atomic.
 */
export function applyMerged(
  live: ApiObject | undefined,
  lastApplied: ApiObject | undefined,
  next: ApiObject,
): ApiObject {
  return merge(live ?? {}, lastApplied ?? {}, next) as ApiObject;
}

function merge(live: unknown, lastApplied: unknown, next: unknown): unknown {
  if (!isMap(next)) return structuredClone(next);
  const before = isMap(live) ? live : {};
  const last = isMap(lastApplied) ? lastApplied : {};
  const result: Fields = {};
  for (const [field, value] of Object.entries(before)) {
    if (field in next || !(field in last)) result[field] = structuredClone(value);
  }
  for (const [field, value] of Object.entries(next)) {
    result[field] = merge(before[field], last[field], value);
  }
  return result;
}

function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
