import type { KindDefinition } from '../../../sdk/api/kind.js';
import type { ApiObject } from '../../../sdk/api/object.js';
import { matchesLabels } from '../../../sdk/api/selector.js';
import type { ListOptions, StoredObject } from '../object-store.js';
import { selectableField } from '../selectable-fields.js';
import {
  fieldText,
  ownerUids,
  readFields,
  storedFields,
  type FieldValue,
} from '../stored-fields.js';
import type { WorkState } from './work-state.js';

/** One object in memory with what selectors and look-ups need, so that its text is never parsed. */
export interface Row {
  stored: StoredObject;
  generation: number;
  labels: Readonly<Record<string, string>>;
  fields: ReadonlyMap<string, FieldValue>;
  owners: readonly string[];
  /** Only kinds that are reconciled. */
  work: WorkState | undefined;
}

/** What of a row comes from the object's content. */
export function describe(
  kind: KindDefinition,
  object: ApiObject,
): Pick<Row, 'generation' | 'labels' | 'fields' | 'owners'> {
  const values = readFields(kind, object);
  return {
    generation: object.metadata.generation ?? 0,
    labels: { ...object.metadata.labels },
    fields: new Map(storedFields(kind).map((field, i) => [field.path, values[i] ?? null])),
    owners: ownerUids(object),
  };
}

/** The objects of one kind, by uid and by name, and in (namespace, name) order. */
export class KindShelf {
  readonly byUid = new Map<string, Row>();
  readonly #byKey = new Map<string, Row>();
  #sorted: readonly Row[] | undefined;

  constructor(public kind: KindDefinition) {}

  /** Takes a changed definition: fields that it gained are read from the objects that are there. */
  redefine(kind: KindDefinition): void {
    this.kind = kind;
    for (const row of this.byUid.values()) {
      Object.assign(row, describe(kind, JSON.parse(row.stored.json) as ApiObject));
    }
  }

  find(namespace: string, name: string): Row | undefined {
    return this.#byKey.get(keyOf(namespace, name));
  }

  add(row: Row): void {
    this.byUid.set(row.stored.uid, row);
    this.#byKey.set(keyOf(row.stored.namespace, row.stored.name), row);
    this.#sorted = undefined;
  }

  remove(row: Row): void {
    this.byUid.delete(row.stored.uid);
    this.#byKey.delete(keyOf(row.stored.namespace, row.stored.name));
    this.#sorted = undefined;
  }

  sorted(): readonly Row[] {
    this.#sorted ??= [...this.byUid.values()].sort((a, b) => compareKeys(a.stored, b.stored));
    return this.#sorted;
  }

  /** Rows that the options select, `limit` aside. */
  select(options: ListOptions): Row[] {
    const { namespace, after, labels = [] } = options;
    const fields = (options.fields ?? []).map((requirement) => ({
      requirement,
      field: selectableField(this.kind, requirement.path),
    }));
    return this.sorted().filter(
      (row) =>
        (namespace === undefined || namespace === '' || row.stored.namespace === namespace) &&
        (after === undefined || compareKeys(row.stored, after) > 0) &&
        matchesLabels(row.labels, labels) &&
        fields.every(({ requirement, field }) => {
          const text =
            'column' in field
              ? row.stored[field.column]
              : fieldText(row.fields.get(field.path) ?? null);
          return (text === requirement.value) === (requirement.operator === '=');
        }),
    );
  }
}

interface Key {
  readonly namespace: string;
  readonly name: string;
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function compareKeys(a: Key, b: Key): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  if (a.name !== b.name) return a.name < b.name ? -1 : 1;
  return 0;
}
