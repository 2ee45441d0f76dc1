import { isStored } from '../../sdk/api/kind.js';
import type { OwnerReference, StoredApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted, parseApiVersion } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { policyOf } from '../resource/propagation-policy.js';
import type { ObjectStore } from '../store/object-store.js';

/** What the owners of an object are, by Kubernetes' names for it. */
export interface OwnerStates {
  /** There, and there to stay for the object. */
  readonly solid: readonly OwnerReference[];
  /** Gone, never there, or of another namespace. */
  readonly dangling: readonly OwnerReference[];
  /** Being deleted once their dependents are gone. */
  readonly waiting: readonly OwnerReference[];
  /** References that no owner can have: to another namespace, or from a cluster-scoped object. */
  readonly misplaced: readonly OwnerReference[];
}

/**
 * Looks the owners up as they are now. Undefined when one is of a kind that this server does not know,
 * or of a namespaced kind while the object is cluster-scoped: as in Kubernetes nobody can say then
 * whether the object is still owned, and it stays.
 */
export async function classifyOwners(
  { registry, store }: { registry: KindRegistry; store: Pick<ObjectStore, 'getByUid'> },
  { metadata }: StoredApiObject,
): Promise<OwnerStates | { readonly misplaced: readonly OwnerReference[] } | undefined> {
  const { namespace = '', ownerReferences = [] } = metadata;
  const states = {
    solid: [] as OwnerReference[],
    dangling: [] as OwnerReference[],
    waiting: [] as OwnerReference[],
    misplaced: [] as OwnerReference[],
  };
  for (const reference of ownerReferences) {
    const kind = registry.findKind(parseApiVersion(reference.apiVersion).group, reference.kind);
    if (kind === undefined || !isStored(kind)) return undefined;
    if (kind.namespaced && namespace === '') return { misplaced: [reference] };
    const stored = await store.getByUid(kind, reference.uid);
    const isElsewhere = stored !== undefined && kind.namespaced && stored.namespace !== namespace;
    if (isElsewhere) states.misplaced.push(reference);
    if (stored === undefined || isElsewhere || stored.name !== reference.name) {
      states.dangling.push(reference);
      continue;
    }
    const owner = JSON.parse(stored.json) as StoredApiObject;
    const isWaiting = isBeingDeleted(owner) && policyOf(owner) === 'Foreground';
    states[isWaiting ? 'waiting' : 'solid'].push(reference);
  }
  return states;
}
