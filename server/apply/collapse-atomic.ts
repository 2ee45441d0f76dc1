import { fieldSet, SELF_FIELD_SET, type FieldSet } from './field-set.js';
import type { SchemaNode } from './schema-walk.js';

/**
 * The set as the schema of today has it: who owned a part of a map or list that has become atomic
 * since owns all of it. A change the other way needs nothing, as in Kubernetes. Returns the set
 * itself when nothing changes.
 */
export function collapseAtomic(set: FieldSet, node: SchemaNode): FieldSet {
  if (set.children.size === 0 || node.isDeduced) return set;
  let children: Map<string, FieldSet> | undefined;
  for (const [element, child] of set.children) {
    const isField = element.startsWith('f:');
    if (isField ? node.isAtomicMap : node.listType === 'atomic') return SELF_FIELD_SET;
    const kept = collapseAtomic(child, isField ? node.field(element.slice(2)) : node.items);
    if (kept === child) continue;
    children ??= new Map(set.children);
    children.set(element, kept);
  }
  return children === undefined ? set : fieldSet(set.self, children);
}
