import { isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject, ObjectMeta, StoredApiObject } from '../../sdk/api/object.js';
import { apiVersionOf, isBeingDeleted } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { deepEqual } from '../apply/deep-equal.js';
import { trackUpdate } from '../apply/index.js';
import { isJsonObject } from '../apply/json-object.js';
import { operationConflict } from '../api-errors.js';
import { originOf } from '../request-origin.js';
import type { RequestUser } from '../request-user.js';
import { serverUser } from '../request-user.js';
import { valueAt } from '../schema/field-path.js';
import { servedSchema } from '../schema/served-schema.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import { timestampOf } from '../timestamp.js';
import { assertNotReferenced } from './blocking-references.js';
import type { ObjectCodec } from './object-codec.js';
import { MAX_ATTEMPTS, onNewest } from './on-newest.js';
import { finalizersOnDeletion } from './propagation-policy.js';
import type { WritePipeline } from './write-pipeline.js';
import type { DeleteOptions, DeleteResult, ObjectTarget } from './write-request.js';

const COLLECTOR = 'garbage-collector';
const COLLECTING = { user: serverUser(COLLECTOR) };

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
   * Deletes or marks. Asking again for an object that is marked changes nothing but the policy. No
   * object that others need is marked or ended: see `unlessReferenced` of ObjectWrite. Who comes to
   * name it later is as one who names what is not there yet.
   *
   * @throws ApiError NotFound; Conflict when a precondition does not hold or others block it.
   */
  async delete(target: ObjectTarget, options: DeleteOptions): Promise<DeleteResult> {
    const { kind } = target;
    const { store, codec, pipeline } = this.#options;
    return onNewest<DeleteResult>(store, target, async (stored, isLast) => {
      const live = codec.decode(kind, stored);
      assertPreconditions(kind, live, options.preconditions);
      await pipeline.admitDeletion({ kind, object: live, options });
      const next = this.#marked(kind, live, options);
      const gone = !isHeld(next);
      if (options.dryRun) {
        if (!isBeingDeleted(live)) await assertNotReferenced(this.#options, kind, stored);
        const object = gone ? codec.readable(kind, stored) : withContent(stored, next);
        return { written: false, result: { object, gone } };
      }
      if (!gone && deepEqual(next, live)) {
        return { written: false, result: { object: codec.readable(kind, stored), gone } };
      }
      try {
        const unlessReferenced = !isBeingDeleted(live);
        const written = await this.writeOrFinish(kind, stored, next, {
          user: options.user,
          unlessReferenced,
        });
        return { written: true, result: { object: codec.readable(kind, written), gone } };
      } catch (error) {
        if (!isApiError(error, 'Conflict') || isLast) throw error;
        // Others need it, or another write came between.
        await assertNotReferenced(this.#options, kind, stored);
        return undefined;
      }
    });
  }

  /**
   * Changes owners or finalizers of an object for the garbage collector. Neither schema nor admission
   * is asked: what does not fit them must not stay for ever. Nothing happens when the object is gone,
   * or when `change`, which may be called more than once, leaves it as it is.
   */
  async amend(
    kind: KindDefinition,
    uid: string,
    change: (metadata: ObjectMeta) => void,
  ): Promise<void> {
    const { store, codec, now } = this.#options;
    for (let attempt = 1; ; attempt++) {
      const stored = await store.getByUid(kind, uid);
      if (stored === undefined) return;
      const live = codec.decode(kind, stored);
      const updated: ApiObject = { ...live, metadata: structuredClone(live.metadata) };
      change(updated.metadata);
      if (deepEqual(updated.metadata, live.metadata)) return;
      const next = trackUpdate({
        live,
        updated,
        manager: COLLECTOR,
        schema: servedSchema(kind),
        apiVersion: apiVersionOf(kind),
        now: timestampOf(now()),
      });
      try {
        await this.writeOrFinish(kind, stored, next, COLLECTING);
        return;
      } catch (error) {
        if (isApiError(error, 'NotFound')) return;
        if (!isApiError(error, 'Conflict') || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  /**
   * Writes `next` in the place of `stored`; when it is being deleted and nothing holds it any more,
   * that is its end.
   *
   * @throws ApiError Conflict when another write came between, or as `unlessReferenced` says.
   */
  async writeOrFinish(
    kind: KindDefinition,
    stored: StoredObject,
    next: ApiObject,
    by: { readonly user: RequestUser; readonly unlessReferenced?: boolean },
  ): Promise<StoredObject> {
    const { store, codec } = this.#options;
    const { user, unlessReferenced = false } = by;
    const write = {
      kind,
      expectedResourceVersion: stored.resourceVersion,
      unlessReferenced,
      ...(user.attempt !== undefined && { cause: user.attempt }),
      origin: originOf(user),
    };
    const object = codec.encode(kind, next);
    if (!isBeingDeleted(next) || isHeld(next)) {
      return store.write({ type: 'update', object, ...write });
    }
    const ended = await store.write({ type: 'delete', uid: stored.uid, ...write });
    // Who took the last finalizer away sees it gone; the log has the object as it was before.
    const metadata = { ...object.metadata, resourceVersion: String(ended.resourceVersion) };
    return withContent(ended, { ...object, metadata });
  }

  /** The object as a deletion leaves it while something holds it. */
  #marked(kind: KindDefinition, live: StoredApiObject, options: DeleteOptions): ApiObject {
    const { finalizers: _before, ...metadata } = live.metadata;
    const finalizers = finalizersOnDeletion(kind, live, options.propagationPolicy);
    const next: ApiObject = {
      ...live,
      metadata: { ...metadata, ...(finalizers.length > 0 && { finalizers }) },
    };
    if (isBeingDeleted(live)) return next;
    next.metadata.deletionTimestamp = timestampOf(this.#options.now());
    next.metadata.generation = live.metadata.generation + 1;
    if (isNamespace(kind)) {
      next.status = { ...(isJsonObject(live.status) ? live.status : {}), phase: 'Terminating' };
    } else {
      // Nothing here ends by and by: whatever period is asked for, it is this one.
      next.metadata.deletionGracePeriodSeconds = 0;
    }
    return next;
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

function withContent(stored: StoredObject, object: ApiObject): StoredObject {
  return { ...stored, json: JSON.stringify(object) };
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
