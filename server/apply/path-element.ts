import { canonicalJson } from './canonical-json.js';
import { isJsonObject, ownValue, type JsonObject } from './json-object.js';
import type { SchemaNode } from './schema-walk.js';

/** The FieldsV1 path element of a field or map key. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/**
 * The FieldsV1 path element of an item of a granular list: `k:{"name":"x"}` or `v:"x"`. Undefined
 * when the item lacks a key of the list and the schema has no default for it.
 */
export function itemElement(list: SchemaNode, item: unknown): string | undefined {
  if (list.listType === 'set') return `v:${canonicalJson(item)}`;
  if (!isJsonObject(item)) return undefined;
  let text = '';
  for (const key of list.listMapKeys) {
    const value = ownValue(item, key) ?? list.items.keyDefault(key);
    if (value === undefined || value === null) return undefined;
    text += `${text === '' ? '' : ','}${JSON.stringify(key)}:${canonicalJson(value)}`;
  }
  return `k:{${text}}`;
}

/** The first key of the list that identifies items and that this item lacks. */
export function missingItemKey(list: SchemaNode, item: unknown): string | undefined {
  const given: JsonObject = isJsonObject(item) ? item : {};
  return list.listMapKeys.find(
    (key) => (ownValue(given, key) ?? list.items.keyDefault(key) ?? undefined) === undefined,
  );
}

/** A path as Kubernetes writes it for people: `.spec.containers[name="x"].image`, `.a[="v"]`. */
export function formatPath(path: readonly string[]): string {
  return path.map(formatElement).join('');
}

function formatElement(element: string): string {
  const text = element.slice(2);
  if (element.startsWith('f:')) return `.${text}`;
  if (element.startsWith('i:')) return `[${text}]`;
  if (element.startsWith('v:')) return `[=${text}]`;
  const keys: unknown = parseOrUndefined(text);
  if (!isJsonObject(keys)) return `[${text}]`;
  return `[${Object.keys(keys)
    .map((key) => `${key}=${JSON.stringify(keys[key])}`)
    .join(',')}]`;
}

function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Came from a client's managedFields; it is shown as it is.
    return undefined;
  }
}
