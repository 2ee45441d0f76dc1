import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { parseApiVersion } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { WorkKey } from '../../sdk/api/work.js';
import type { ObjectStore, Revision, StoredObject } from '../store/object-store.js';

/** Keys without repetition, in the order in which they first came. */
export class WakeSet {
  readonly #uids = new Map<string, Set<string>>();

  add(resource: string, uid: string): void {
    const uids = this.#uids.get(resource);
    if (uids === undefined) this.#uids.set(resource, new Set([uid]));
    else uids.add(uid);
  }

  byResource(): [string, readonly string[]][] {
    return [...this.#uids].map(([resource, uids]) => [resource, [...uids]]);
  }

  keys(): WorkKey[] {
    return this.byResource().flatMap(([resource, uids]) => uids.map((uid) => ({ resource, uid })));
  }
}

/** The changed objects that their own reconcilers must look at. The write made them due already. */
export function changedThemselves(
  registry: KindRegistry,
  revisions: readonly Revision[],
): WorkKey[] {
  const wakes = new WakeSet();
  for (const { object, type, wakesSelf } of revisions) {
    if (!wakesSelf || type === 'DELETED') continue;
    if (registry.findResource(object.resource)?.reconciled === undefined) continue;
    wakes.add(object.resource, object.uid);
  }
  return wakes.keys();
}

/**
 * The objects that depend on those changed: owners, and whatever refers to them. Nothing made
 * these due yet.
 */
export async function dependantsOf(
  registry: KindRegistry,
  store: Pick<ObjectStore, 'referrersOf'>,
  revisions: readonly Revision[],
): Promise<WakeSet> {
  const wakes = new WakeSet();
  const targets = new Map<string, { kind: KindDefinition; object: StoredObject }>();
  const referredTo = kindsReferredTo(registry);
  for (const { object } of revisions) {
    for (const [resource, uid] of ownersOf(registry, object)) wakes.add(resource, uid);
    const kind = registry.findResource(object.resource);
    if (kind !== undefined && referredTo.has(object.resource)) {
      targets.set(`${object.resource}/${object.namespace}/${object.name}`, { kind, object });
    }
  }
  const found = await Promise.all(
    [...targets.values()].map(({ kind, object }) => store.referrersOf(kind, object)),
  );
  for (const referrer of found.flat()) {
    if (registry.findResource(referrer.resource)?.reconciled !== undefined) {
      wakes.add(referrer.resource, referrer.uid);
    }
  }
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
