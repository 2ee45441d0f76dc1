import { isApiError } from '../../sdk/api/errors.js';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from '../../sdk/api/finalizers.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ObjectMeta, OwnerReference, StoredApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { serverUser } from '../request-user.js';
import { policyOf } from '../resource/propagation-policy.js';
import type { PropagationPolicy } from '../resource/write-request.js';
import type { ResourceService } from '../resource-service.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import { forEachDependent, hasDependent } from './dependent-pages.js';
import { classifyOwners } from './owner-references.js';

const MAX_ATTEMPTS = 5;

export interface DependentsOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly service: ResourceService;
  /** Told of a reference that can name no owner, each time that one is met. Must not throw. */
  readonly misplaced: (dependent: StoredApiObject, owner: OwnerReference) => Promise<void>;
}

/**
 * What becomes of one object because of its owners and its dependents, by the rules of Kubernetes'
 * garbage collector. Looks at the present only, so that it may be asked again at any time, after a
 * crash or by several servers at once.
 */
export class Dependents {
  readonly #options: DependentsOptions;

  constructor(options: DependentsOptions) {
    this.#options = options;
  }

  /**
   * Does what is due for the object: deletes it when its last owner is gone; frees it of owners that
   * are; orphans or deletes its dependents when it is being deleted so. False when something is left
   * to do later: others hold it, or a dependent that its deletion waits for.
   */
  async settle(stored: StoredObject): Promise<boolean> {
    const { registry, store } = this.#options;
    const kind = registry.findResource(stored.resource);
    if (kind === undefined) return true;
    let now: StoredObject | undefined = stored;
    for (let attempt = 1; now !== undefined; attempt++) {
      const object = JSON.parse(now.json) as StoredApiObject;
      if (isBeingDeleted(object)) return this.#proceed(kind, object);
      if (await this.#collect(kind, object)) return true;
      const before: number = now.resourceVersion;
      now = await store.getByUid(kind, stored.uid);
      if (now?.resourceVersion === before || attempt >= MAX_ATTEMPTS) return false;
    }
    return true;
  }

  /** The way of an object that is being deleted, as far as the collector goes it. */
  async #proceed(kind: KindDefinition, object: StoredApiObject): Promise<boolean> {
    switch (policyOf(object)) {
      case 'Orphan':
        await this.#orphan(kind, object);
        return true;
      case 'Foreground':
        return this.#endInForeground(kind, object);
      default:
        return true;
    }
  }

  async #orphan(kind: KindDefinition, { metadata }: StoredApiObject): Promise<void> {
    const { registry, store, service } = this.#options;
    await forEachDependent(store, metadata.uid, async ({ resource, uid }) => {
      const dependent = registry.findResource(resource);
      if (dependent === undefined) return;
      await service.amend(dependent, uid, (meta) => disown(meta, [metadata.uid]));
    });
    await service.amend(kind, metadata.uid, (meta) => unhold(meta, ORPHAN_FINALIZER));
  }

  async #endInForeground(kind: KindDefinition, { metadata }: StoredApiObject): Promise<boolean> {
    const { store, service } = this.#options;
    await forEachDependent(store, metadata.uid, async (dependent) => {
      // One that is on its way is followed by itself: owners may go round in a circle.
      if (!isBeingDeleted(parse(dependent))) await this.settle(dependent);
    });
    const blocks = (dependent: StoredObject): boolean =>
      (parse(dependent).metadata.ownerReferences ?? []).some(
        ({ uid, blockOwnerDeletion }) => uid === metadata.uid && blockOwnerDeletion === true,
      );
    if (await hasDependent(store, metadata.uid, blocks)) return false;
    await service.amend(kind, metadata.uid, (meta) => unhold(meta, FOREGROUND_FINALIZER));
    return true;
  }

  /** False when it could not be deleted as it is. */
  async #collect(kind: KindDefinition, object: StoredApiObject): Promise<boolean> {
    const { store, service, misplaced } = this.#options;
    const { uid, ownerReferences = [] } = object.metadata;
    if (ownerReferences.length === 0) return true;
    const owners = await classifyOwners(this.#options, object);
    for (const owner of owners?.misplaced ?? []) await misplaced(object, owner);
    if (owners === undefined || !('solid' in owners)) return true;
    const { solid, dangling, waiting } = owners;
    if (solid.length > 0) {
      const stale = [...dangling, ...waiting].map((owner) => owner.uid);
      // Those that wait would wait for an object that stays.
      if (stale.length > 0) await service.amend(kind, uid, (meta) => disown(meta, stale));
      return true;
    }
    if (waiting.length === 0 || !(await hasDependent(store, uid))) {
      return this.#delete(kind, object, policyOf(object) ?? 'Background');
    }
    const blocksOwner = ownerReferences.some((owner) => owner.blockOwnerDeletion === true);
    if (blocksOwner && (await hasDependent(store, uid, endsInForeground))) {
      // It may be a circle: somebody has to go first.
      await service.amend(kind, uid, unblock);
      return false;
    }
    return this.#delete(kind, object, 'Foreground');
  }

  /** False when it changed meanwhile, or others or a rule keep it. */
  async #delete(
    kind: KindDefinition,
    { metadata }: StoredApiObject,
    propagationPolicy: PropagationPolicy,
  ): Promise<boolean> {
    const { namespace = '', name, uid, resourceVersion } = metadata;
    // An owner may have come since it was looked at: only what was looked at is deleted.
    const preconditions = { uid, resourceVersion };
    try {
      await this.#options.service.delete(
        { kind, namespace, name },
        { user: serverUser('garbage-collector'), dryRun: false, propagationPolicy, preconditions },
      );
      return true;
    } catch (error) {
      if (isApiError(error, 'NotFound')) return true;
      if (isApiError(error, 'Conflict') || isApiError(error, 'Forbidden')) return false;
      throw error;
    }
  }
}

function endsInForeground(dependent: StoredObject): boolean {
  const object = parse(dependent);
  return isBeingDeleted(object) && policyOf(object) === 'Foreground';
}

function parse({ json }: StoredObject): StoredApiObject {
  return JSON.parse(json) as StoredApiObject;
}

function disown(metadata: ObjectMeta, owners: readonly string[]): void {
  const left = (metadata.ownerReferences ?? []).filter(({ uid }) => !owners.includes(uid));
  if (left.length > 0) metadata.ownerReferences = left;
  else delete metadata.ownerReferences;
}

function unblock(metadata: ObjectMeta): void {
  for (const owner of metadata.ownerReferences ?? []) owner.blockOwnerDeletion = false;
}

function unhold(metadata: ObjectMeta, finalizer: string): void {
  const left = (metadata.finalizers ?? []).filter((one) => one !== finalizer);
  if (left.length > 0) metadata.finalizers = left;
  else delete metadata.finalizers;
}
