import { isApiError } from '../sdk/api/errors.js';
import type { KindDefinition } from '../sdk/api/kind.js';
import type { ApiObject, ObjectMeta, StoredApiObject } from '../sdk/api/object.js';
import { apiVersionOf } from '../sdk/api/object.js';
import type { KindRegistry } from '../sdk/api/registry.js';
import { mapLimited } from '../sdk/map-limited.js';
import { badRequest, objectNotFound } from './api-errors.js';
import { cloneJson } from './apply/clone-json.js';
import { isJsonObject, textOf } from './apply/json-object.js';
import { isServedVersion, withOwnersApart, withOwnersIn } from './conversion/field-owners.js';
import { storedSelection } from './conversion/stored-selection.js';
import type { OwnersSource } from './resource/duplicate-owners.js';
import { dropDuplicateOwners } from './resource/duplicate-owners.js';
import { incomingObject } from './resource/incoming-object.js';
import type { ListVersion } from './resource/list-at.js';
import { listAt } from './resource/list-at.js';
import type { ObjectCodec } from './resource/object-codec.js';
import { ObjectDeletion } from './resource/object-deletion.js';
import { newObject } from './resource/object-transitions.js';
import { NamespaceGate } from './resource/namespace-gate.js';
import { ObjectWrites } from './resource/object-writes.js';
import { MAX_ATTEMPTS } from './resource/on-newest.js';
import { applyConfiguration, patchObject } from './resource/patch-object.js';
import { scaleOf, withScale } from './resource/scale.js';
import type { WritePipeline } from './resource/write-pipeline.js';
import type {
  DeleteOptions,
  DeleteResult,
  ObjectTarget,
  PatchBody,
  WritableSubresource,
  WriteOptions,
  WriteResult,
} from './resource/write-request.js';
import type { ListOptions, ObjectList, ObjectStore, StoredObject } from './store/object-store.js';
import { tooLargeVersion } from './store/store-errors.js';

/** They share commits, and leave room for others. */
export const DELETIONS_AT_ONCE = 32;

export interface ResourceServiceOptions {
  readonly registry: KindRegistry;
  readonly store: ObjectStore;
  readonly codec: ObjectCodec;
  readonly pipeline: WritePipeline;
  /** Default: one that remembers nothing. */
  readonly namespaces?: NamespaceGate;
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
  readonly #writes: ObjectWrites;

  constructor(options: ResourceServiceOptions) {
    this.#registry = options.registry;
    this.#store = options.store;
    this.#codec = options.codec;
    this.#pipeline = options.pipeline;
    const now = options.now ?? Date.now;
    this.#deletion = new ObjectDeletion({ ...options, now });
    const namespaces = options.namespaces ?? new NamespaceGate(options);
    this.#writes = new ObjectWrites({ ...options, now, deletion: this.#deletion, namespaces });
  }

  /**
   * The object as it is now, which has seen every write up to the version `atLeast`.
   *
   * @throws ApiError NotFound; Timeout when that version is yet to come.
   */
  async get({ kind, namespace, name }: ObjectTarget, atLeast = 0): Promise<StoredObject> {
    if (kind.hasNoObjects === true) throw objectNotFound(kind, name);
    let stored = await this.#store.get(kind, namespace, name);
    if (atLeast > (stored?.resourceVersion ?? 0)) {
      const current = await this.#store.currentVersion();
      if (atLeast > current) throw tooLargeVersion(atLeast, current);
      stored = await this.#store.get(kind, namespace, name);
    }
    if (stored === undefined) throw objectNotFound(kind, name);
    return this.#codec.readable(kind, stored);
  }

  /**
   * A consistent snapshot, in (namespace, name) order; see listAt for lists of a certain version.
   *
   * @throws ApiError Expired or Timeout when that version cannot be served.
   */
  async list(
    kind: KindDefinition,
    options: ListOptions,
    version: ListVersion = { type: 'newest' },
  ): Promise<ObjectList> {
    if (kind.hasNoObjects === true) {
      return { items: [], resourceVersion: await this.#store.currentVersion() };
    }
    const stored = storedSelection(this.#registry, kind, options);
    const list = await listAt(this.#store, kind, stored, version);
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
    const warnings = this.#checkInput(kind, input, options, 'request');
    delete input.metadata.managedFields;
    const object = newObject(kind, input, this.#writes.timestamp());
    const stored = await this.#writes.insert(kind, object, options);
    return { object: stored, created: true, warnings };
  }

  /**
   * A body as an object of its kind that nobody stores, checked in every way that an object is.
   *
   * @throws ApiError as `create` does.
   */
  checked(
    { kind, namespace, name }: ObjectTarget,
    body: unknown,
    options: WriteOptions,
  ): { readonly object: ApiObject; readonly warnings: readonly string[] } {
    const object = incomingObject(kind, namespace, name, body);
    const warnings = this.#pipeline.checkFields(kind, object, options);
    this.#pipeline.checkSchema(kind, object);
    return { object, warnings };
  }

  /** Replaces the object, or a half of it. Without a resourceVersion the newest one is replaced. */
  async update(
    target: ObjectTarget,
    subresource: WritableSubresource,
    body: unknown,
    options: WriteOptions,
  ): Promise<WriteResult> {
    const { kind, namespace, name } = target;
    const input = incomingObject(kind, namespace, name, body);
    const warnings = this.#checkInput(kind, input, options, 'request');
    const object = await this.#writes.change(target, subresource, options, () => input);
    return { object, created: false, warnings };
  }

  /** Patches the object, or its status. Server-side apply creates what is not there. */
  async patch(
    target: ObjectTarget,
    subresource: WritableSubresource,
    patch: PatchBody,
    options: WriteOptions,
  ): Promise<WriteResult> {
    if (patch.type === 'apply') return this.#apply(target, subresource, patch, options);
    const { kind, namespace, name } = target;
    let warnings: readonly string[] = [];
    const object = await this.#writes.change(target, subresource, options, (live) => {
      const patched = cloneJson(patchObject(kind, live, patch, name));
      const draft = incomingObject(kind, namespace, name, patched);
      warnings = this.#checkInput(kind, draft, options, 'patch');
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
    const object = await this.#writes.change(target, '', options, (live) => {
      if (change.type === 'replace') return withScale(scale, live, change.body);
      const patched = patchObject(kind, scaleOf(scale, live), change, name);
      // A kube-apiserver takes what a strategic patch leaves for a Scale whatever its kind says.
      // Ansible's k8s_scale names that of the object.
      return withScale(
        scale,
        live,
        change.type === 'strategic' ? { ...patched, kind: 'Scale' } : patched,
      );
    });
    return scaleText(kind, object);
  }

  /** Deletes the object, or marks it as being deleted while finalizers keep it. */
  delete(target: ObjectTarget, options: DeleteOptions): Promise<DeleteResult> {
    return this.#deletion.delete(target, options);
  }

  /** Changes owners or finalizers for the garbage collector; see ObjectDeletion. */
  amend(kind: KindDefinition, uid: string, change: (metadata: ObjectMeta) => void): Promise<void> {
    return this.#deletion.amend(kind, uid, change);
  }

  /** Deletes what a list selects, and answers what was selected. What fails stops no other. */
  async deleteCollection(
    kind: KindDefinition,
    selection: ListOptions,
    options: DeleteOptions,
  ): Promise<ObjectList> {
    const list = await this.list(kind, selection);
    await mapLimited(list.items, DELETIONS_AT_ONCE, async ({ namespace, name, uid }) => {
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
    });
    return list;
  }

  /** The warnings of a body that is to be the object. Changes `object`. */
  #checkInput(
    kind: KindDefinition,
    object: ApiObject,
    options: WriteOptions,
    source: OwnersSource,
  ): readonly string[] {
    const warnings = this.#pipeline.checkFields(kind, object, options);
    return [...warnings, ...dropDuplicateOwners(object.metadata, source)];
  }

  async #apply(
    target: ObjectTarget,
    subresource: WritableSubresource,
    patch: Extract<PatchBody, { type: 'apply' }>,
    options: WriteOptions,
  ): Promise<WriteResult> {
    const { kind, namespace, name } = target;
    assertApplyVersion(kind, patch.body);
    const applied = incomingObject(kind, namespace, name, patch.body);
    const warnings = this.#pipeline.checkFields(kind, applied, options);
    const registry = this.#registry;
    const merge = (live: StoredApiObject | undefined): ApiObject => {
      const seen = live && withOwnersIn(registry, kind, live);
      const merged = applyConfiguration({
        kind,
        live: seen,
        applied,
        manager: options.fieldManager,
        force: patch.force,
        subresource,
        isServed: isServedVersion(registry, kind),
        now: this.#writes.timestamp(),
      });
      return live !== undefined && merged === seen ? live : withOwnersApart(registry, kind, merged);
    };
    for (let attempt = 1; ; attempt++) {
      try {
        const object = await this.#writes.change(target, subresource, options, merge, true);
        return { object, created: false, warnings };
      } catch (error) {
        if (!isApiError(error, 'NotFound') || subresource !== '') throw error;
      }
      try {
        const merged = cloneJson(merge(undefined));
        const object = newObject(kind, merged, this.#writes.timestamp());
        const stored = await this.#writes.insert(kind, object, options, true);
        return { object: stored, created: true, warnings };
      } catch (error) {
        // Somebody created it between the two; then it is there to be changed.
        if (!isApiError(error, 'AlreadyExists') || attempt >= MAX_ATTEMPTS) throw error;
      }
    }
  }
}

/** Unlike other bodies, a configuration says itself what it is. */
function assertApplyVersion(kind: KindDefinition, body: unknown): void {
  if (!isJsonObject(body)) return;
  const { apiVersion = '' } = body;
  if (apiVersion === apiVersionOf(kind)) return;
  throw badRequest(
    `Incorrect version specified in apply patch. Specified patch version: ${textOf(apiVersion)}, expected: ${apiVersionOf(kind)}`,
  );
}

function scaleText(kind: KindDefinition, stored: StoredObject): string {
  if (kind.scale === undefined) throw objectNotFound(kind, stored.name);
  return JSON.stringify(scaleOf(kind.scale, JSON.parse(stored.json) as StoredApiObject));
}
