import { deepEqual } from './deep-equal.js';
import { isJsonObject, setOwnValue, type JsonObject } from './json-object.js';
import { indexList, type IndexedList } from './list-items.js';
import type { SchemaNode } from './schema-walk.js';

/**
 * The live value with an applied configuration laid over it. Maps and granular lists join, all else
 * is taken from the configuration; nothing is removed. Null does not empty a map or list that has
 * contents. Returns `live` itself when the configuration changes nothing; never modifies either, and
 * shares their parts.
 */
export function mergeApplied(live: unknown, applied: unknown, node: SchemaNode): unknown {
  if (applied === undefined || live === applied) return live;
  if (live === undefined) return applied;
  if (isJsonObject(live) && !node.isAtomicMap) {
    if (applied === null) return Object.keys(live).length > 0 ? live : applied;
    if (isJsonObject(applied)) return mergeMaps(live, applied, node);
  } else if (Array.isArray(live) && node.listType !== 'atomic') {
    if (applied === null) return live.length > 0 ? live : applied;
    // Telling items apart costs more than seeing that nothing changes, which is the common case.
    if (Array.isArray(applied)) {
      return deepEqual(live, applied) ? live : mergeLists(live, applied, node);
    }
  }
  return deepEqual(live, applied) ? live : applied;
}

function mergeMaps(live: JsonObject, applied: JsonObject, node: SchemaNode): JsonObject {
  let merged: JsonObject | undefined;
  for (const key of Object.keys(applied)) {
    const isNew = !Object.hasOwn(live, key);
    const before = isNew ? undefined : live[key];
    const after = mergeApplied(before, applied[key], node.field(key));
    if (after === before && !isNew) continue;
    merged ??= { ...live };
    setOwnValue(merged, key, after);
  }
  return merged ?? live;
}

function mergeLists(
  live: readonly unknown[],
  applied: readonly unknown[],
  node: SchemaNode,
): readonly unknown[] {
  const left = indexList(live, node);
  const right = indexList(applied, node);
  const merged: unknown[] = [];
  for (const { element, liveIndex } of mergedOrder(left, right)) {
    const given = right.byElement.get(element);
    if (given === undefined) {
      merged.push(live[liveIndex]);
    } else {
      const known = left.byElement.get(element);
      // Live duplicates of an applied item give way to it.
      merged.push(mergeApplied(known?.length === 1 ? known[0] : undefined, given[0], node.items));
    }
  }
  const isSame =
    merged.length === live.length && merged.every((item, index) => item === live[index]);
  return isSame ? live : merged;
}

interface ListPlace {
  element: string;
  /** The index in the live list; -1 for what the configuration brings. */
  liveIndex: number;
}

/**
 * The applied order for what is applied; items of others stay behind the same live neighbours.
 * Walks both lists once.
 */
function mergedOrder(live: IndexedList, applied: IndexedList): ListPlace[] {
  const places: ListPlace[] = [];
  const shared = applied.elements.filter((element) => live.byElement.has(element));
  const done = new Set<string>();
  let nextShared = 0;
  let liveIndex = 0;
  let appliedIndex = 0;
  while (liveIndex < live.elements.length || appliedIndex < applied.elements.length) {
    const left = live.elements[liveIndex];
    const right = applied.elements[appliedIndex];
    if (left !== undefined) {
      const isShared = applied.byElement.has(left);
      if (!isShared) {
        places.push({ element: left, liveIndex });
        liveIndex += 1;
        continue;
      }
      // Already placed, or to be placed where the configuration has it.
      if (
        done.has(left) ||
        (right !== undefined && left !== right && left !== shared[nextShared])
      ) {
        liveIndex += 1;
        continue;
      }
    }
    if (right === undefined) {
      liveIndex += 1;
      continue;
    }
    places.push({ element: right, liveIndex: -1 });
    done.add(right);
    appliedIndex += 1;
    if (right === left) liveIndex += 1;
    if (right === shared[nextShared]) nextShared += 1;
  }
  return places;
}
