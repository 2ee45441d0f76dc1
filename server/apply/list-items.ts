import { itemElement } from './path-element.js';
import type { SchemaNode } from './schema-walk.js';

/** A granular list by path element, in list order. */
export interface IndexedList {
  /** One per item, duplicates included. */
  readonly elements: readonly string[];
  /** The items of each element: more than one where a client wrote duplicates. */
  readonly byElement: ReadonlyMap<string, readonly unknown[]>;
}

/**
 * Tells the items of a stored list apart. Never throws, since what is stored may be older than the
 * schema: an item without its keys goes by its index.
 */
export function indexList(list: readonly unknown[], node: SchemaNode): IndexedList {
  const elements: string[] = [];
  const byElement = new Map<string, unknown[]>();
  for (const [index, item] of list.entries()) {
    const element = itemElement(node, item) ?? `i:${index}`;
    elements.push(element);
    const known = byElement.get(element);
    if (known === undefined) byElement.set(element, [item]);
    else known.push(item);
  }
  return { elements, byElement };
}
