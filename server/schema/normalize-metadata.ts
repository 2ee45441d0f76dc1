import { isJsonObject, setOwnValue } from '../apply/json-object.js';

const TEXTS: readonly string[] = ['generateName', 'uid', 'resourceVersion', 'selfLink'];
const LISTS: readonly string[] = ['finalizers', 'ownerReferences'];
const TEXT_MAPS: readonly string[] = ['labels', 'annotations'];
/** Checked, and refused, as they were given. */
const KEPT: readonly string[] = ['name', 'namespace', 'managedFields'];

/**
 * `metadata` as Kubernetes' ObjectMeta reads it: without what says nothing (null, an empty text, list
 * or map), which therefore nobody owns; a null label or annotation is an empty text. Changes
 * `metadata`; what has the wrong type stays for the schema to refuse.
 */
export function normalizeMetadata(metadata: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(metadata)) {
    if (KEPT.includes(name)) continue;
    if (isEmpty(name, value)) delete metadata[name];
    else if (TEXT_MAPS.includes(name) && isJsonObject(value)) fillNulls(value);
  }
}

function fillNulls(texts: Record<string, unknown>): void {
  for (const [key, text] of Object.entries(texts)) {
    if (text === null) setOwnValue(texts, key, '');
  }
}

function isEmpty(name: string, value: unknown): boolean {
  if (value === null) return true;
  if (TEXTS.includes(name)) return value === '';
  if (LISTS.includes(name)) return Array.isArray(value) && value.length === 0;
  return TEXT_MAPS.includes(name) && isJsonObject(value) && Object.keys(value).length === 0;
}
