import type { KindDefinition } from '../../../sdk/api/kind.js';
import type { ApiObject } from '../../../sdk/api/object.js';
import { ClaimTurn } from '../claim-turn.js';
import {
  compareKeys,
  selectableContent,
  selector,
  type SelectableContent,
} from '../object-selection.js';
import type { ListOptions, StoredObject } from '../object-store.js';
import { ownerUids } from '../stored-fields.js';
import type { WorkState } from './work-state.js';

/** One object in memory with what selectors and look-ups need, so that its text is never parsed. */
export interface Row extends SelectableContent {
  stored: StoredObject;
  generation: number;
  owners: readonly string[];
  /** Only kinds that are reconciled. */
  work: WorkState | undefined;
}

/** What of a row comes from the object's content. */
export function describe(
  kind: KindDefinition,
  object: ApiObject,
): Pick<Row, 'generation' | 'labels' | 'fields' | 'owners'> {
  return {
    ...selectableContent(kind, object),
    generation: object.metadata.generation ?? 0,
    owners: ownerUids(object),
  };
}

/** The objects of one kind, by uid and by name, and in (namespace, name) order. */
export class KindShelf {
  readonly byUid = new Map<string, Row>();
  /** Of the claims of what is due. */
  readonly turn = new ClaimTurn();
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

  /**
   * What the options select, `limit` aside, in order. `earlier` are objects as they were at the
   * version `options.at`, of those that changed since: they stand for what is there now.
   */
  select(options: ListOptions, earlier: readonly StoredObject[] = []): readonly StoredObject[] {
    const { namespace = '', after, at = Infinity } = options;
    const isSelected = selector(this.kind, options);
    const isInRange = (stored: StoredObject): boolean =>
      (namespace === '' || stored.namespace === namespace) &&
      (after === undefined || compareKeys(stored, after) > 0);
    const present = this.sorted()
      .filter((row) => row.stored.resourceVersion <= at && isInRange(row.stored))
      .filter((row) => isSelected(row.stored, row))
      .map((row) => row.stored);
    if (earlier.length === 0) return present;
    const past = earlier.filter((stored) => {
      if (!isInRange(stored)) return false;
      const object = JSON.parse(stored.json) as ApiObject;
      return isSelected(stored, selectableContent(this.kind, object));
    });
    return [...present, ...past].sort(compareKeys);
  }
}

function keyOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}
