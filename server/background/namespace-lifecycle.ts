import { isAlreadyExists, isApiError } from '../../sdk/api/errors.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { Logger } from '../../sdk/logger.js';
import { isJsonObject } from '../apply/json-object.js';
import { SERVER_USER } from '../request-user.js';
import { NAMESPACE_FINALIZER } from '../resource/core-admission.js';
import type { ResourceService } from '../resource-service.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import type { WatchEvent } from '../watch/watch-event.js';
import type { WatchTail } from '../watch/watch-tail.js';

const PAGE = 200;
const RETRY_MS = 5_000;
const FIELD_MANAGER = 'namespace-lifecycle';

export interface NamespaceLifecycleOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly service: ResourceService;
  readonly tail: WatchTail;
  readonly logger: Logger;
  /** Made at start when they are not there. */
  readonly permanentNamespaces: readonly string[];
}

/**
 * Makes the permanent namespaces, and ends those that were deleted: first their content, then they
 * themselves. Any number of servers may do this at once. Nothing to do without a Namespace kind.
 */
export class NamespaceLifecycle {
  readonly #options: NamespaceLifecycleOptions;
  readonly #terminating = new Set<string>();
  readonly #listener = (event: WatchEvent): void => this.#observe(event);
  #draining: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: NamespaceLifecycleOptions) {
    this.#options = options;
  }

  async start(signal: AbortSignal): Promise<void> {
    const { service, tail } = this.#options;
    const namespaces = this.#kind();
    if (namespaces === undefined) return;
    this.#stopped = false;
    for (const name of this.#options.permanentNamespaces) {
      signal.throwIfAborted();
      await this.#ensure(namespaces, name);
    }
    // Joins at the newest version known, so nothing falls between the list and the stream.
    tail.join(tail.head, this.#listener);
    const { items } = await service.list(namespaces, {});
    for (const item of items) this.#noteTerminating(item);
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#options.tail.leave(this.#listener);
    clearTimeout(this.#retry);
    await this.#draining;
  }

  #kind(): KindDefinition | undefined {
    return this.#options.registry.findResource('namespaces');
  }

  async #ensure(kind: KindDefinition, name: string): Promise<void> {
    const { service, store } = this.#options;
    if ((await store.get(kind, '', name)) !== undefined) return;
    try {
      await service.create(
        { kind, namespace: '', name: '' },
        { metadata: { name } },
        {
          user: SERVER_USER,
          fieldManager: FIELD_MANAGER,
          fieldValidation: 'Strict',
          dryRun: false,
        },
      );
    } catch (error) {
      // Another server was quicker.
      if (!isAlreadyExists(error)) throw error;
    }
  }

  #observe(event: WatchEvent): void {
    const kind = this.#kind();
    if (kind !== undefined && event.resource === resourceName(kind)) {
      if (event.type === 'DELETED') this.#terminating.delete(event.name);
      else this.#noteTerminating(event.stored(kind));
    } else if (event.type === 'MODIFIED' || !this.#terminating.has(event.namespace)) return;
    if (this.#terminating.size > 0) this.#wake();
  }

  #noteTerminating(stored: StoredObject): void {
    if (isBeingDeleted(JSON.parse(stored.json) as ApiObject)) this.#terminating.add(stored.name);
  }

  #wake(): void {
    if (this.#stopped || this.#terminating.size === 0) return;
    if (this.#draining !== undefined) {
      this.#again = true;
      return;
    }
    this.#draining = this.#drainAll().finally(() => {
      this.#draining = undefined;
      if (this.#again) {
        this.#again = false;
        this.#wake();
      }
    });
  }

  async #drainAll(): Promise<void> {
    for (const name of this.#terminating) {
      if (this.#stopped) return;
      try {
        if (await this.#removeContent(name)) await this.#finish(name);
      } catch (error) {
        this.#options.logger.warn('cannot empty a namespace yet', {
          namespace: name,
          error: errorChain(error),
        });
        clearTimeout(this.#retry);
        this.#retry = setTimeout(() => this.#wake(), RETRY_MS).unref();
      }
    }
  }

  /** Asks for the end of everything in the namespace; true when nothing is left. */
  async #removeContent(namespace: string): Promise<boolean> {
    const { registry, store, service, logger } = this.#options;
    let isEmpty = true;
    for (const kind of registry.list()) {
      if (!kind.namespaced) continue;
      const { items } = await store.list(kind, { namespace, limit: PAGE });
      for (const { name, uid } of items) {
        if (this.#stopped) return false;
        isEmpty = false;
        try {
          await service.delete(
            { kind, namespace, name },
            {
              user: SERVER_USER,
              dryRun: false,
              propagationPolicy: 'Background',
              preconditions: { uid },
            },
          );
        } catch (error) {
          // Blocked by another object, which goes too: its end wakes us. Or gone already.
          if (!isApiError(error, 'Conflict') && !isApiError(error, 'NotFound')) throw error;
          logger.debug('content of a namespace stays for now', {
            namespace,
            kind: kind.kind,
            name,
          });
        }
      }
    }
    if (isEmpty) return true;
    return this.#isEmpty(namespace);
  }

  async #isEmpty(namespace: string): Promise<boolean> {
    const { registry, store } = this.#options;
    for (const kind of registry.list()) {
      if (!kind.namespaced) continue;
      const { items } = await store.list(kind, { namespace, limit: 1 });
      if (items.length > 0) return false;
    }
    return true;
  }

  async #finish(name: string): Promise<void> {
    const { service } = this.#options;
    const kind = this.#kind();
    if (kind === undefined) return;
    const change = (live: unknown): unknown => {
      const spec = isJsonObject(live) && isJsonObject(live['spec']) ? live['spec'] : {};
      const finalizers = Array.isArray(spec['finalizers']) ? (spec['finalizers'] as unknown[]) : [];
      return { ...spec, finalizers: finalizers.filter((one) => one !== NAMESPACE_FINALIZER) };
    };
    try {
      const { json } = await service.get({ kind, namespace: '', name });
      const body = { metadata: { name }, spec: change(JSON.parse(json)) };
      await service.patch(
        { kind, namespace: '', name },
        '',
        { type: 'merge', body },
        {
          user: SERVER_USER,
          fieldManager: FIELD_MANAGER,
          fieldValidation: 'Ignore',
          dryRun: false,
        },
      );
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
    this.#terminating.delete(name);
  }
}
