import type { KindRegistry } from '../../sdk/api/registry.js';
import type { CustomResourceDefinitionStatus } from '../../sdk/api/zz_generated.types.js';
import { deepEqual } from '../apply/deep-equal.js';
import { serverUser } from '../request-user.js';
import type { WriteOptions } from '../resource/write-request.js';
import type { ResourceService } from '../resource-service.js';
import type { CustomResourceDefinition } from '../../sdk/api/custom-resource-definition.js';
import { CLEANUP_FINALIZER, DEFINITIONS } from '../../sdk/api/custom-resource-definition.js';

const WRITE_OPTIONS: WriteOptions = {
  user: serverUser('custom-resource-definitions'),
  // As Kubernetes' own servers sign it.
  fieldManager: 'kube-apiserver',
  fieldValidation: 'Strict',
  dryRun: false,
};

/** The writes that servers make to definitions. What is as it should be is not written. */
export class DefinitionStatus {
  readonly #service: ResourceService;
  readonly #registry: KindRegistry;

  constructor(options: { readonly service: ResourceService; readonly registry: KindRegistry }) {
    this.#service = options.service;
    this.#registry = options.registry;
  }

  /** @throws ApiError Conflict when the definition changed since: what was decided is void. */
  async write(
    definition: CustomResourceDefinition,
    change: Partial<CustomResourceDefinitionStatus>,
  ): Promise<void> {
    const status = { ...definition.status, ...change };
    if (deepEqual(definition.status, status)) return;
    const body = structuredClone({ ...definition, status });
    await this.#service.update(this.#targetOf(definition), 'status', body, WRITE_OPTIONS);
  }

  /** Lets a definition go. @throws ApiError Conflict when it changed since. */
  async release(definition: CustomResourceDefinition): Promise<void> {
    const { resourceVersion, finalizers = [] } = definition.metadata;
    const left = finalizers.filter((finalizer) => finalizer !== CLEANUP_FINALIZER);
    const body = { metadata: { resourceVersion, finalizers: left.length === 0 ? null : left } };
    const target = this.#targetOf(definition);
    await this.#service.patch(target, '', { type: 'merge', body }, WRITE_OPTIONS);
  }

  #targetOf({ metadata }: CustomResourceDefinition) {
    const kind = this.#registry.resource(DEFINITIONS);
    return { kind, namespace: '', name: metadata.name };
  }
}
