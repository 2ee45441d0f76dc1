import { isJsonObject, ownValue, setOwnValue } from '../apply/json-object.js';

/** Appends a map key or field to a path: `spec` + `runtime`, `metadata.labels` + `[a/b]`. */
export function fieldPath(parent: string, name: string): string {
  if (parent === '') return name;
  return /^[A-Za-z_][A-Za-z0-9_-]*$/.test(name) ? `${parent}.${name}` : `${parent}[${name}]`;
}

export function itemPath(parent: string, index: number): string {
  return `${parent}[${index}]`;
}

/** The value at a dotted path of fields, undefined when a step is missing. */
export function valueAt(object: unknown, path: string): unknown {
  let place = object;
  for (const name of path.split('.')) {
    if (!isJsonObject(place)) return undefined;
    place = ownValue(place, name);
  }
  return place;
}

/** Sets the value at a dotted path, making the objects on the way. Changes `object`. */
export function setValueAt(object: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop();
  if (last === undefined) return;
  let place = object;
  for (const name of names) {
    const next = ownValue(place, name);
    if (isJsonObject(next)) {
      place = next;
      continue;
    }
    const made: Record<string, unknown> = {};
    setOwnValue(place, name, made);
    place = made;
  }
  setOwnValue(place, last, value);
}

/**
 * Calls `visit` for every value that a path with `*` for "each key or item" names, and sets what it
 * returns in its place. Changes `object`.
 */
export function mapValuesAt(
  object: Record<string, unknown>,
  path: readonly string[],
  visit: (value: unknown, field: string) => unknown,
  prefix = '',
): void {
  const [name, ...rest] = path;
  if (name === undefined) return;
  for (const key of name === '*' ? Object.keys(object) : [name]) {
    const value = ownValue(object, key);
    if (value === undefined) continue;
    const field = prefix === '' ? key : `${prefix}.${key}`;
    if (rest.length === 0) setOwnValue(object, key, visit(value, field));
    else if (typeof value === 'object' && value !== null) {
      // An array's indices are its own keys, so `*` reaches items as well.
      mapValuesAt(value as Record<string, unknown>, rest, visit, field);
    }
  }
}
