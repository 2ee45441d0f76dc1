import { isApiError } from '../../sdk/api/errors.js';
import { resourceName } from '../../sdk/api/kind.js';
import { isBeingDeleted, objectKeyOf } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import { formatTime } from '../clock.js';
import type { ObjectChange } from '../cluster-cache.js';
import { withCondition } from '../controllers/conditions.js';
import type { Controller, ControllerContext } from '../controllers/controller.js';
import type { KubeCondition } from '../kubernetes-types.js';
import { fullNames, kindOfDefinition } from './custom-resource-definition.js';
import type { CustomResourceDefinition } from './custom-resource-definition.js';
import { DEFINITIONS, serveKind } from './register-definitions.js';

/** Kept on a definition until the objects of its kind are gone. */
const FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** Makes the kind of each CustomResourceDefinition served, and its objects end with it. */
export class CustomResourceController implements Controller {
  readonly name = 'custom-resource';
  readonly #registry: KindRegistry;
  readonly #store: ObjectStore;

  constructor(registry: KindRegistry, store: ObjectStore) {
    this.#registry = registry;
    this.#store = store;
  }

  keysFor({ resource, object, type }: ObjectChange): readonly ObjectKey[] {
    if (resource === DEFINITIONS) return [objectKeyOf(object)];
    // The name of a definition is that of its resource.
    return type === 'DELETED' ? [{ namespace: '', name: resource }] : [];
  }

  async reconcile(key: ObjectKey, context: ControllerContext): Promise<undefined> {
    const { cache, client, clock } = context;
    const definition = cache.get<CustomResourceDefinition>(DEFINITIONS, '', key.name);
    if (definition === undefined) return undefined;
    if (isBeingDeleted(definition)) {
      await this.#end(definition, context);
      return undefined;
    }
    if (definition.metadata.finalizers?.includes(FINALIZER) !== true) {
      const finalizers = [...(definition.metadata.finalizers ?? []), FINALIZER];
      await client.update({ ...definition, metadata: { ...definition.metadata, finalizers } });
      return undefined;
    }
    const refusal = await this.#serve(definition);
    const now = formatTime(clock.nowMs());
    let conditions = definition.status?.conditions;
    for (const condition of conditionsFor(refusal))
      conditions = withCondition(conditions, condition, now);
    const spec = definition.spec;
    await client.updateStatus(definition, {
      conditions: conditions ?? [],
      ...(spec !== undefined && refusal === undefined && { acceptedNames: fullNames(spec.names) }),
      storedVersions: spec?.versions.filter(({ storage }) => storage).map(({ name }) => name) ?? [],
    });
    return undefined;
  }

  /** Answers why the kind cannot be served, or undefined. */
  async #serve(definition: CustomResourceDefinition): Promise<string | undefined> {
    const kind = kindOfDefinition(definition);
    if (kind === undefined) return 'the stored version is not served';
    const owner = this.#registry.findKind(kind.group, kind.kind);
    if (owner !== undefined && resourceName(owner) !== resourceName(kind)) {
      return `"${kind.kind}" is already in use`;
    }
    try {
      await serveKind(kind, this.#registry, this.#store);
      return undefined;
    } catch (error) {
      if (isApiError(error, 'Conflict')) return error.message;
      throw error;
    }
  }

  async #end(
    definition: CustomResourceDefinition,
    { cache, client }: ControllerContext,
  ): Promise<void> {
    const resource = definition.metadata.name;
    const objects = cache.list(resource);
    for (const { metadata } of objects) {
      const { namespace = '', name, uid } = metadata;
      await client.delete({ resource, namespace, name, uid });
    }
    if (cache.list(resource).length > 0) return;
    const kind = this.#registry.findResource(resource);
    if (kind !== undefined) this.#registry.remove(kind);
    const finalizers = (definition.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
    await client.update({ ...definition, metadata: { ...definition.metadata, finalizers } });
  }
}

function conditionsFor(refusal: string | undefined): KubeCondition[] {
  if (refusal !== undefined) {
    return [
      { type: 'NamesAccepted', status: 'False', reason: 'KindConflict', message: refusal },
      {
        type: 'Established',
        status: 'False',
        reason: 'NotAccepted',
        message: 'not all names are accepted',
      },
    ];
  }
  return [
    {
      type: 'NamesAccepted',
      status: 'True',
      reason: 'NoConflicts',
      message: 'no conflicts found',
    },
    {
      type: 'Established',
      status: 'True',
      reason: 'InitialNamesAccepted',
      message: 'the initial names have been accepted',
    },
  ];
}
