import { isApiError } from '../../sdk/api/errors.js';
import type { OwnerReference, StoredApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { errorChain } from '../../sdk/error-chain.js';
import { failpoint } from '../../sdk/failpoint.js';
import type { Logger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import { serverUser } from '../request-user.js';
import { policyOf } from '../resource/propagation-policy.js';
import type { ResourceService } from '../resource-service.js';
import { objectPages } from '../store/object-pages.js';
import type { ObjectStore, Revision, StoredObject } from '../store/object-store.js';
import { cascadingReferrers } from './cascading-referrers.js';
import { forEachDependent } from './dependent-pages.js';
import { Dependents } from './dependents.js';
import { KnownOwners } from './known-owners.js';
import { LogFollower } from './log-follower.js';
import { recordMisplacedOwner } from './misplaced-owner-event.js';
import { OpenWork } from './open-work.js';
import { StrayContent } from './stray-content.js';

/** Under this name the store keeps the collector's place in the log. */
export const GC_CURSOR = 'gc';
/** Up to here nothing waits for the collector. Behind its place: it looks at everything at a start. */
const SETTLED_CURSOR = 'gc-settled';
const PAGE = 500;
const RETRY_MS = 5_000;
const MAX_RETRIES_AT_ONCE = 100;

export interface GarbageCollectorOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly service: ResourceService;
  readonly logger: Logger;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
  /** Default 5,000. */
  readonly savePlaceMs?: number;
}

/**
 * Deletes what depends on deleted objects: dependents whose last owner is gone, or goes in the
 * foreground, referrers by a field that cascades, and what came into a namespace as it ended; orphans
 * dependents where that was asked for. Follows the log from a saved place, so that a crash at any point
 * loses nothing; doing the same twice, or on several servers, does no harm.
 *
 * An object whose owner goes while it is created is found by whichever of the two is later in the log.
 */
export class GarbageCollector implements Part {
  readonly #options: GarbageCollectorOptions;
  readonly #now: () => number;
  readonly #follower: LogFollower;
  readonly #dependents: Dependents;
  readonly #strays: StrayContent;
  readonly #open = new OpenWork();
  readonly #owners = new KnownOwners();
  #lookAtAll = false;
  #retriedAtMs = 0;

  constructor(options: GarbageCollectorOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#strays = new StrayContent(options);
    const { registry, service, store, logger, savePlaceMs } = options;
    this.#dependents = new Dependents({
      registry,
      store,
      service,
      misplaced: (dependent, owner) => {
        const nowMs = this.#now();
        return recordMisplacedOwner({ registry, service, logger, nowMs }, dependent, owner);
      },
    });
    this.#follower = new LogFollower({
      store,
      logger,
      follower: 'garbage collector',
      place: {
        read: () => this.#readPlace(),
        save: (version) => this.#savePlace(version),
      },
      handle: (revisions, signal) => this.#handle(revisions, signal),
      resync: (signal) => {
        this.#owners.forgetAll();
        return this.#lookAtEverything(signal);
      },
      ...(savePlaceMs !== undefined && { savePlaceMs }),
    });
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#follower.start(signal);
  }

  stop(): Promise<void> {
    return this.#follower.stop();
  }

  async #handle(revisions: readonly Revision[], signal: AbortSignal): Promise<number | undefined> {
    if (this.#lookAtAll) await this.#lookAtEverything(signal);
    for (const revision of revisions) {
      signal.throwIfAborted();
      await this.#see(revision);
    }
    // Whatever held them may be among what just went.
    const hasDeletions = revisions.some(({ type }) => type === 'DELETED');
    const isTime = this.#now() - this.#retriedAtMs >= RETRY_MS;
    if (hasDeletions || isTime || this.#open.isInAHurry) await this.#retry(signal);
    return this.#open.isEmpty ? undefined : RETRY_MS;
  }

  async #see(revision: Revision): Promise<void> {
    const { object, type, resourceVersion } = revision;
    for (const stray of await this.#strays.of(revision)) {
      await this.#delete(stray, resourceVersion);
    }
    if (type === 'DELETED') await this.#seeDeletion(revision);
    else if (this.#needsLook(object)) await this.#settle(object, resourceVersion);
  }

  async #seeDeletion({ object, resourceVersion }: Revision): Promise<void> {
    const { store, registry } = this.#options;
    this.#owners.forget(object.uid);
    this.#open.close(object.uid);
    if (object.json.includes('"ownerReferences"')) {
      for (const { uid } of ownersOf(object)) this.#open.hurry(uid);
    }
    await forEachDependent(store, object.uid, (dependent) =>
      this.#settle(dependent, resourceVersion),
    );
    for (const referrer of await cascadingReferrers({ registry, store }, object)) {
      await this.#delete(referrer, resourceVersion);
    }
  }

  /** False where owners and finalizers give the collector nothing to do. Most need no parsing. */
  #needsLook(stored: StoredObject): boolean {
    const { json, uid } = stored;
    if (json.includes('"deletionTimestamp"') && isOnItsWay(stored)) return true;
    if (!json.includes('"ownerReferences"') && !this.#owners.has(uid)) return false;
    if (this.#owners.isKnown(uid, ownersOf(stored))) return false;
    // An owner that the object no longer holds may go now.
    for (const owner of this.#owners.before(uid)) this.#open.hurry(owner);
    return true;
  }

  /** Does what is due for the object, or keeps it for later. */
  async #settle(stored: StoredObject, since: number): Promise<void> {
    const { uid } = stored;
    const isSettled = await this.#attempt(stored, () => this.#dependents.settle(stored));
    if (!isSettled) {
      this.#open.add(stored, 'settle', since);
      return;
    }
    this.#open.close(uid);
    this.#owners.remember(uid, ownersOf(stored));
  }

  /** Deletes the object whatever its owners are, or keeps it for later. */
  async #delete(stored: StoredObject, since: number): Promise<void> {
    const { registry, service } = this.#options;
    const kind = registry.findResource(stored.resource);
    if (kind === undefined) return;
    const { namespace, name, uid } = stored;
    const isDone = await this.#attempt(stored, async () => {
      try {
        await service.delete(
          { kind, namespace, name },
          {
            user: serverUser('garbage-collector'),
            dryRun: false,
            propagationPolicy: 'Background',
            preconditions: { uid },
          },
        );
      } catch (error) {
        if (isApiError(error, 'Conflict') || isApiError(error, 'Forbidden')) {
          return (await this.#options.store.getByUid(kind, uid)) === undefined;
        }
        if (!isApiError(error, 'NotFound')) throw error;
      }
      return true;
    });
    if (isDone) this.#open.close(uid);
    else this.#open.add(stored, 'delete', since);
  }

  /** One object that cannot be dealt with must not keep the others from it; a store that is away may. */
  async #attempt(stored: StoredObject, work: () => Promise<boolean>): Promise<boolean> {
    failpoint('before-collect');
    try {
      const isDone = await work();
      failpoint('after-collect');
      return isDone;
    } catch (error) {
      if (isApiError(error, 'ServiceUnavailable')) throw error;
      const { resource, namespace, name } = stored;
      const fields = { resource, namespace, name, error: errorChain(error) };
      this.#options.logger.warn('cannot collect an object yet', fields);
      return false;
    }
  }

  async #retry(signal: AbortSignal): Promise<void> {
    const { registry, store } = this.#options;
    this.#retriedAtMs = this.#now();
    for (const { resource, uid, work, since } of this.#open.next(MAX_RETRIES_AT_ONCE)) {
      signal.throwIfAborted();
      const kind = registry.findResource(resource);
      const stored = kind === undefined ? undefined : await store.getByUid(kind, uid);
      if (stored === undefined) this.#open.close(uid);
      else if (work === 'settle') await this.#settle(stored, since);
      else await this.#delete(stored, since);
    }
  }

  async #lookAtEverything(signal: AbortSignal): Promise<void> {
    const { registry, store } = this.#options;
    for (const kind of registry.list()) {
      signal.throwIfAborted();
      for await (const { items } of objectPages(store, kind, { limit: PAGE })) {
        signal.throwIfAborted();
        for (const item of items) if (this.#needsLook(item)) await this.#settle(item, 1);
      }
    }
    this.#lookAtAll = false;
  }

  async #readPlace(): Promise<number> {
    const { store } = this.#options;
    const place = await store.cursor(GC_CURSOR);
    this.#lookAtAll = (await store.cursor(SETTLED_CURSOR)) < place;
    return place;
  }

  /**
   * What waits for owners and dependents is found again by looking at everything; what must go for
   * another reason only by the entry that says so, hence that holds the place back.
   */
  async #savePlace(version: number): Promise<void> {
    const { store } = this.#options;
    await store.setCursor(SETTLED_CURSOR, this.#open.settledUpTo(version));
    await store.setCursor(GC_CURSOR, this.#open.deletedUpTo(version));
  }
}

function isOnItsWay({ json }: StoredObject): boolean {
  const object = JSON.parse(json) as StoredApiObject;
  return isBeingDeleted(object) && policyOf(object) !== undefined;
}

function ownersOf({ json }: StoredObject): readonly OwnerReference[] {
  return (JSON.parse(json) as StoredApiObject).metadata.ownerReferences ?? [];
}
