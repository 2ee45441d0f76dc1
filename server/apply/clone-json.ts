import { isJsonObject, setOwnValue, type JsonObject } from './json-object.js';

/** A deep copy of JSON data, in a fraction of the time that structuredClone takes. */
export function cloneJson<T>(value: T): T {
  return clone(value) as T;
}

function clone(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clone);
  if (!isJsonObject(value)) return value;
  const copy: JsonObject = {};
  for (const key of Object.keys(value)) setOwnValue(copy, key, clone(value[key]));
  return copy;
}
