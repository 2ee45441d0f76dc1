import type { ApiObject } from '../../sdk/api/object.js';
import { canonicalJson } from './canonical-json.js';
import { compareObjects } from './compare-objects.js';
import { difference, EMPTY_FIELD_SET, union, type FieldSet } from './field-set.js';
import { fieldsOfObject } from './fields-of-object.js';
import { isJsonObject } from './json-object.js';
import type { SchemaNode } from './schema-walk.js';

/** Where client-side `kubectl apply` keeps the configuration it applied last. */
export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/** The manager name of `kubectl apply --server-side`, which takes over from its client-side form. */
export const KUBECTL_MANAGER = 'kubectl';

/**
 * The fields that client-side `kubectl apply` set and that still have its value: kubectl's
 * server-side apply may take these without force. Empty when the annotation is absent or unreadable,
 * or of another version.
 */
export function fieldsOfLastApplied(live: ApiObject, node: SchemaNode): FieldSet {
  const text = live.metadata.annotations?.[LAST_APPLIED_ANNOTATION];
  if (text === undefined) return EMPTY_FIELD_SET;
  try {
    const lastApplied: unknown = JSON.parse(text);
    if (!isJsonObject(lastApplied) || lastApplied['apiVersion'] !== live.apiVersion) {
      return EMPTY_FIELD_SET;
    }
    const fields = fieldsOfObject(lastApplied, node, LAST_APPLIED_ANNOTATION);
    const { changed, removed } = compareObjects(live, lastApplied, node);
    return difference(fields, union(changed, removed));
  } catch {
    // Anybody can write the annotation; one that cannot be read allows nothing.
    return EMPTY_FIELD_SET;
  }
}

/** The object with the annotation brought up to date, if it has it and kubectl applied. */
export function withLastApplied(object: ApiObject, applied: ApiObject, manager: string): ApiObject {
  const annotations = object.metadata.annotations;
  if (manager !== KUBECTL_MANAGER || annotations?.[LAST_APPLIED_ANNOTATION] === undefined) {
    return object;
  }
  const text = `${canonicalJson(applied)}\n`;
  if (annotations[LAST_APPLIED_ANNOTATION] === text) return object;
  return {
    ...object,
    metadata: {
      ...object.metadata,
      annotations: { ...annotations, [LAST_APPLIED_ANNOTATION]: text },
    },
  };
}
