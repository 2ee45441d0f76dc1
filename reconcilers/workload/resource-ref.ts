import type { ApiObject } from '../../sdk/api/object.js';
import { parseApiVersion } from '../../sdk/api/object.js';
import type { InventoryEntry } from '../../sdk/api/zz_generated.types.js';

/** The inventory's entry for an object. */
export function refOf(object: Pick<ApiObject, 'apiVersion' | 'kind' | 'metadata'>): InventoryEntry {
  const { namespace, name } = object.metadata;
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    ...(namespace !== undefined && { namespace }),
    name,
  };
}

/** One string per object in a cluster, whichever version of its kind names it. */
export function refKey(ref: InventoryEntry): string {
  const { group } = parseApiVersion(ref.apiVersion);
  return [group, ref.kind, ref.namespace ?? '', ref.name].join('/');
}

/** For people: `Deployment default/web`. */
export function describeRef(ref: InventoryEntry): string {
  const name = ref.namespace === undefined ? ref.name : `${ref.namespace}/${ref.name}`;
  return `${ref.kind} ${name}`;
}

/** The entries of both lists, each once, those of `first` first. */
export function unionOfRefs(
  first: readonly InventoryEntry[],
  second: readonly InventoryEntry[],
): InventoryEntry[] {
  const byKey = new Map([...second, ...first].map((ref) => [refKey(ref), ref]));
  const order = new Set([...first, ...second].map(refKey));
  return [...order].flatMap((key) => byKey.get(key) ?? []);
}

/** The entries that are in `refs` and not in `others`. */
export function refsWithout(
  refs: readonly InventoryEntry[],
  others: readonly InventoryEntry[],
): InventoryEntry[] {
  const keys = new Set(others.map(refKey));
  return refs.filter((ref) => !keys.has(refKey(ref)));
}
