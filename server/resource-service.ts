import { isApiError } from '../sdk/api/errors.js';
import type { KindDefinition } from '../sdk/api/kind.js';
import { resourceName } from '../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../sdk/api/object.js';
import { apiVersionOf } from '../sdk/api/object.js';
import type { KindRegistry } from '../sdk/api/registry.js';
import { trackUpdate } from './apply/index.js';
import {
  badRequest,
  objectExists,
  objectForbidden,
  objectModified,
  objectNotFound,
  operationConflict,
} from './api-errors.js';
import { incomingObject } from './resource/incoming-object.js';
import type { ObjectCodec } from './resource/object-codec.js';
import { ObjectDeletion } from './resource/object-deletion.js';
import {
  advanceGeneration,
  isSameObject,
  keepKindFinalizer,
  newObject,
  nextObject,
} from './resource/object-transitions.js';
import { applyConfiguration, patchObject } from './resource/patch-object.js';
import { scaleOf, withScale } from './resource/scale.js';
import type { WritePipeline } from './resource/write-pipeline.js';
import type {
  DeleteOptions,
  DeleteResult,
  ObjectTarget,
  PatchBody,
  WriteOptions,
  WriteResult,
} from './resource/write-request.js';
import { servedSchema } from './schema/served-schema.js';
import type { ListOptions, ObjectList, ObjectStore, StoredObject } from './store/object-store.js';

/** A write that names no version is tried again on the newest one this often before it gives up. */
const MAX_ATTEMPTS = 12;

export interface ResourceServiceOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly codec: ObjectCodec;
  readonly pipeline: WritePipeline;
  /** Milliseconds since the epoch. Default: the system's clock. */
  readonly now?: () => number;
}

/**
 * What may be done to objects, and what becomes of them: the rules of Kubernetes' API over any
 * store. Knows nothing of HTTP. Objects go in and come out decrypted. All failures are ApiErrors in
 * Kubernetes' words; anything else that is thrown is a fault of the server.
 */
export class ResourceService {
  readonly #registry: KindRegistry;
  readonly #store: ObjectStore;
  readonly #codec: ObjectCodec;
  readonly #pipeline: WritePipeline;
  readonly #deletion: ObjectDeletion;
  readonly #now: () => number;

  constructor(options: ResourceServiceOptions) {
    this.#registry = options.registry;
    this.#store = options.store;
    this.#codec = options.codec;
    this.#pipeline = options.pipeline;
    this.#now = options.now ?? Date.now;
    this.#deletion = new ObjectDeletion({ ...options, now: () => this.#timestamp() });
  }

  /** @throws ApiError NotFound. */
  async get({ kind, namespace, name }: ObjectTarget): Promise<StoredObject> {
    const stored = await this.#store.get(kind, namespace, name);
    if (stored === undefined) throw objectNotFound(kind, name);
    return this.#codec.readable(kind, stored);
  }

  /** A consistent snapshot, in (namespace, name) order. */
  async list(kind: KindDefinition, options: ListOptions): Promise<ObjectList> {
    const list = await this.#store.list(kind, options);
    return { ...list, items: list.items.map((item) => this.#codec.readable(kind, item)) };
  }

  /** The replicas of an object, as JSON text of an autoscaling/v1 Scale. */
  async getScale(target: ObjectTarget): Promise<string> {
    const stored = await this.get(target);
    return scaleText(target.kind, stored);
  }

  async create(target: ObjectTarget, body: unknown, options: WriteOptions): Promise<WriteResult> {
    const { kind, namespace, name } = target;
    const input = incomingObject(kind, namespace, name, body);
    const warnings = this.#pipeline.checkFields(kind, input, options);
    delete input.metadata.managedFields;
    const object = newObject(kind, input, this.#timestamp());
    const stored = await this.#insert(kind, object, options, (created) =>
      this.#track(kind, undefined, created, options, ''),
    );
    return { object: stored, created: true, warnings };
  }

  /** Replaces the object, or its status. Without a resourceVersion the newest one is replaced. */
  async update(
    target: ObjectTarget,
    subresource: '' | 'status',
    body: unknown,
    options: WriteOptions,
  ): Promise<WriteResult> {
    const { kind, namespace, name } = target;
    const input = incomingObject(kind, namespace, name, body);
    const warnings = this.#pipeline.checkFields(kind, input, options);
    const object = await this.#change(target, subresource, options, () => input);
    return { object, created: false, warnings };
  }

  /** Patches the object, or its status. Server-side apply creates what is not there. */
  async patch(
    target: ObjectTarget,
    subresource: '' | 'status',
    patch: PatchBody,
    options: WriteOptions,
  ): Promise<WriteResult> {
    if (patch.type === 'apply') return this.#apply(target, subresource, patch, options);
    const { kind, namespace, name } = target;
    let warnings: readonly string[] = [];
    const object = await this.#change(target, subresource, options, (live) => {
      const patched = structuredClone(patchObject(kind, live, patch, name));
      const draft = incomingObject(kind, namespace, name, patched);
      warnings = this.#pipeline.checkFields(kind, draft, options);
      return draft;
    });
    return { object, created: false, warnings };
  }

  /** Changes the replicas; answers the Scale as JSON text. `body` is a Scale, or a patch of one. */
  async changeScale(
    target: ObjectTarget,
    change: { readonly type: 'replace'; readonly body: unknown } | PatchBody,
    options: WriteOptions,
  ): Promise<string> {
    const { kind, name } = target;
    const { scale } = kind;
    if (scale === undefined) throw objectNotFound(kind, name);
    if (change.type === 'apply') throw badRequest('scale cannot be changed by server-side apply');
    const object = await this.#change(target, '', options, (live) => {
      const next =
        change.type === 'replace'
          ? change.body
          : patchObject(kind, scaleOf(scale, live), change, name);
      return withScale(scale, live, next);
    });
    return scaleText(kind, object);
  }

  /** Deletes the object, or marks it as being deleted while finalizers keep it. */
  delete(target: ObjectTarget, options: DeleteOptions): Promise<DeleteResult> {
    return this.#deletion.delete(target, options);
  }

  /** Deletes what a list selects, one by one, and answers what was selected. */
  async deleteCollection(
    kind: KindDefinition,
    selection: ListOptions,
    options: DeleteOptions,
  ): Promise<ObjectList> {
    const list = await this.list(kind, selection);
    for (const { namespace, name, uid } of list.items) {
      try {
        await this.delete({ kind, namespace, name }, { ...options, preconditions: { uid } });
      } catch (error) {
        // Gone, or gone and made anew: either way this one is no more.
        if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
        if (isApiError(error, 'Conflict') && !options.preconditions.uid) {
          const now = await this.#store.get(kind, namespace, name);
          if (now?.uid === uid) throw error;
        }
      }
    }
    return list;
  }

  async #apply(
    target: ObjectTarget,
    subresource: '' | 'status',
    patch: Extract<PatchBody, { type: 'apply' }>,
    options: WriteOptions,
  ): Promise<WriteResult> {
    const { kind, namespace, name } = target;
    const applied = incomingObject(kind, namespace, name, patch.body);
    const warnings = this.#pipeline.checkFields(kind, applied, options);
    const merge = (live: StoredApiObject | undefined): ApiObject =>
      applyConfiguration({
        kind,
        live,
        applied,
        manager: options.fieldManager,
        force: patch.force,
        subresource,
        now: this.#timestamp(),
      });
    for (let attempt = 1; ; attempt++) {
      try {
        const object = await this.#change(target, subresource, options, merge, true);
        return { object, created: false, warnings };
      } catch (error) {
        if (!isApiError(error, 'NotFound') || subresource !== '') throw error;
      }
      try {
        const merged = structuredClone(merge(undefined));
        const object = newObject(kind, merged, this.#timestamp());
        const stored = await this.#insert(kind, object, options, (created) => created);
        return { object: stored, created: true, warnings };
      } catch (error) {
        // Somebody created it between the two; then it is there to be changed.
        if (!isApiError(error, 'AlreadyExists') || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  async #insert(
    kind: KindDefinition,
    object: ApiObject,
    options: WriteOptions,
    track: (object: ApiObject) => ApiObject,
  ): Promise<StoredObject> {
    await this.#pipeline.admit(kind, object, undefined, { ...options, subresource: '' });
    await this.#assertNamespace(kind, object);
    const tracked = track(object);
    keepKindFinalizer(kind, tracked);
    if (options.dryRun) {
      const { namespace = '', name } = tracked.metadata;
      const existing = await this.#store.get(kind, namespace, name);
      if (existing !== undefined) throw objectExists(kind, name);
      return unstored(kind, tracked, 0);
    }
    const write = { type: 'create', kind, object: this.#codec.encode(kind, tracked) } as const;
    return this.#codec.readable(kind, await this.#store.write(write));
  }

  /** Reads, changes and writes until no other write comes between. */
  async #change(
    target: ObjectTarget,
    subresource: '' | 'status',
    options: WriteOptions,
    change: (live: StoredApiObject) => ApiObject,
    isTracked = false,
  ): Promise<StoredObject> {
    const { kind, namespace, name } = target;
    for (let attempt = 1; ; attempt++) {
      const stored = await this.#store.get(kind, namespace, name);
      if (stored === undefined) throw objectNotFound(kind, name);
      const live = this.#codec.decode(kind, stored);
      const draft = change(live);
      if (draft === live) return this.#codec.readable(kind, stored);
      assertSameVersion(kind, live, draft);
      const next = structuredClone(nextObject(kind, live, draft, subresource));
      await this.#pipeline.admit(kind, next, live, { ...options, subresource });
      advanceGeneration(live, next);
      const tracked = isTracked ? next : this.#track(kind, live, next, options, subresource);
      keepKindFinalizer(kind, tracked);
      if (isSameObject(live, tracked)) return this.#codec.readable(kind, stored);
      if (options.dryRun) return unstored(kind, tracked, stored.resourceVersion);
      try {
        return this.#codec.readable(kind, await this.#deletion.writeOrFinish(kind, stored, tracked));
      } catch (error) {
        if (!isApiError(error, 'Conflict') || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }

  #track(
    kind: KindDefinition,
    live: StoredApiObject | undefined,
    updated: ApiObject,
    options: WriteOptions,
    subresource: string,
  ): ApiObject {
    return trackUpdate({
      live,
      updated,
      manager: options.fieldManager,
      schema: servedSchema(kind) as Record<string, unknown>,
      apiVersion: apiVersionOf(kind),
      ...(subresource !== '' && { subresource }),
      now: this.#timestamp(),
    });
  }

  /** @throws ApiError NotFound or Forbidden unless the object's namespace is there to stay. */
  async #assertNamespace(kind: KindDefinition, object: ApiObject): Promise<void> {
    const namespaces = this.#registry.findResource('namespaces');
    const { namespace = '', name } = object.metadata;
    if (!kind.namespaced || namespaces === undefined) return;
    const stored = await this.#store.get(namespaces, '', namespace);
    if (stored === undefined) throw objectNotFound(namespaces, namespace);
    const { metadata } = JSON.parse(stored.json) as ApiObject;
    if (metadata.deletionTimestamp === undefined) return;
    throw objectForbidden(
      kind,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
      [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    );
  }

  #timestamp(): string {
    return `${new Date(this.#now()).toISOString().slice(0, 19)}Z`;
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
  return { resource: resourceName(kind), uid, namespace, name, resourceVersion, json: JSON.stringify(object) };
}

function scaleText(kind: KindDefinition, stored: StoredObject): string {
  if (kind.scale === undefined) throw objectNotFound(kind, stored.name);
  return JSON.stringify(scaleOf(kind.scale, JSON.parse(stored.json) as StoredApiObject));
}
