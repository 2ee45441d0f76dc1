import type { KindDefinition } from '../../../sdk/api/kind.js';
import type { DeletionEffect } from '../object-store.js';
import type { Row } from './kind-shelf.js';

/**
 * Whether the object names the target in one of its kind's reference fields, or awaits any. With
 * `onDelete`: whether it names it in one of such fields.
 */
export function isReferrer(
  kind: KindDefinition,
  row: Row,
  target: KindDefinition,
  key: { readonly namespace: string; readonly name: string },
  onDelete?: DeletionEffect,
): boolean {
  return kind.references.some((reference) => {
    if (reference.group !== target.group || reference.kind !== target.kind) return false;
    if (onDelete !== undefined && reference.onDelete !== onDelete) return false;
    const name = row.fields.get(reference.path) ?? null;
    const awaitsAny = onDelete === undefined && reference.anyWhenAbsent === true;
    const namesIt = name === null ? awaitsAny : name === key.name;
    if (!namesIt || !target.namespaced) return namesIt;
    const named =
      reference.namespacePath === undefined ? null : row.fields.get(reference.namespacePath);
    return (named ?? row.stored.namespace) === key.namespace;
  });
}
