import { isApiError } from '../sdk/api/errors.js';
import { resourceName } from '../sdk/api/kind.js';
import type { KindDefinition } from '../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../sdk/api/object.js';
import type { KindRegistry } from '../sdk/api/registry.js';
import { deepEqual } from '../server/apply/deep-equal.js';
import type { ResourceService } from '../server/resource-service.js';
import type { ObjectTarget } from '../server/resource/write-request.js';
import type { StoredObject } from '../server/store/object-store.js';
import type { ClusterCache } from './cluster-cache.js';
import type { ClusterClient, DeleteRequest } from './cluster-client.js';

const USER = { name: 'system:kube-controller-manager', groups: ['system:masters'] };
const WRITE_OPTIONS = {
  user: USER,
  fieldManager: 'kube-controller-manager',
  fieldValidation: 'Strict',
  dryRun: false,
} as const;

/** The controllers' client: calls the API's own service in this process, without HTTP. */
export class InProcessClient implements ClusterClient {
  readonly #registry: KindRegistry;
  readonly #service: ResourceService;
  readonly #cache: ClusterCache;

  constructor(registry: KindRegistry, service: ResourceService, cache: ClusterCache) {
    this.#registry = registry;
    this.#service = service;
    this.#cache = cache;
  }

  async create(object: ApiObject): Promise<StoredApiObject> {
    const target = this.#targetOf(object);
    const { object: stored } = await this.#service.create(
      target,
      structuredClone(object),
      WRITE_OPTIONS,
    );
    return this.#seen(stored);
  }

  async update(object: StoredApiObject): Promise<StoredApiObject> {
    const target = this.#targetOf(object);
    const { object: stored } = await this.#service.update(
      target,
      '',
      structuredClone(object),
      WRITE_OPTIONS,
    );
    return this.#seen(stored);
  }

  async updateStatus(object: StoredApiObject, status: object): Promise<StoredApiObject> {
    if (deepEqual(object.status ?? {}, status)) return object;
    const target = this.#targetOf(object);
    const body = structuredClone({ ...object, status });
    const { object: stored } = await this.#service.update(target, 'status', body, WRITE_OPTIONS);
    return this.#seen(stored);
  }

  async delete({ resource, namespace, name, uid }: DeleteRequest): Promise<void> {
    const kind = this.#registry.resource(resource);
    try {
      const { object } = await this.#service.delete(
        { kind, namespace, name },
        { user: USER, dryRun: false, propagationPolicy: 'Background', preconditions: { uid } },
      );
      await this.#cache.reached(object.resourceVersion);
    } catch (error) {
      // Gone, or replaced by another of the same name.
      if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
    }
  }

  #targetOf(object: ApiObject): ObjectTarget {
    const kind = this.#kindOf(object);
    return { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
  }

  #kindOf(object: ApiObject): KindDefinition {
    const kind = this.#registry.findFor(object);
    if (kind === undefined) {
      throw new Error(`the sandbox does not serve ${object.kind} of ${object.apiVersion}`);
    }
    return this.#registry.resource(resourceName(kind));
  }

  async #seen(stored: StoredObject): Promise<StoredApiObject> {
    await this.#cache.reached(stored.resourceVersion);
    return JSON.parse(stored.json) as StoredApiObject;
  }
}
