import type { KindDefinition } from '../../../sdk/api/kind.js';
import type { Row } from './kind-shelf.js';

/** Whether the object names the target in one of its kind's reference fields, or awaits any. */
export function isReferrer(
  kind: KindDefinition,
  row: Row,
  target: KindDefinition,
  key: { readonly namespace: string; readonly name: string },
): boolean {
  return kind.references.some((reference) => {
    if (reference.group !== target.group || reference.kind !== target.kind) return false;
    const name = row.fields.get(reference.path) ?? null;
    const namesIt = name === null ? reference.anyWhenAbsent === true : name === key.name;
    if (!namesIt || !target.namespaced) return namesIt;
    const named =
      reference.namespacePath === undefined ? null : row.fields.get(reference.namespacePath);
    return (named ?? row.stored.namespace) === key.namespace;
  });
}
