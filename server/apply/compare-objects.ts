import { deepEqual } from './deep-equal.js';
import { EMPTY_FIELD_SET, fieldSet, SELF_FIELD_SET, type FieldSet } from './field-set.js';
import { isJsonObject, ownValue, type JsonObject } from './json-object.js';
import { indexList } from './list-items.js';
import { fieldElement } from './path-element.js';
import type { SchemaNode } from './schema-walk.js';

export interface ObjectComparison {
  /** Fields that are new or have another value. A new map or list is there itself, too. */
  readonly changed: FieldSet;
  /** Fields that are gone, with the maps and lists that are gone. */
  readonly removed: FieldSet;
}

const NO_DIFFERENCE: ObjectComparison = { changed: EMPTY_FIELD_SET, removed: EMPTY_FIELD_SET };
const CHANGED: ObjectComparison = { changed: SELF_FIELD_SET, removed: EMPTY_FIELD_SET };
const REMOVED: ObjectComparison = { changed: EMPTY_FIELD_SET, removed: SELF_FIELD_SET };

type ValueShape = 'absent' | 'null' | 'scalar' | 'list' | 'map';

/**
 * What a write changes, field by field, as ownership sees it: atomic maps and lists are one field,
 * reordered items of a granular list are no change. `undefined` stands for absent. Parts that both
 * sides share are not looked into.
 */
export function compareObjects(
  before: unknown,
  after: unknown,
  node: SchemaNode,
): ObjectComparison {
  if (before === after) return NO_DIFFERENCE;
  const shapeBefore = shapeOf(before);
  const shapeAfter = shapeOf(after);
  if (isContainer(shapeBefore) && isContainer(shapeAfter) && shapeBefore !== shapeAfter) {
    return replaceContainer(before, after, node);
  }
  const shape = isContainer(shapeAfter) ? shapeAfter : shapeBefore;
  if (!isGranular(shape, node) || (isEmptyValue(before) && isEmptyValue(after))) {
    return compareLeaf(before, after);
  }
  if (shapeBefore === 'scalar' || shapeAfter === 'scalar')
    return replaceContainer(before, after, node);
  return shape === 'map' ? compareMaps(before, after, node) : compareLists(before, after, node);
}

function compareLeaf(before: unknown, after: unknown): ObjectComparison {
  if (before === undefined) return CHANGED;
  if (after === undefined) return REMOVED;
  return deepEqual(before, after) ? NO_DIFFERENCE : CHANGED;
}

/** A list became a map, or the like: everything below goes, everything new comes, the place too. */
function replaceContainer(before: unknown, after: unknown, node: SchemaNode): ObjectComparison {
  return {
    changed: isContainer(shapeOf(after))
      ? compareObjects(undefined, after, node).changed
      : SELF_FIELD_SET,
    removed: isContainer(shapeOf(before))
      ? compareObjects(before, null, node).removed
      : EMPTY_FIELD_SET,
  };
}

function compareMaps(before: unknown, after: unknown, node: SchemaNode): ObjectComparison {
  const left: JsonObject = isJsonObject(before) ? before : {};
  const right: JsonObject = isJsonObject(after) ? after : {};
  const difference = new ComparisonBuilder();
  for (const key of Object.keys(left)) {
    const value = ownValue(right, key);
    if (left[key] === value) continue;
    difference.add(fieldElement(key), compareObjects(left[key], value, node.field(key)));
  }
  for (const key of Object.keys(right)) {
    if (Object.hasOwn(left, key)) continue;
    difference.add(fieldElement(key), compareObjects(undefined, right[key], node.field(key)));
  }
  return difference.build(before === undefined, after === undefined);
}

function compareLists(before: unknown, after: unknown, node: SchemaNode): ObjectComparison {
  // Telling items apart costs more than seeing that nothing changed, which is the common case.
  if (after !== undefined && deepEqual(before, after)) return NO_DIFFERENCE;
  const left = indexList(Array.isArray(before) ? before : [], node).byElement;
  const right = indexList(Array.isArray(after) ? after : [], node).byElement;
  const difference = new ComparisonBuilder();
  for (const [element, items] of left) {
    difference.add(element, compareItems(items, right.get(element), node));
  }
  for (const [element, items] of right) {
    if (!left.has(element)) difference.add(element, compareItems(undefined, items, node));
  }
  return difference.build(before === undefined, after === undefined);
}

function compareItems(
  before: readonly unknown[] | undefined,
  after: readonly unknown[] | undefined,
  node: SchemaNode,
): ObjectComparison {
  if ((before?.length ?? 1) === 1 && (after?.length ?? 1) === 1) {
    return compareObjects(before?.[0], after?.[0], node.items);
  }
  // Duplicates cannot be told apart: they are owned together, as one leaf.
  return compareLeaf(before, after);
}

class ComparisonBuilder {
  readonly #changed = new Map<string, FieldSet>();
  readonly #removed = new Map<string, FieldSet>();

  add(element: string, difference: ObjectComparison): void {
    if (difference.changed !== EMPTY_FIELD_SET) this.#changed.set(element, difference.changed);
    if (difference.removed !== EMPTY_FIELD_SET) this.#removed.set(element, difference.removed);
  }

  build(isNew: boolean, isGone: boolean): ObjectComparison {
    if (this.#changed.size === 0 && this.#removed.size === 0 && !isNew && !isGone) {
      return NO_DIFFERENCE;
    }
    return { changed: fieldSet(isNew, this.#changed), removed: fieldSet(isGone, this.#removed) };
  }
}

function shapeOf(value: unknown): ValueShape {
  if (value === undefined) return 'absent';
  if (value === null) return 'null';
  if (typeof value !== 'object') return 'scalar';
  return Array.isArray(value) ? 'list' : 'map';
}

function isContainer(shape: ValueShape): boolean {
  return shape === 'list' || shape === 'map';
}

function isGranular(shape: ValueShape, node: SchemaNode): boolean {
  return shape === 'map' ? !node.isAtomicMap : shape === 'list' && node.listType !== 'atomic';
}

function isEmptyValue(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}
