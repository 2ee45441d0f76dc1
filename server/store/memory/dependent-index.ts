import type { DependentPage, DependentPlace, StoredObject } from '../object-store.js';
import type { Row } from './kind-shelf.js';

/** Objects by the uids of their owners. */
export class DependentIndex {
  readonly #byOwner = new Map<string, Set<Row>>();

  /** Takes a row whose owners may not be those that it had. */
  set(row: Row, before: readonly string[]): void {
    for (const owner of before) if (!row.owners.includes(owner)) this.#drop(owner, row);
    for (const owner of row.owners) {
      const rows = this.#byOwner.get(owner);
      if (rows === undefined) this.#byOwner.set(owner, new Set([row]));
      else rows.add(row);
    }
  }

  remove(row: Row): void {
    for (const owner of row.owners) this.#drop(owner, row);
  }

  page(owner: string, limit: number, after: DependentPlace | undefined): DependentPage {
    const all = [...(this.#byOwner.get(owner) ?? [])].map(({ stored }) => stored);
    const rest = after === undefined ? all : all.filter((one) => compare(one, after) > 0);
    const items = rest.toSorted(compare).slice(0, limit);
    const last = rest.length > limit ? items.at(-1) : undefined;
    return { items, ...(last !== undefined && { next: placeOf(last) }) };
  }

  #drop(owner: string, row: Row): void {
    const rows = this.#byOwner.get(owner);
    rows?.delete(row);
    if (rows?.size === 0) this.#byOwner.delete(owner);
  }
}

function placeOf({ resource, uid }: StoredObject): DependentPlace {
  return { resource, uid };
}

function compare(a: DependentPlace, b: DependentPlace): number {
  if (a.resource !== b.resource) return a.resource < b.resource ? -1 : 1;
  return a.uid === b.uid ? 0 : a.uid < b.uid ? -1 : 1;
}
