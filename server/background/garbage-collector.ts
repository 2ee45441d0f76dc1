import { isApiError } from '../../sdk/api/errors.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { ApiObject, OwnerReference } from '../../sdk/api/object.js';
import { parseApiVersion } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { Logger } from '../../sdk/logger.js';
import { SERVER_USER } from '../request-user.js';
import { referrersWith } from '../resource/blocking-references.js';
import type { ResourceService } from '../resource-service.js';
import type { ObjectStore, Revision, StoredObject } from '../store/object-store.js';
import { StrayContent } from './stray-content.js';

/** Under this name the store keeps the collector's place in the log. */
export const GC_CURSOR = 'gc';
const PAGE = 500;
const RETRY_MS = 5_000;
/** The cursor is saved after this many entries without work, so that idle writes stay rare. */
const SAVE_EVERY = 1_000;

export interface GarbageCollectorOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly service: ResourceService;
  readonly logger: Logger;
}

/**
 * Deletes what depends on deleted objects: dependents whose last owner is gone, referrers by a field
 * that cascades, and what came into a namespace as it ended. Follows the log from a saved place, so
 * that a crash loses nothing; doing the same twice does no harm.
 */
export class GarbageCollector {
  readonly #options: GarbageCollectorOptions;
  readonly #strays: StrayContent;
  /** Objects that could not be deleted yet, by uid, with the version to go back to after a crash. */
  readonly #pending = new Map<string, { readonly object: StoredObject; readonly since: number }>();
  #position = 0;
  #saved = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  #unsubscribe: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: GarbageCollectorOptions) {
    this.#options = options;
    this.#strays = new StrayContent(options);
  }

  async start(signal: AbortSignal): Promise<void> {
    const { store } = this.#options;
    this.#saved = await store.cursor(GC_CURSOR);
    this.#position = Math.max(this.#saved, await store.oldestVersion());
    signal.throwIfAborted();
    this.#stopped = false;
    this.#unsubscribe = store.onCommit(() => this.#wake());
    this.#wake();
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#unsubscribe?.();
    clearTimeout(this.#retry);
    await this.#running;
    try {
      await this.#save();
    } catch (error) {
      // The place is behind then, and some entries are looked at twice.
      this.#options.logger.warn('cannot save the place of the garbage collector', {
        error: errorChain(error),
      });
    }
  }

  #wake(): void {
    if (this.#stopped) return;
    if (this.#running !== undefined) {
      this.#again = true;
      return;
    }
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      if (this.#again) {
        this.#again = false;
        this.#wake();
      }
    });
  }

  async #run(): Promise<void> {
    const { store, logger } = this.#options;
    try {
      for (;;) {
        const revisions = await store.revisionsAfter(this.#position, PAGE, { following: true });
        let hasDeletions = false;
        for (const revision of revisions) {
          if (this.#stopped) return;
          hasDeletions ||= revision.type === 'DELETED';
          await this.#collect(revision);
          this.#position = revision.resourceVersion;
        }
        // Whatever blocked them may be among what just went.
        if (hasDeletions) await this.#retryPending();
        if (hasDeletions || this.#position - this.#saved >= SAVE_EVERY) await this.#save();
        if (revisions.length < PAGE) return;
      }
    } catch (error) {
      if (this.#stopped) return;
      logger.warn('garbage collection waits', { error: errorChain(error) });
      this.#retryLater();
    }
  }

  async #collect(revision: Revision): Promise<void> {
    const { store, registry } = this.#options;
    const { object, type } = revision;
    for (const stray of await this.#strays.of(revision)) {
      await this.#delete(stray, revision.resourceVersion);
    }
    if (type === 'ADDED' && object.json.includes('"ownerReferences"')) {
      // Its owner may have gone before it came; then no deletion follows that would find it.
      await this.#collectDependent(object, revision.resourceVersion);
      return;
    }
    if (type !== 'DELETED') return;
    for (const dependent of await store.dependentsOf(object.uid)) {
      await this.#collectDependent(dependent, revision.resourceVersion);
    }
    const kind = registry.findResource(object.resource);
    if (kind === undefined) return;
    const cascading = await referrersWith({ registry, store }, kind, object, 'cascade');
    for (const referrer of cascading) await this.#delete(referrer, revision.resourceVersion);
  }

  async #collectDependent(dependent: StoredObject, since: number): Promise<void> {
    const { metadata } = JSON.parse(dependent.json) as ApiObject;
    const owners = metadata.ownerReferences ?? [];
    for (const owner of owners) if (await this.#isThere(owner, dependent)) return;
    if (owners.length > 0) await this.#delete(dependent, since);
  }

  /** Owners of kinds that this server does not know count as there. */
  async #isThere(owner: OwnerReference, dependent: StoredObject): Promise<boolean> {
    const { store, registry } = this.#options;
    const kind = registry.findKind(parseApiVersion(owner.apiVersion).group, owner.kind);
    if (kind === undefined) return true;
    const stored = await store.getByUid(kind, owner.uid);
    return stored !== undefined && (!kind.namespaced || stored.namespace === dependent.namespace);
  }

  async #delete(object: StoredObject, since: number): Promise<void> {
    const { registry, service, logger } = this.#options;
    const kind = registry.findResource(object.resource);
    if (kind === undefined) return;
    const { namespace, name, uid } = object;
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
      this.#pending.delete(uid);
      logger.debug('deleted a dependent', { kind: kind.kind, namespace, name });
    } catch (error) {
      if (isApiError(error, 'NotFound')) {
        this.#pending.delete(uid);
        return;
      }
      if (!isApiError(error, 'Conflict') && !isApiError(error, 'Forbidden')) throw error;
      if (!this.#pending.has(uid)) this.#pending.set(uid, { object, since });
      this.#retryLater();
    }
  }

  async #retryPending(): Promise<void> {
    const { registry, store } = this.#options;
    for (const [uid, { object, since }] of this.#pending) {
      const kind = registry.findResource(object.resource);
      const now = kind === undefined ? undefined : await store.getByUid(kind, uid);
      if (now === undefined) this.#pending.delete(uid);
      else await this.#delete(now, since);
    }
  }

  #retryLater(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      if (this.#stopped) return;
      this.#running ??= this.#retryPending()
        .catch((error: unknown) => {
          this.#options.logger.warn('garbage collection waits', { error: errorChain(error) });
          this.#retryLater();
        })
        .finally(() => {
          this.#running = undefined;
          this.#wake();
        });
    }, RETRY_MS).unref();
  }

  async #save(): Promise<void> {
    const oldest = Math.min(
      this.#position,
      ...[...this.#pending.values()].map(({ since }) => since - 1),
    );
    if (oldest <= this.#saved) return;
    await this.#options.store.setCursor(GC_CURSOR, oldest);
    this.#saved = oldest;
  }
}
