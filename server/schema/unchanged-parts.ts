import type { JsonSchema } from '../../sdk/api/kind.js';
import { deepEqual } from '../apply/deep-equal.js';
import { isJsonObject, ownValue } from '../apply/json-object.js';

/**
 * Tells what an update leaves as it was, for a kind of this schema. Nobody is told of faults in that:
 * they were let in before the schema became stricter, or another version of the kind did. As
 * Kubernetes' ratcheting (KEP-4008), and beyond it: where a whole part stays, so may whatever it lacks.
 */
export class UnchangedParts {
  readonly #object: unknown;
  readonly #old: unknown;
  readonly #schema: JsonSchema;
  readonly #known = new Map<string, boolean>();

  constructor(object: unknown, old: unknown, schema: JsonSchema) {
    this.#object = object;
    this.#old = old;
    this.#schema = schema;
  }

  /** Whether the part at this place stays; [] is all of the object but its metadata. */
  has(place: readonly string[]): boolean {
    const key = JSON.stringify(place);
    let answer = this.#known.get(key);
    if (answer === undefined) {
      answer = this.#compare(place);
      this.#known.set(key, answer);
    }
    return answer;
  }

  #compare(place: readonly string[]): boolean {
    if (place.length === 0) return isSameButMetadata(this.#object, this.#old);
    let value = this.#object;
    let before = this.#old;
    let node: unknown = this.#schema;
    for (const name of place) {
      const schema: JsonSchema = isJsonObject(node) ? node : {};
      if (Array.isArray(value)) {
        const item: unknown = value[Number(name)];
        before = Array.isArray(before) ? counterpart(item, before, schema) : undefined;
        value = item;
        node = schema['items'];
      } else if (isJsonObject(value)) {
        before = isJsonObject(before) ? ownValue(before, name) : undefined;
        value = ownValue(value, name);
        const { properties } = schema;
        node =
          (isJsonObject(properties) ? ownValue(properties, name) : undefined) ??
          schema['additionalProperties'];
      } else return false;
      if (before === undefined) return false;
    }
    return deepEqual(value, before);
  }
}

/** The item of the old list that this one was: the one with its keys, else one that is the same. */
function counterpart(item: unknown, old: readonly unknown[], schema: JsonSchema): unknown {
  const keys = schema['x-kubernetes-list-map-keys'];
  if (!Array.isArray(keys) || !isJsonObject(item)) return old.find((one) => deepEqual(one, item));
  return old.find(
    (one) =>
      isJsonObject(one) &&
      keys.every((key: string) => deepEqual(ownValue(one, key), ownValue(item, key))),
  );
}

/** True when two objects differ at most in their metadata. */
export function isSameButMetadata(left: unknown, right: unknown): boolean {
  if (!isJsonObject(left) || !isJsonObject(right)) return deepEqual(left, right);
  return deepEqual({ ...left, metadata: {} }, { ...right, metadata: {} });
}
