import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { matchesLabels } from '../../sdk/api/selector.js';
import type { ListOptions } from './object-store.js';
import { selectableField } from './selectable-fields.js';
import { fieldText, readFields, storedFields, type FieldValue } from './stored-fields.js';

/** What of an object's content selectors look at, read once. */
export interface SelectableContent {
  readonly labels: Readonly<Record<string, string>>;
  readonly fields: ReadonlyMap<string, FieldValue>;
}

/** @throws ApiError Invalid when an indexed field is too long. */
export function selectableContent(kind: KindDefinition, object: ApiObject): SelectableContent {
  const values = readFields(kind, object);
  return {
    labels: { ...object.metadata.labels },
    fields: new Map(storedFields(kind).map((field, i) => [field.path, values[i] ?? null])),
  };
}

/** By labels or fields, so that a key alone does not tell what is selected. */
export function hasSelectors({ labels = [], fields = [] }: ListOptions): boolean {
  return labels.length > 0 || fields.length > 0;
}

/**
 * Whether an object meets the options' selectors, as SQL decides it for what is stored.
 *
 * @throws ApiError BadRequest for a field that cannot be selected by.
 */
export function selector(
  kind: KindDefinition,
  { labels = [], fields = [] }: ListOptions,
): (key: ObjectKey, content: SelectableContent) => boolean {
  const wanted = fields.map((requirement) => ({
    requirement,
    field: selectableField(kind, requirement.path),
  }));
  return (key, content) =>
    matchesLabels(content.labels, labels) &&
    wanted.every(({ requirement, field }) => {
      const text =
        'column' in field ? key[field.column] : fieldText(content.fields.get(field.path) ?? null);
      return (text === requirement.value) === (requirement.operator === '=');
    });
}

/** What an object is found by within its kind. */
export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

/** The order of lists. */
export function compareKeys(a: ObjectKey, b: ObjectKey): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return 0;
}
