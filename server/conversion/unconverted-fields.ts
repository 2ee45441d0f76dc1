import { createHash } from 'node:crypto';
import { canonicalJson } from '../apply/canonical-json.js';
import { deepEqual } from '../apply/deep-equal.js';
import { isJsonObject, ownValue, setOwnValue } from '../apply/json-object.js';
import type { JsonSchema } from '../../sdk/api/kind.js';
import { propertiesOf, resolveSchema } from '../schema/served-schema.js';

/** A step to a value: a field, or the item of a list map that has these keys. */
export type Step = string | Readonly<Record<string, unknown>>;

/** A value that an object of the other version has no place for. */
export interface UnconvertedField {
  readonly path: readonly Step[];
  readonly value: unknown;
  /**
   * Digest of what is at the path instead. The value is put back only while that is so: a list whose
   * items cannot be told apart is the writer's once it was written.
   */
  readonly instead?: string;
  /** An empty place that something was moved into: free again once that is moved out. */
  readonly filled?: true;
}

/** What `whole` has and `pruned`, the same object after its schema was laid on it, has not. */
export function differenceOf(
  whole: unknown,
  pruned: unknown,
  root: JsonSchema,
): UnconvertedField[] {
  const found: UnconvertedField[] = [];
  collect(whole, pruned, { node: root, root, path: [], found });
  return found;
}

interface Place {
  readonly node: unknown;
  readonly root: JsonSchema;
  readonly path: readonly Step[];
  readonly found: UnconvertedField[];
}

function collect(whole: unknown, pruned: unknown, place: Place): void {
  const { path, found, root } = place;
  const schema = resolveSchema(place.node, root) ?? {};
  if (Array.isArray(whole) && Array.isArray(pruned)) {
    if (deepEqual(whole, pruned)) return;
    const steps = stepsOfItems(whole, schema);
    if (steps === undefined) {
      found.push({ path, value: whole, instead: digestOf(pruned) ?? '' });
      return;
    }
    whole.forEach((item, i) =>
      collect(item, pruned[i], {
        ...place,
        node: schema['items'],
        path: [...path, steps[i] ?? ''],
      }),
    );
  } else if (isJsonObject(whole) && isJsonObject(pruned)) {
    for (const [name, value] of Object.entries(whole)) {
      const below = [...path, name];
      if (!Object.hasOwn(pruned, name)) found.push({ path: below, value });
      else {
        const node = ownValue(propertiesOf(schema), name) ?? schema['additionalProperties'];
        collect(value, pruned[name], { ...place, node, path: below });
      }
    }
  }
}

/** The keys of each item of a list map; undefined when the items cannot be told apart. */
function stepsOfItems(items: readonly unknown[], schema: JsonSchema): Step[] | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(keys)) return undefined;
  const steps = items.map((item) =>
    Object.fromEntries(
      keys.map((key) => [
        String(key),
        isJsonObject(item) ? ownValue(item, String(key)) : undefined,
      ]),
    ),
  );
  return new Set(steps.map(canonicalJson)).size === items.length ? steps : undefined;
}

/**
 * Puts a value back where it was, unless its place is gone or taken: then the object was written in
 * between, and what it says now counts. Changes `object`.
 */
export function restoreField(object: Record<string, unknown>, field: UnconvertedField): void {
  const place = field.path.slice(0, -1).reduce(childAt, object as unknown);
  const last = field.path.at(-1);
  if (last === undefined || !isJsonObject(place)) return;
  if (typeof last !== 'string') return;
  const present = ownValue(place, last);
  const isFree =
    field.instead === undefined ? present === undefined : digestOf(present) === field.instead;
  if (isFree) setOwnValue(place, last, field.value);
}

function childAt(place: unknown, step: Step): unknown {
  if (typeof step === 'string') return isJsonObject(place) ? ownValue(place, step) : undefined;
  if (!Array.isArray(place)) return undefined;
  return place.find(
    (item) =>
      isJsonObject(item) &&
      Object.entries(step).every(([key, value]) => deepEqual(ownValue(item, key), value)),
  );
}

function digestOf(value: unknown): string | undefined {
  if (value === undefined) return undefined;
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, 16);
}
