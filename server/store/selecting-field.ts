import type { KindDefinition, SelectorField } from '../../sdk/api/kind.js';
import type { Labels } from '../../sdk/api/label-selector.js';
import { requirementsOf } from '../../sdk/api/label-selector.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { matchesLabels } from '../../sdk/api/selector.js';
import type { StoredObject } from './object-store.js';
import { valueAt } from './stored-fields.js';

/** What is selected from: objects of a kind in a namespace, '' for those that are in none. */
export interface SelectedAmong {
  readonly target: KindDefinition;
  readonly namespace: string;
  /** Absent: with whatever labels. */
  readonly labels?: readonly Labels[];
}

/** The fields of a kind that may select from another. */
export function selectorsOver(
  { selectors = [] }: KindDefinition,
  target: KindDefinition,
): readonly SelectorField[] {
  return selectors.filter(({ group, kind }) => group === target.group && kind === target.kind);
}

/** The first field by which the object selects one of these; undefined when it selects none. */
export function selectingField(
  kind: KindDefinition,
  object: ApiObject,
  { target, namespace, labels }: SelectedAmong,
): SelectorField | undefined {
  return selectorsOver(kind, target).find((field) => {
    const within = target.namespaced ? namespaceOf(field, object) : undefined;
    if (within !== undefined && within !== namespace) return false;
    const requirements = requirementsOf(valueAt(object, field.path));
    if (requirements === undefined) return false;
    return labels?.some((each) => matchesLabels(each, requirements)) ?? true;
  });
}

/** Whether the object, as stored, selects one of these. */
export function isSelecting(
  kind: KindDefinition,
  stored: StoredObject,
  among: SelectedAmong,
): boolean {
  return selectingField(kind, JSON.parse(stored.json) as ApiObject, among) !== undefined;
}

/** In which the object selects by this field; undefined: in all of them. */
export function namespaceOf(field: SelectorField, object: ApiObject): string | undefined {
  const named = field.namespacePath === undefined ? '' : valueAt(object, field.namespacePath);
  const own = object.metadata.namespace ?? '';
  return typeof named === 'string' && named !== '' ? named : own === '' ? undefined : own;
}
