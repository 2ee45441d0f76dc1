import { formatKey } from '../sdk/api/object.js';
import type { InventoryEntry, TrackedInstance } from './tracked-instance.js';

/** Names a kind: `apps/v1/Deployment`. */
export function kindKey(ref: { readonly apiVersion: string; readonly kind: string }): string {
  return `${ref.apiVersion}/${ref.kind}`;
}

/** `namespace/name` of a resource, as the caches have it. */
export function entryKey(entry: { readonly namespace?: string; readonly name: string }): string {
  return formatKey({ namespace: entry.namespace ?? '', name: entry.name });
}

/** The workload instances of one cluster, found by what they have put there. */
export class InstanceIndex {
  readonly #byUid = new Map<string, TrackedInstance>();
  readonly #byResource = new Map<string, Set<string>>();
  readonly #byNamespace = new Map<string, Set<string>>();
  readonly #byKind = new Map<string, Set<string>>();
  readonly #kinds = new Map<string, InventoryEntry>();

  /** Puts an instance in, or in the place of its older self. */
  set(instance: TrackedInstance): void {
    this.delete(instance.uid);
    this.#byUid.set(instance.uid, instance);
    for (const entry of instance.inventory ?? []) {
      add(this.#byResource, resourceKey(kindKey(entry), entryKey(entry)), instance.uid);
      add(this.#byNamespace, entry.namespace ?? '', instance.uid);
      add(this.#byKind, kindKey(entry), instance.uid);
      this.#kinds.set(kindKey(entry), entry);
    }
  }

  delete(uid: string): void {
    const old = this.#byUid.get(uid);
    this.#byUid.delete(uid);
    for (const entry of old?.inventory ?? []) {
      remove(this.#byResource, resourceKey(kindKey(entry), entryKey(entry)), uid);
      remove(this.#byNamespace, entry.namespace ?? '', uid);
      remove(this.#byKind, kindKey(entry), uid);
      if (!this.#byKind.has(kindKey(entry))) this.#kinds.delete(kindKey(entry));
    }
  }

  get(uid: string): TrackedInstance | undefined {
    return this.#byUid.get(uid);
  }

  uids(): readonly string[] {
    return [...this.#byUid.keys()];
  }

  /** Every kind of which some instance has a resource. */
  kinds(): ReadonlyMap<string, { readonly apiVersion: string; readonly kind: string }> {
    return this.#kinds;
  }

  /** The instances that have this resource in their inventory. */
  withResource(kind: string, key: string): Iterable<string> {
    return this.#byResource.get(resourceKey(kind, key)) ?? [];
  }

  withKind(kind: string): Iterable<string> {
    return this.#byKind.get(kind) ?? [];
  }

  /** The instances with a resource in this namespace; '' for cluster-scoped ones. */
  withNamespace(namespace: string): Iterable<string> {
    return this.#byNamespace.get(namespace) ?? [];
  }
}

function resourceKey(kind: string, key: string): string {
  return `${kind}|${key}`;
}

function add(index: Map<string, Set<string>>, key: string, uid: string): void {
  const uids = index.get(key);
  if (uids === undefined) index.set(key, new Set([uid]));
  else uids.add(uid);
}

function remove(index: Map<string, Set<string>>, key: string, uid: string): void {
  const uids = index.get(key);
  if (uids?.delete(uid) === true && uids.size === 0) index.delete(key);
}
