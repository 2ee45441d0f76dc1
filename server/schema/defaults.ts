import { ApiError } from '../../sdk/api/errors.js';
import { jsonSize } from '../../sdk/api/json-size.js';
import type { JsonSchema } from '../../sdk/api/kind.js';
import { cloneJson } from '../apply/clone-json.js';
import { isJsonObject, setOwnValue } from '../apply/json-object.js';
import { propertiesOf, resolveSchema } from './served-schema.js';

/** As much as a body may have: a large default, times the items of a list, is more than memory has. */
const MAX_FILLED_BYTES = 3 * 1024 * 1024;

interface Budget {
  bytes: number;
}

/**
 * Fills in what the schema's `default`s say, as Kubernetes does: only where a field is absent, at
 * any depth of what is present, never inside an absent parent without a default of its own.
 * Changes `object`. Filling in twice gives the same as once.
 *
 * @throws ApiError RequestEntityTooLarge when that is more than 3 MiB.
 */
export function applyDefaults(object: Record<string, unknown>, root: JsonSchema): void {
  fill(object, root, root, { bytes: MAX_FILLED_BYTES });
}

function fill(value: unknown, node: unknown, root: JsonSchema, budget: Budget): void {
  if (typeof value !== 'object' || value === null) return;
  const schema = resolveSchema(node, root);
  if (schema === undefined || !leadsToDefault(schema, root)) return;
  if (Array.isArray(value)) {
    for (const item of value) fill(item, schema['items'], root, budget);
    return;
  }
  const object = value as Record<string, unknown>;
  for (const { name, value: given, bytes } of defaultsOf(schema, root)) {
    if (Object.hasOwn(object, name)) continue;
    budget.bytes -= bytes;
    if (budget.bytes < 0) {
      throw new ApiError(
        'RequestEntityTooLarge',
        `Request entity too large: with its defaults the object is more than ${MAX_FILLED_BYTES} bytes larger`,
      );
    }
    setOwnValue(object, name, cloneJson(given));
  }
  const properties = propertiesOf(schema);
  const additional = schema['additionalProperties'];
  for (const name of Object.keys(object)) {
    const property = Object.hasOwn(properties, name) ? properties[name] : additional;
    if (isJsonObject(property)) fill(object[name], property, root, budget);
  }
}

type Defaults = readonly {
  readonly name: string;
  readonly value: unknown;
  /** Its size as JSON, about, with the name. */
  readonly bytes: number;
}[];

/** What is known of schema nodes, by their root. */
const defaults = new WeakMap<JsonSchema, WeakMap<JsonSchema, Defaults>>();
const leading = new WeakMap<JsonSchema, WeakMap<JsonSchema, boolean>>();

/** The fields of a resolved node that have a default. As in Kubernetes, null is none. */
function defaultsOf(schema: JsonSchema, root: JsonSchema): Defaults {
  const known = knownOf(defaults, root);
  let found = known.get(schema);
  if (found === undefined) {
    found = Object.entries(propertiesOf(schema))
      .map(
        ([name, node]) =>
          [name, node['default'] ?? resolveSchema(node, root)?.['default']] as const,
      )
      .filter(([, value]) => value !== undefined && value !== null)
      .map(([name, value]) => ({
        name,
        value,
        bytes: name.length + jsonSize(value, MAX_FILLED_BYTES),
      }));
    known.set(schema, found);
  }
  return found;
}

/** True when a value of this node can have a default in it. Most parts of most objects cannot. */
function leadsToDefault(schema: JsonSchema, root: JsonSchema): boolean {
  const known = knownOf(leading, root);
  let answer = known.get(schema);
  if (answer === undefined) {
    const seen = new Set<JsonSchema>();
    answer = reachesDefault(schema, root, seen);
    known.set(schema, answer);
    // Then nothing that was seen on the way reaches one.
    if (!answer) for (const node of seen) known.set(node, false);
  }
  return answer;
}

/** A schema may hold itself, and be deeper than the stack. */
function reachesDefault(start: JsonSchema, root: JsonSchema, seen: Set<JsonSchema>): boolean {
  const waiting: unknown[] = [start];
  while (waiting.length > 0) {
    const schema = resolveSchema(waiting.pop(), root);
    if (schema === undefined || seen.has(schema)) continue;
    if (defaultsOf(schema, root).length > 0) return true;
    seen.add(schema);
    waiting.push(schema['items'], schema['additionalProperties']);
    waiting.push(...Object.values(propertiesOf(schema)));
  }
  return false;
}

function knownOf<T>(
  all: WeakMap<JsonSchema, WeakMap<JsonSchema, T>>,
  root: JsonSchema,
): WeakMap<JsonSchema, T> {
  let known = all.get(root);
  if (known === undefined) {
    known = new WeakMap();
    all.set(root, known);
  }
  return known;
}
