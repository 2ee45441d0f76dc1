import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { parseApiVersion } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { AttemptRef, WorkKey } from '../../sdk/api/work.js';
import type { ObjectStore, Revision, StoredObject, Wake } from '../store/object-store.js';

/** Wakes without repetition, in the order in which they first came. */
export class WakeSet {
  readonly #wakes = new Map<string, Map<string, Wake>>();

  /** `cause`: who made the change that wakes; a wake of itself holds only for another attempt. */
  add(resource: string, uid: string, cause?: AttemptRef): void {
    const wakes = this.#wakes.get(resource) ?? new Map<string, Wake>();
    this.#wakes.set(resource, wakes);
    const known = cause?.uid === uid ? cause.fence : undefined;
    const before = wakes.get(uid);
    const same = before === undefined || before.knownAtFence === known;
    wakes.set(uid, same && known !== undefined ? { uid, knownAtFence: known } : { uid });
  }

  byResource(): [string, readonly Wake[]][] {
    return [...this.#wakes].map(([resource, wakes]) => [resource, [...wakes.values()]]);
  }
}

/** The changed objects that their own reconcilers must look at. The write made them due already. */
export function changedThemselves(
  registry: KindRegistry,
  revisions: readonly Revision[],
): WorkKey[] {
  const keys = new Map<string, WorkKey>();
  for (const { object, type, cause } of revisions) {
    const { resource, uid } = object;
    if (cause?.uid === uid || type === 'DELETED') continue;
    if (registry.findResource(resource)?.reconciled === undefined) continue;
    keys.set(uid, { resource, uid });
  }
  return [...keys.values()];
}

/**
 * The objects that depend on those changed: owners, and whatever refers to them. Nothing made
 * these due yet. A deletion is told to everybody: who asked for it may be waiting for it.
 */
export async function dependantsOf(
  registry: KindRegistry,
  store: Pick<ObjectStore, 'referrersOf'>,
  revisions: readonly Revision[],
): Promise<WakeSet> {
  const wakes = new WakeSet();
  const targets = new Map<string, { object: StoredObject; causes: (AttemptRef | undefined)[] }>();
  const referredTo = kindsReferredTo(registry);
  for (const { object, type, cause: maker } of revisions) {
    const cause = type === 'DELETED' ? undefined : maker;
    for (const [resource, uid] of ownersOf(registry, object)) wakes.add(resource, uid, cause);
    if (!referredTo.has(object.resource)) continue;
    const key = `${object.resource}/${object.namespace}/${object.name}`;
    const causes = targets.get(key)?.causes ?? [];
    targets.set(key, { object, causes: [...causes, cause] });
  }
  await Promise.all(
    [...targets.values()].map(async ({ object, causes }) => {
      const referrers = await store.referrersOf(registry.resource(object.resource), object);
      for (const { resource, uid } of referrers) {
        if (registry.findResource(resource)?.reconciled === undefined) continue;
        for (const cause of causes) wakes.add(resource, uid, cause);
      }
    }),
  );
  return wakes;
}

/** Resource names of the kinds that a reconciled kind has a reference to. */
function kindsReferredTo(registry: KindRegistry): ReadonlySet<string> {
  const resources = new Set<string>();
  for (const kind of registry.list()) {
    if (kind.reconciled === undefined) continue;
    for (const reference of kind.references) {
      const target = registry.findKind(reference.group, reference.kind);
      if (target !== undefined) resources.add(resourceName(target));
    }
  }
  return resources;
}

function ownersOf(registry: KindRegistry, stored: StoredObject): [string, string][] {
  // Most objects have no owner: those need no parsing.
  if (!stored.json.includes('"ownerReferences"')) return [];
  const { metadata } = JSON.parse(stored.json) as ApiObject;
  return (metadata.ownerReferences ?? []).flatMap(
    ({ apiVersion, kind, uid }): [string, string][] => {
      const owner = registry.findKind(parseApiVersion(apiVersion).group, kind);
      return owner?.reconciled === undefined ? [] : [[resourceName(owner), uid]];
    },
  );
}
