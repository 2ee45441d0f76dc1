import type { ApiObject } from '../sdk/api/object.js';

/** One resource that a workload instance has put into the cluster. */
export interface InventoryEntry {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name: string;
}

/** What the agent needs to know of a WorkloadInstance. */
export interface TrackedInstance {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  /** In the order in which it is reported. Absent: nothing was decided yet, nothing is reported. */
  readonly inventory?: readonly InventoryEntry[];
}

/** Cuts a WorkloadInstance down to what is needed of it. */
export function toTrackedInstance(object: ApiObject): TrackedInstance {
  const status = object.status as { readonly inventory?: readonly InventoryEntry[] } | undefined;
  return {
    uid: object.metadata.uid ?? '',
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
    ...(Array.isArray(status?.inventory) && { inventory: status.inventory.map(toEntry) }),
  };
}

function toEntry({ apiVersion, kind, namespace, name }: InventoryEntry): InventoryEntry {
  return {
    apiVersion,
    kind,
    name,
    ...(namespace !== undefined && namespace !== '' && { namespace }),
  };
}
