/** A JSON object whose keys come from outside: read it with `ownValue`, write it with `setOwnValue`. */
export type JsonObject = Record<string, unknown>;

/** True for JSON objects only: not for null, not for arrays. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object's own property, never one it inherits: 'constructor' of `{}` is undefined. */
export function ownValue(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Sets an own property whatever its name; '__proto__' becomes plain data, no prototype changes. */
export function setOwnValue(object: JsonObject, key: string, value: unknown): void {
  if (key === '__proto__') {
    Object.defineProperty(object, key, {
      value,
      writable: true,
      enumerable: true,
      configurable: true,
    });
  } else {
    object[key] = value;
  }
}

/** A value as part of a message: a string as it is, all else as JSON. No value makes it throw. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

/** A copy without one key; the object itself when it does not have the key. */
export function withoutKey<T extends object>(object: T, key: string): T {
  if (!Object.hasOwn(object, key)) return object;
  const copy = { ...object };
  delete (copy as JsonObject)[key];
  return copy;
}
