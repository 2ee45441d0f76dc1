import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { parseApiVersion } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { WakeHint } from '../../sdk/queue/wake-queue.js';
import type { ObjectStore, Revision, StoredObject } from '../store/object-store.js';
import { changeOf, WakeSet, type Change } from './wake-set.js';
import { addSelecting } from './wakes-of-selectors.js';

/** The changed objects that their own reconcilers must look at. The write made them due already. */
export function changedThemselves(
  registry: KindRegistry,
  revisions: readonly Revision[],
): WakeHint[] {
  const keys = new Map<string, WakeHint>();
  for (const { object, type, cause, traceparent } of revisions) {
    const { resource, uid } = object;
    if (cause?.uid === uid || type === 'DELETED') continue;
    if (registry.findResource(resource)?.reconciled === undefined) continue;
    keys.set(uid, { resource, uid, ...(traceparent !== undefined && { traceparent }) });
  }
  return [...keys.values()];
}

/**
 * The objects that depend on those changed: owners, and whatever refers to them or selects them.
 * Nothing made these due yet.
 */
export async function dependantsOf(
  registry: KindRegistry,
  store: Pick<ObjectStore, 'referrersOf' | 'selectorsOf' | 'stateBefore'>,
  revisions: readonly Revision[],
): Promise<WakeSet> {
  const wakes = new WakeSet();
  const targets = new Map<string, { object: StoredObject; changes: Change[] }>();
  const referredTo = kindsReferredTo(registry);
  for (const revision of revisions) {
    const { object } = revision;
    const change = changeOf(revision);
    for (const [resource, uid] of ownersOf(registry, object)) {
      wakes.add(resource, uid, change.by, change.cause);
    }
    if (!referredTo.has(object.resource)) continue;
    const key = `${object.resource}/${object.namespace}/${object.name}`;
    const changes = targets.get(key)?.changes ?? [];
    targets.set(key, { object, changes: [...changes, change] });
  }
  await Promise.all([
    addSelecting(wakes, registry, store, revisions),
    ...[...targets.values()].map(async ({ object, changes }) => {
      const referrers = await store.referrersOf(registry.resource(object.resource), object);
      for (const { resource, uid } of referrers) {
        if (registry.findResource(resource)?.reconciled === undefined) continue;
        for (const { by, cause } of changes) wakes.add(resource, uid, by, cause);
      }
    }),
  ]);
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
