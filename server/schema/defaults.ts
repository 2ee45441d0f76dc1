import type { JsonSchema } from '../../sdk/api/kind.js';
import { isJsonObject, setOwnValue } from '../apply/json-object.js';
import { propertiesOf, resolveSchema } from './served-schema.js';

/**
 * Fills in what the schema's `default`s say, as Kubernetes does: only where a field is absent, at
 * any depth of what is present, never inside an absent parent without a default of its own.
 * Changes `object`. Filling in twice gives the same as once.
 */
export function applyDefaults(object: Record<string, unknown>, root: JsonSchema): void {
  let isWorth = hasDefaults.get(root);
  if (isWorth === undefined) hasDefaults.set(root, (isWorth = reachesDefault(root)));
  if (isWorth) fill(object, root, root);
}

/** By the root of a schema. */
const hasDefaults = new WeakMap<JsonSchema, boolean>();

/** Whether any node of a schema has a default. A schema may hold itself. */
function reachesDefault(root: JsonSchema): boolean {
  const seen = new Set<unknown>([undefined]);
  const waiting: unknown[] = [root];
  while (waiting.length > 0) {
    const node = waiting.pop();
    const schema = resolveSchema(node, root);
    if (schema === undefined || seen.has(node)) continue;
    seen.add(node);
    if (schema['default'] !== undefined) return true;
    waiting.push(
      ...Object.values(propertiesOf(schema)),
      schema['items'],
      schema['additionalProperties'],
    );
  }
  return false;
}

function fill(value: unknown, node: unknown, root: JsonSchema): void {
  if (typeof value !== 'object' || value === null) return;
  const schema = resolveSchema(node, root);
  if (schema === undefined) return;
  if (Array.isArray(value)) {
    for (const item of value) fill(item, schema['items'], root);
    return;
  }
  const object = value as Record<string, unknown>;
  const properties = propertiesOf(schema);
  for (const [name, property] of Object.entries(properties)) {
    if (!Object.hasOwn(object, name)) {
      const given = property['default'] ?? resolveSchema(property, root)?.['default'];
      // As in Kubernetes, null is no default.
      if (given === undefined || given === null) continue;
      setOwnValue(object, name, structuredClone(given));
    }
    fill(object[name], property, root);
  }
  const additional = schema['additionalProperties'];
  if (!isJsonObject(additional)) return;
  for (const name of Object.keys(object)) {
    if (!Object.hasOwn(properties, name)) fill(object[name], additional, root);
  }
}
