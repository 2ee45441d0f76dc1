import { isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { isJsonObject } from '../apply/json-object.js';
import { objectNotFound, operationConflict } from '../api-errors.js';
import type { RequestUser } from '../request-user.js';
import { valueAt } from '../schema/field-path.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import { timestampOf } from '../timestamp.js';
import { assertNotReferenced } from './blocking-references.js';
import type { ObjectCodec } from './object-codec.js';
import type { WritePipeline } from './write-pipeline.js';
import type { DeleteOptions, DeleteResult, ObjectTarget } from './write-request.js';

const MAX_ATTEMPTS = 12;

export interface ObjectDeletionOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly codec: ObjectCodec;
  readonly pipeline: WritePipeline;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How objects end: at once, or marked and kept until their last finalizer is gone. */
export class ObjectDeletion {
  readonly #options: ObjectDeletionOptions;

  constructor(options: ObjectDeletionOptions) {
    this.#options = options;
  }

  /**
   * Deletes or marks. Asking again for an object that is marked changes nothing.
   *
   * @throws ApiError NotFound; Conflict when a precondition does not hold or others block it.
   */
  async delete(target: ObjectTarget, options: DeleteOptions): Promise<DeleteResult> {
    const { kind, namespace, name } = target;
    const { registry, store, codec, pipeline } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const stored = await store.get(kind, namespace, name);
      if (stored === undefined) throw objectNotFound(kind, name);
      const live = codec.decode(kind, stored);
      assertPreconditions(kind, live, options.preconditions);
      await pipeline.admitDeletion({ kind, object: live, options });
      await assertNotReferenced({ registry, store }, kind, { namespace, name });
      if (options.dryRun) return { object: codec.readable(kind, stored), gone: !isHeld(live) };
      if (options.propagationPolicy === 'Orphan') await this.#orphanDependents(live.metadata.uid);
      try {
        return isHeld(live)
          ? await this.#mark(kind, stored, live, options.user)
          : await this.#end(kind, stored);
      } catch (error) {
        const isPinned = options.preconditions.resourceVersion !== undefined;
        if (!isApiError(error, 'Conflict') || isPinned || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Writes `next` in the place of `stored`, for `user`; when it is being deleted and nothing holds it
   * any more, that is its end.
   *
   * @throws ApiError Conflict when another write came between.
   */
  async writeOrFinish(
    kind: KindDefinition,
    stored: StoredObject,
    next: ApiObject,
    user?: RequestUser,
  ): Promise<StoredObject> {
    const { store, codec } = this.#options;
    const write = {
      kind,
      expectedResourceVersion: stored.resourceVersion,
      ...(user?.attempt !== undefined && { cause: user.attempt }),
    };
    if (isBeingDeleted(next) && !isHeld(next)) {
      return store.write({ type: 'delete', uid: stored.uid, ...write });
    }
    return store.write({ type: 'update', object: codec.encode(kind, next), ...write });
  }

  async #mark(
    kind: KindDefinition,
    stored: StoredObject,
    live: StoredApiObject,
    user: RequestUser,
  ): Promise<DeleteResult> {
    const { codec, now } = this.#options;
    if (isBeingDeleted(live)) return { object: codec.readable(kind, stored), gone: false };
    const marked: ApiObject = structuredClone(live);
    marked.metadata.deletionTimestamp = timestampOf(now());
    marked.metadata.deletionGracePeriodSeconds = 0;
    if (isNamespace(kind)) {
      marked.status = { ...(isJsonObject(live.status) ? live.status : {}), phase: 'Terminating' };
    }
    const written = await this.writeOrFinish(kind, stored, marked, user);
    return { object: codec.readable(kind, written), gone: false };
  }

  async #end(kind: KindDefinition, { uid, resourceVersion }: StoredObject): Promise<DeleteResult> {
    const { store, codec } = this.#options;
    const deleted = await store.write({
      type: 'delete',
      kind,
      uid,
      expectedResourceVersion: resourceVersion,
    });
    return { object: codec.readable(kind, deleted), gone: true };
  }

  async #orphanDependents(ownerUid: string): Promise<void> {
    const { store, registry, codec } = this.#options;
    for (const dependent of await store.dependentsOf(ownerUid)) {
      const kind = registry.findResource(dependent.resource);
      if (kind === undefined) continue;
      const next = codec.decode(kind, dependent);
      const owners = next.metadata.ownerReferences ?? [];
      next.metadata.ownerReferences = owners.filter(({ uid }) => uid !== ownerUid);
      await this.writeOrFinish(kind, dependent, next);
    }
  }
}

/** True while something keeps an object that is to be deleted. */
export function isHeld(object: ApiObject): boolean {
  if ((object.metadata.finalizers ?? []).length > 0) return true;
  if (object.apiVersion !== 'v1' || object.kind !== 'Namespace') return false;
  const finalizers = valueAt(object, 'spec.finalizers');
  return Array.isArray(finalizers) && finalizers.length > 0;
}

function isNamespace(kind: KindDefinition): boolean {
  return kind.group === '' && kind.kind === 'Namespace';
}

function assertPreconditions(
  kind: KindDefinition,
  live: StoredApiObject,
  wanted: DeleteOptions['preconditions'],
): void {
  const { uid, resourceVersion, name } = live.metadata;
  if (wanted.uid !== undefined && wanted.uid !== uid) {
    throw operationConflict(
      kind,
      name,
      `Precondition failed: UID in precondition: ${wanted.uid}, UID in object meta: ${uid}`,
    );
  }
  if (wanted.resourceVersion !== undefined && wanted.resourceVersion !== resourceVersion) {
    throw operationConflict(
      kind,
      name,
      `Precondition failed: ResourceVersion in precondition: ${wanted.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`,
    );
  }
}
