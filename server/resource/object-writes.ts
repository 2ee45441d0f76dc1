import { isAlreadyExists, isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { apiVersionOf, isBeingDeleted } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { cloneJson } from '../apply/clone-json.js';
import { trackUpdate } from '../apply/index.js';
import { isServedVersion, withOwnersApart, withOwnersIn } from '../conversion/field-owners.js';
import { objectExists, objectModified, operationConflict } from '../api-errors.js';
import { originOf } from '../request-origin.js';
import { servedSchema } from '../schema/served-schema.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import { timestampOf } from '../timestamp.js';
import type { NamespaceGate } from './namespace-gate.js';
import type { ObjectCodec } from './object-codec.js';
import type { ObjectDeletion } from './object-deletion.js';
import { onNewest, type Attempted } from './on-newest.js';
import {
  advanceGeneration,
  isSameObject,
  keepKindFinalizer,
  nextObject,
} from './object-transitions.js';
import type { WritePipeline } from './write-pipeline.js';
import type { ObjectTarget, WritableSubresource, WriteOptions } from './write-request.js';

export interface ObjectWritesOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly codec: ObjectCodec;
  readonly pipeline: WritePipeline;
  readonly deletion: ObjectDeletion;
  readonly namespaces: NamespaceGate;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** How objects get into the store: the two ways that every kind of write ends in. */
export class ObjectWrites {
  readonly #registry: KindRegistry;
  readonly #store: ObjectStore;
  readonly #codec: ObjectCodec;
  readonly #pipeline: WritePipeline;
  readonly #deletion: ObjectDeletion;
  readonly #namespaces: NamespaceGate;
  readonly #now: () => number;

  constructor(options: ObjectWritesOptions) {
    this.#registry = options.registry;
    this.#store = options.store;
    this.#codec = options.codec;
    this.#pipeline = options.pipeline;
    this.#deletion = options.deletion;
    this.#namespaces = options.namespaces;
    this.#now = options.now;
  }

  /**
   * Stores a new object. `isTracked`: its `managedFields` say already who owns what.
   *
   * @throws ApiError AlreadyExists; NotFound or Forbidden when its namespace is not there to stay.
   */
  async insert(
    kind: KindDefinition,
    object: ApiObject,
    options: WriteOptions,
    isTracked = false,
  ): Promise<StoredObject> {
    const request = this.#pipeline.requestOf(kind, object, undefined, {
      ...options,
      subresource: '',
    });
    this.#pipeline.setDefaults(request);
    if (!isTracked) this.#track(kind, undefined, object, options, '');
    await this.#pipeline.admit(request);
    await this.#namespaces.assertOpen(kind, object);
    keepKindFinalizer(kind, object);
    if (options.dryRun) {
      await this.#assertNameIsFree(kind, object);
      return unstored(kind, object, 0);
    }
    const { attempt } = options.user;
    const write = {
      type: 'create',
      kind,
      object: this.#codec.encode(kind, object),
      ...(attempt !== undefined && { cause: attempt }),
      origin: originOf(options.user),
    } as const;
    try {
      return this.#codec.readable(kind, await this.#store.write(write));
    } catch (error) {
      if (isAlreadyExists(error)) await this.#assertNameIsFree(kind, object);
      throw error;
    }
  }

  /**
   * Reads, changes and writes until no other write comes between. What changes nothing is not
   * written. `change` may be called more than once and must not modify its argument. `isTracked`:
   * the `managedFields` of what it gives say already who owns what.
   *
   * @throws ApiError NotFound, or Conflict when `change` names a version that is not the newest.
   */
  async change(
    target: ObjectTarget,
    subresource: WritableSubresource,
    options: WriteOptions,
    change: (live: StoredApiObject) => ApiObject,
    isTracked = false,
  ): Promise<StoredObject> {
    const { kind } = target;
    return onNewest(this.#store, target, async (stored, isLast) => {
      const live = this.#codec.decode(kind, stored);
      const draft = change(live);
      const unchanged = (): Attempted<StoredObject> => ({
        written: false,
        result: this.#codec.readable(kind, stored),
      });
      if (draft === live) return unchanged();
      assertSameVersion(kind, live, draft);
      const next = cloneJson(nextObject(kind, live, draft, subresource));
      const request = this.#pipeline.requestOf(kind, next, live, { ...options, subresource });
      this.#pipeline.setDefaults(request);
      if (!isTracked) this.#track(kind, live, next, options, subresource);
      await this.#pipeline.admit(request);
      advanceGeneration(live, next);
      keepKindFinalizer(kind, next);
      // An object in an older version is written anew even so: that is how Kubernetes migrates it.
      if (isSameObject(live, next) && !this.#codec.isOutdated(kind, stored)) return unchanged();
      if (options.dryRun) {
        return { written: false, result: unstored(kind, next, stored.resourceVersion) };
      }
      try {
        const { user } = options;
        const written = await this.#deletion.writeOrFinish(kind, stored, next, { user });
        return { written: true, result: this.#codec.readable(kind, written) };
      } catch (error) {
        if (!isApiError(error, 'Conflict') || isLast) throw error;
        return undefined;
      }
    });
  }

  /**
   * Sets `managedFields` as they are after this write. Before admission, as in Kubernetes: what the
   * server adds has no owner, so no manager that leaves it out takes it away.
   */
  #track(
    kind: KindDefinition,
    live: StoredApiObject | undefined,
    updated: ApiObject,
    options: WriteOptions,
    subresource: string,
  ): void {
    const registry = this.#registry;
    const tracked = trackUpdate({
      live: live && withOwnersIn(registry, kind, live),
      updated: withOwnersIn(registry, kind, updated),
      manager: options.fieldManager,
      schema: servedSchema(kind) as Record<string, unknown>,
      apiVersion: apiVersionOf(kind),
      isServed: isServedVersion(registry, kind),
      ...(subresource !== '' && { subresource }),
      now: this.timestamp(),
    });
    updated.metadata = withOwnersApart(registry, kind, tracked).metadata;
  }

  /** @throws ApiError AlreadyExists, which says so when the object there is on its way out. */
  async #assertNameIsFree(kind: KindDefinition, object: ApiObject): Promise<void> {
    const { namespace = '', name } = object.metadata;
    const existing = await this.#store.get(kind, namespace, name);
    if (existing === undefined) return;
    throw objectExists(kind, name, isBeingDeleted(JSON.parse(existing.json) as ApiObject));
  }

  /** Now, RFC 3339 in whole seconds. */
  timestamp(): string {
    return timestampOf(this.#now());
  }
}

function assertSameVersion(kind: KindDefinition, live: StoredApiObject, draft: ApiObject): void {
  const { uid, resourceVersion } = draft.metadata;
  if (uid !== undefined && uid !== '' && uid !== live.metadata.uid) {
    throw operationConflict(
      kind,
      live.metadata.name,
      `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`,
    );
  }
  if (
    resourceVersion !== undefined &&
    resourceVersion !== '' &&
    resourceVersion !== live.metadata.resourceVersion
  ) {
    throw objectModified(kind, live.metadata.name);
  }
}

/** The answer of a dry run. */
function unstored(kind: KindDefinition, object: ApiObject, resourceVersion: number): StoredObject {
  const { uid = '', namespace = '', name } = object.metadata;
  return {
    resource: resourceName(kind),
    uid,
    namespace,
    name,
    resourceVersion,
    json: JSON.stringify(object),
  };
}
