import type { KindRegistry } from '../sdk/api/registry.js';
import type { StoredApiObject } from '../sdk/api/object.js';
import { errorChain } from '../sdk/error-chain.js';
import type { Logger } from '../sdk/logger.js';
import type { ObjectStore, Revision } from '../server/store/object-store.js';

const PAGE_SIZE = 500;
const RETRY_MS = 500;
const REACH_TIMEOUT_MS = 10_000;

/** One committed change, in the order of the log. */
export interface ObjectChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** `plural.group`, see resourceName(). */
  readonly resource: string;
  readonly object: StoredApiObject;
  /** The object as it was before; absent for one that was not known. */
  readonly old?: StoredApiObject;
}

type Shelf = Map<string, Map<string, StoredApiObject>>;

/**
 * Every object of the cluster in memory, kept current by following the store's log: the one
 * informer that all controllers share. Its objects are never changed in place; neither may callers.
 */
export class ClusterCache {
  readonly #store: ObjectStore;
  readonly #registry: KindRegistry;
  readonly #logger: Logger;
  readonly #shelves = new Map<string, Shelf>();
  readonly #byUid = new Map<string, StoredApiObject>();
  readonly #owned = new Map<string, Set<string>>();
  readonly #listeners = new Set<(change: ObjectChange) => void>();
  readonly #waiters = new Set<{ readonly version: number; readonly resolve: () => void }>();
  #version = 0;
  #following: Promise<void> | undefined;
  #again = false;
  #unsubscribe: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(store: ObjectStore, registry: KindRegistry, logger: Logger) {
    this.#store = store;
    this.#registry = registry;
    this.#logger = logger;
  }

  /** The newest version that the cache reflects. */
  get version(): number {
    return this.#version;
  }

  /** Lists everything, then follows the log. Listeners hear of each listed object as ADDED. */
  async start(): Promise<void> {
    this.#version = await this.#store.currentVersion();
    const kinds = this.#registry.list();
    const lists = await Promise.all(kinds.map((kind) => this.#store.list(kind, {})));
    const listed = lists.flatMap(({ items }) =>
      items.flatMap(({ resource, json }) =>
        this.#shelve(resource, JSON.parse(json) as StoredApiObject, 'ADDED'),
      ),
    );
    // All is there before anybody hears of the first: what seems to be missing would be made anew.
    for (const change of listed) this.#tell(change);
    this.#unsubscribe = this.#store.onCommit(() => this.#follow());
    this.#follow();
  }

  async stop(): Promise<void> {
    this.#unsubscribe?.();
    clearTimeout(this.#retry);
    this.#listeners.clear();
    await this.#following;
  }

  get<T extends StoredApiObject>(resource: string, namespace: string, name: string): T | undefined {
    return this.#shelves.get(resource)?.get(namespace)?.get(name) as T | undefined;
  }

  getByUid(uid: string): StoredApiObject | undefined {
    return this.#byUid.get(uid);
  }

  /** Objects of one kind, in one namespace or ('' or absent) in all; no particular order. */
  list<T extends StoredApiObject>(resource: string, namespace = ''): T[] {
    const shelf = this.#shelves.get(resource);
    const parts = namespace === '' ? [...(shelf?.values() ?? [])] : [shelf?.get(namespace)];
    return parts.flatMap((part) => [...(part?.values() ?? [])]) as T[];
  }

  /** Objects of every kind that live in a namespace. */
  inNamespace(
    namespace: string,
  ): { readonly resource: string; readonly object: StoredApiObject }[] {
    return [...this.#shelves].flatMap(([resource, shelf]) =>
      [...(shelf.get(namespace)?.values() ?? [])].map((object) => ({ resource, object })),
    );
  }

  /** Objects of one kind that this uid owns (metadata.ownerReferences), by name. */
  ownedBy<T extends StoredApiObject>(uid: string, kind: string): T[] {
    return [...(this.#owned.get(uid) ?? [])]
      .flatMap((owned) => this.#byUid.get(owned) ?? [])
      .filter((object) => object.kind === kind)
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)) as T[];
  }

  /** Calls back for every change, synchronously and in order. Returns the way to end that. */
  subscribe(listener: (change: ObjectChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Resolves when the cache reflects this version; a write followed by it is never unseen. */
  async reached(version: number): Promise<void> {
    if (this.#version >= version) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiters.delete(waiter);
        reject(new Error(`the cache is at version ${this.#version}, not yet at ${version}`));
      }, REACH_TIMEOUT_MS);
      const waiter = {
        version,
        resolve: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      this.#waiters.add(waiter);
      this.#follow();
    });
  }

  #follow(): void {
    if (this.#following !== undefined) {
      this.#again = true;
      return;
    }
    this.#again = false;
    this.#following = this.#readLog()
      .catch((error: unknown) => {
        this.#logger.warn('cannot read the log, trying again', { error: errorChain(error) });
        this.#retry = setTimeout(() => this.#follow(), RETRY_MS);
      })
      .finally(() => {
        this.#following = undefined;
        if (this.#again) this.#follow();
      });
  }

  async #readLog(): Promise<void> {
    for (;;) {
      const revisions = await this.#store.revisionsAfter(this.#version, PAGE_SIZE, {
        following: true,
      });
      for (const revision of revisions) this.#take(revision);
      for (const waiter of this.#waiters) {
        if (waiter.version > this.#version) continue;
        this.#waiters.delete(waiter);
        waiter.resolve();
      }
      if (revisions.length < PAGE_SIZE) return;
    }
  }

  #take(revision: Revision): void {
    this.#version = revision.resourceVersion;
    const object = JSON.parse(revision.object.json) as StoredApiObject;
    if (revision.type === 'DELETED') this.#remove(revision.object.resource, object);
    else this.#put(revision.object.resource, object, revision.type);
  }

  #put(resource: string, object: StoredApiObject, type: 'ADDED' | 'MODIFIED'): void {
    for (const change of this.#shelve(resource, object, type)) this.#tell(change);
  }

  /** Answers the change, or nothing where a newer version is there. */
  #shelve(resource: string, object: StoredApiObject, type: 'ADDED' | 'MODIFIED'): ObjectChange[] {
    const { uid, namespace = '', name } = object.metadata;
    const old = this.#byUid.get(uid);
    // Listed objects may be ahead of the version from which the log is replayed.
    if (
      old !== undefined &&
      Number(old.metadata.resourceVersion) >= Number(object.metadata.resourceVersion)
    ) {
      return [];
    }
    let shelf = this.#shelves.get(resource);
    if (shelf === undefined) this.#shelves.set(resource, (shelf = new Map()));
    let part = shelf.get(namespace);
    if (part === undefined) shelf.set(namespace, (part = new Map()));
    part.set(name, object);
    this.#byUid.set(uid, object);
    this.#index(old, object);
    return [{ type, resource, object, ...(old !== undefined && { old }) }];
  }

  #remove(resource: string, object: StoredApiObject): void {
    const { uid, namespace = '', name } = object.metadata;
    const old = this.#byUid.get(uid);
    const shelf = this.#shelves.get(resource);
    const part = shelf?.get(namespace);
    if (part?.get(name)?.metadata.uid === uid) part.delete(name);
    if (part?.size === 0) shelf?.delete(namespace);
    this.#byUid.delete(uid);
    this.#index(old ?? object, undefined);
    this.#tell({ type: 'DELETED', resource, object, ...(old !== undefined && { old }) });
  }

  #index(old: StoredApiObject | undefined, object: StoredApiObject | undefined): void {
    for (const owner of old?.metadata.ownerReferences ?? []) {
      const owned = this.#owned.get(owner.uid);
      owned?.delete(old?.metadata.uid ?? '');
      if (owned?.size === 0) this.#owned.delete(owner.uid);
    }
    for (const owner of object?.metadata.ownerReferences ?? []) {
      const owned = this.#owned.get(owner.uid) ?? new Set();
      this.#owned.set(owner.uid, owned.add(object?.metadata.uid ?? ''));
    }
  }

  #tell(change: ObjectChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}
