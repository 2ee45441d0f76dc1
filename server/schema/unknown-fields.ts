import type { JsonSchema } from '../../sdk/api/kind.js';
import { isJsonObject } from '../apply/json-object.js';
import { normalizeMetadata } from './normalize-metadata.js';
import { fieldPath, itemPath } from './field-path.js';
import { nearMatch } from './near-match.js';
import { OBJECT_META } from './object-meta-schema.js';
import { propertiesOf, resolveSchema } from './served-schema.js';

/** A field that the schema does not know. `suggestion` is the path that was probably meant. */
export interface UnknownField {
  readonly path: string;
  readonly suggestion?: string;
}

/** Looking for what was meant costs more than all else here; nobody reads that many. */
const MAX_SUGGESTIONS = 20;

/**
 * Removes from `object` what its schema does not know, as Kubernetes prunes, and tells what that
 * was. A null for a field that cannot be null is dropped silently, as if it were absent. Parts under
 * `x-kubernetes-preserve-unknown-fields`, and objects of which the schema says nothing, stay whole.
 */
export function pruneUnknownFields(
  object: Record<string, unknown>,
  root: JsonSchema,
): readonly UnknownField[] {
  const unknown: UnknownField[] = [];
  prune(object, root, root, '', unknown);
  return unknown;
}

function prune(
  value: unknown,
  node: unknown,
  root: JsonSchema,
  path: string,
  unknown: UnknownField[],
): void {
  if (typeof value !== 'object' || value === null) return;
  const schema = resolveSchema(node, root);
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    value.forEach((item, index) =>
      prune(item, schema['items'], root, itemPath(path, index), unknown),
    );
    return;
  }
  pruneObject(value as Record<string, unknown>, schema, root, path, unknown);
}

function pruneObject(
  object: Record<string, unknown>,
  schema: JsonSchema,
  root: JsonSchema,
  path: string,
  unknown: UnknownField[],
): void {
  const properties = propertiesOf(schema);
  const additional = schema['additionalProperties'];
  const preserve = keepsUnknownFields(schema);
  const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
  if (isEmbedded && isJsonObject(object['metadata'])) normalizeMetadata(object['metadata']);
  for (const name of Object.keys(object)) {
    const known = Object.hasOwn(properties, name)
      ? properties[name]
      : isJsonObject(additional)
        ? additional
        : undefined;
    if (known !== undefined) {
      if (object[name] === null && !acceptsNull(known, root)) delete object[name];
      else prune(object[name], known, root, fieldPath(path, name), unknown);
    } else if (isEmbedded && name === 'metadata') {
      prune(object[name], OBJECT_META, OBJECT_META, fieldPath(path, name), unknown);
    } else if (!preserve && !(isEmbedded && (name === 'apiVersion' || name === 'kind'))) {
      const near =
        unknown.length < MAX_SUGGESTIONS ? nearMatch(name, Object.keys(properties)) : undefined;
      unknown.push({
        path: fieldPath(path, name),
        ...(near !== undefined && { suggestion: fieldPath(path, near) }),
      });
      delete object[name];
    }
  }
}

function keepsUnknownFields(schema: JsonSchema): boolean {
  return (
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    schema['additionalProperties'] === true ||
    (schema['properties'] === undefined && schema['additionalProperties'] === undefined)
  );
}

function acceptsNull(node: JsonSchema, root: JsonSchema): boolean {
  const schema = resolveSchema(node, root);
  if (schema === undefined || schema['nullable'] === true) return true;
  return schema['type'] === undefined && schema['x-kubernetes-int-or-string'] !== true;
}
