import { resourceName } from '../../sdk/api/kind.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { deepEqual } from '../../server/apply/deep-equal.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import { kindOfDefinition } from './custom-resource-definition.js';
import type { CustomResourceDefinition } from './custom-resource-definition.js';

export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

/** Serves again, after a restart, the kinds of the definitions that the store holds. */
export async function registerStoredDefinitions(
  registry: KindRegistry,
  store: ObjectStore,
): Promise<void> {
  const { items } = await store.list(registry.resource(DEFINITIONS), {});
  for (const item of items) {
    const kind = kindOfDefinition(JSON.parse(item.json) as CustomResourceDefinition);
    if (kind !== undefined) await serveKind(kind, registry, store);
  }
}

/**
 * Serves a kind from now on, in the place of an earlier form of it. The same form again changes
 * nothing.
 *
 * @throws ApiError Conflict when the names belong to another kind.
 */
export async function serveKind(
  kind: KindDefinition,
  registry: KindRegistry,
  store: ObjectStore,
): Promise<void> {
  const old = registry.findResource(resourceName(kind));
  if (old !== undefined && deepEqual(old, kind)) return;
  await store.addKind(kind);
  if (old !== undefined) registry.remove(old);
  registry.add(kind);
}
