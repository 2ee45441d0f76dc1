import { EMPTY_FIELD_SET, type FieldSet } from './field-set.js';
import { isJsonObject, setOwnValue, type JsonObject } from './json-object.js';
import { indexList } from './list-items.js';
import { fieldElement } from './path-element.js';
import type { SchemaNode } from './schema-walk.js';

/**
 * Takes out of a merged object what the applying manager owned at its last apply (`last`) and what
 * nobody owns now (`owned`: the sets of all managers, its new one included). A list item or map key
 * that is taken out takes with it what others set inside; a field that the schema names stays as
 * long as anybody owns a part of it. Returns the value itself when nothing goes; never modifies it.
 */
export function pruneFields(
  value: unknown,
  node: SchemaNode,
  last: FieldSet,
  owned: FieldSet,
): unknown {
  return prune(value, node, { last, owned, isBelowLast: false, isBelowLost: false });
}

interface PruneContext {
  last: FieldSet;
  owned: FieldSet;
  /** A place above belonged to the manager at its last apply ... */
  isBelowLast: boolean;
  /** ... and a place above, from there on, belongs to nobody now. */
  isBelowLost: boolean;
}

function prune(value: unknown, node: SchemaNode, context: PruneContext): unknown {
  if (context.last.children.size === 0) return value;
  if (Array.isArray(value)) {
    return node.listType === 'atomic' ? value : pruneList(value, node, context);
  }
  return isJsonObject(value) && !node.isAtomicMap ? pruneMap(value, node, context) : value;
}

function pruneMap(value: JsonObject, node: SchemaNode, context: PruneContext): JsonObject {
  let pruned: JsonObject | undefined;
  for (const key of Object.keys(value)) {
    const below = step(context, fieldElement(key), node.isNamedField(key));
    if (below === undefined) continue;
    const kept = below === 'gone' ? undefined : prune(value[key], node.field(key), below);
    if (kept === value[key]) continue;
    pruned ??= { ...value };
    if (kept === undefined) delete pruned[key];
    else setOwnValue(pruned, key, kept);
  }
  return pruned ?? value;
}

function pruneList(
  value: readonly unknown[],
  node: SchemaNode,
  context: PruneContext,
): readonly unknown[] {
  const { elements } = indexList(value, node);
  let isSame = true;
  const pruned: unknown[] = [];
  for (const [index, item] of value.entries()) {
    const below = step(context, elements[index] ?? '', false);
    const kept =
      below === undefined ? item : below === 'gone' ? undefined : prune(item, node.items, below);
    if (kept !== item) isSame = false;
    if (kept !== undefined) pruned.push(kept);
  }
  return isSame ? value : pruned;
}

/** Undefined: nothing at or below this place was the manager's. 'gone': the place goes, with all. */
function step(
  context: PruneContext,
  element: string,
  isNamed: boolean,
): PruneContext | 'gone' | undefined {
  const last = context.last.children.get(element);
  if (last === undefined) return undefined;
  const owned = context.owned.children.get(element) ?? EMPTY_FIELD_SET;
  const wasOwned = last.self || isNamed;
  const isOwned = owned.self || (isNamed && owned !== EMPTY_FIELD_SET);
  const isBelowLast = context.isBelowLast || wasOwned;
  const isBelowLost = context.isBelowLost || (isBelowLast && !isOwned);
  return wasOwned && isBelowLost ? 'gone' : { last, owned, isBelowLast, isBelowLost };
}
