import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import { isJsonObject, ownValue } from '../apply/json-object.js';
import { OBJECT_META } from './object-meta-schema.js';

const cache = new WeakMap<KindDefinition, JsonSchema>();

/**
 * The schema of a whole object of the kind as it goes over the wire: the kind's own with
 * `apiVersion`, `kind` and Kubernetes' ObjectMeta put in. One and the same object per kind, so it
 * can serve as a key of caches.
 */
export function servedSchema(kind: KindDefinition): JsonSchema {
  let schema = cache.get(kind);
  if (schema === undefined) {
    schema = {
      ...kind.schema,
      type: 'object',
      properties: {
        ...propertiesOf(kind.schema),
        apiVersion: {
          type: 'string',
          description: 'Group and version of the schema of this object.',
        },
        kind: { type: 'string', description: 'What this object is.' },
        metadata: OBJECT_META,
      },
    };
    cache.set(kind, schema);
  }
  return schema;
}

/** Named fields of a schema node, `{}` when it names none. */
export function propertiesOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  const properties = schema['properties'];
  return isJsonObject(properties) ? (properties as Record<string, JsonSchema>) : {};
}

const resolved = new WeakMap<JsonSchema, WeakMap<JsonSchema, JsonSchema | undefined>>();

/**
 * The node that a `$ref` within `root` stands for, its siblings kept; other nodes as they are. The
 * same object each time: a schema must not change once it was used.
 */
export function resolveSchema(node: unknown, root: JsonSchema): JsonSchema | undefined {
  if (!isJsonObject(node)) return undefined;
  if (node['$ref'] === undefined && node['allOf'] === undefined) return node;
  let known = resolved.get(root);
  if (known === undefined) {
    known = new WeakMap();
    resolved.set(root, known);
  }
  if (!known.has(node)) known.set(node, followReferences(node, root));
  return known.get(node);
}

function followReferences(node: JsonSchema, root: JsonSchema): JsonSchema | undefined {
  let schema: unknown = node;
  for (let hops = 0; hops < 32; hops++) {
    if (!isJsonObject(schema)) return undefined;
    const allOf = schema['allOf'];
    if (typeof schema['$ref'] !== 'string') {
      // Kubernetes' own documents wrap a reference in `allOf` to put a default beside it.
      if (!Array.isArray(allOf) || allOf.length !== 1 || schema['properties'] !== undefined) {
        return schema;
      }
      const { allOf: _wrapped, ...siblings } = schema;
      schema = { ...(isJsonObject(allOf[0]) ? allOf[0] : {}), ...siblings };
      continue;
    }
    const { $ref, ...siblings } = schema;
    const target = pointerTarget($ref as string, root);
    if (!isJsonObject(target)) return undefined;
    schema = Object.keys(siblings).length === 0 ? target : { ...target, ...siblings };
  }
  return undefined;
}

const targets = new WeakMap<JsonSchema, Map<string, unknown>>();

function pointerTarget(reference: string, root: JsonSchema): unknown {
  let known = targets.get(root);
  if (known === undefined) targets.set(root, (known = new Map()));
  if (!known.has(reference)) known.set(reference, findTarget(reference, root));
  return known.get(reference);
}

function findTarget(reference: string, root: JsonSchema): unknown {
  if (!reference.startsWith('#/')) return undefined;
  let place: unknown = root;
  for (const token of reference.slice(2).split('/')) {
    if (!isJsonObject(place)) return undefined;
    place = ownValue(place, token.replaceAll('~1', '/').replaceAll('~0', '~'));
  }
  return place;
}
