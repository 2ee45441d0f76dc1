import type { ApiObject } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ObjectStore, Revision, StoredObject } from '../store/object-store.js';

/** A create that was under way when its namespace ended is committed within this time, or never. */
const LATEST_CREATE_MS = 5 * 60_000;
const MAX_REMEMBERED = 10_000;

export interface StrayContentOptions {
  readonly registry: KindRegistry;
  readonly store: Pick<ObjectStore, 'get' | 'list'>;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/**
 * Finds objects whose namespace is gone: created by a request that found the namespace alive and was
 * committed after its content had been counted. Fed with the log in order.
 */
export class StrayContent {
  readonly #options: StrayContentOptions;
  readonly #now: () => number;
  /** Namespaces that ended, oldest first, and when that was noticed. */
  readonly #ended = new Map<string, number>();

  constructor(options: StrayContentOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** What this entry of the log shows to be without a namespace. */
  async of({ object, type }: Revision): Promise<readonly StoredObject[]> {
    const namespaces = this.#options.registry.findResource('namespaces');
    if (namespaces === undefined) return [];
    if (object.resource === resourceName(namespaces)) {
      if (type === 'ADDED') this.#ended.delete(object.name);
      if (type !== 'DELETED') return [];
      this.#remember(object.name);
      return this.#left(object.name);
    }
    if (type !== 'ADDED' || !this.#endedLately(object.namespace)) return [];
    return (await this.#exists(object.namespace)) ? [] : [object];
  }

  async #left(namespace: string): Promise<readonly StoredObject[]> {
    const { registry, store } = this.#options;
    const reborn = await this.#creationOf(namespace);
    const left: StoredObject[] = [];
    for (const kind of registry.list()) {
      if (!kind.namespaced) continue;
      const { items } = await store.list(kind, { namespace });
      // In a namespace of the same name that was made since, only what is older than it is stray.
      left.push(...items.filter((item) => reborn === undefined || createdAt(item) < reborn));
    }
    return left;
  }

  async #exists(namespace: string): Promise<boolean> {
    return (await this.#creationOf(namespace)) !== undefined;
  }

  async #creationOf(namespace: string): Promise<string | undefined> {
    const { registry, store } = this.#options;
    const stored = await store.get(registry.resource('namespaces'), '', namespace);
    return stored === undefined ? undefined : createdAt(stored);
  }

  #remember(namespace: string): void {
    this.#ended.delete(namespace);
    this.#ended.set(namespace, this.#now());
    for (const [name, atMs] of this.#ended) {
      const isOld = this.#now() - atMs > LATEST_CREATE_MS;
      if (!isOld && this.#ended.size <= MAX_REMEMBERED) break;
      this.#ended.delete(name);
    }
  }

  #endedLately(namespace: string): boolean {
    const atMs = this.#ended.get(namespace);
    return atMs !== undefined && this.#now() - atMs <= LATEST_CREATE_MS;
  }
}

function createdAt({ json }: StoredObject): string {
  return (JSON.parse(json) as ApiObject).metadata.creationTimestamp ?? '';
}
