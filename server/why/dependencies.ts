import type { KindDefinition, SelectorField } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import { requirementsOf } from '../../sdk/api/label-selector.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted, parseApiVersion } from '../../sdk/api/object.js';
import { shortened } from '../../sdk/api/errors.js';
import { ConditionType } from '../../sdk/api/condition.js';
import { findCondition } from '../../sdk/api/condition.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { WhyDependency } from '../../sdk/api/why.js';
import { valueAt } from '../schema/field-path.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import { namespaceOf, selectingField } from '../store/selecting-field.js';
import { conditionsOf } from './changed-fields.js';

const MAX_DEPENDENCIES = 50;
const MAX_MESSAGE_CHARS = 300;
const OWNERS = 'metadata.ownerReferences';

interface World {
  readonly registry: KindRegistry;
  readonly store: Pick<ObjectStore, 'get' | 'getByUid' | 'list' | 'referrersOf' | 'selectorsOf'>;
}

/** What an object refers to, what it selects, and what it owns: their changes wake it. 50 at most. */
export async function waitedFor(
  world: World,
  kind: KindDefinition,
  object: StoredApiObject,
  owned: readonly StoredObject[],
): Promise<WhyDependency[]> {
  const references = await Promise.all(
    kind.references.map((reference) => referenceOf(world, object, reference)),
  );
  const selected = await Promise.all(
    (kind.selectors ?? []).map((field) => selectedBy(world, object, field)),
  );
  const known = owned.map((stored) => described(world, stored, OWNERS));
  return [...references, ...selected, known].flat().slice(0, MAX_DEPENDENCIES);
}

/** Who refers to an object, who selects it, and who owns it: it wakes them. 50 at most. */
export async function waiting(
  world: World,
  kind: KindDefinition,
  object: StoredApiObject,
): Promise<WhyDependency[]> {
  const { registry, store } = world;
  const { name, namespace = '', ownerReferences = [] } = object.metadata;
  const referrers = (await store.referrersOf(kind, { namespace, name })).map((stored) => {
    const fields = registry.findResource(stored.resource)?.references ?? [];
    const field = fields.find((each) => each.group === kind.group && each.kind === kind.kind);
    return described(world, stored, field?.path ?? 'spec');
  });
  const target = { namespace, labels: [object.metadata.labels ?? {}] };
  const selecting = (await store.selectorsOf(kind, target)).map((stored) => {
    const by = registry.findResource(stored.resource);
    const other = JSON.parse(stored.json) as StoredApiObject;
    const field = by && selectingField(by, other, { target: kind, ...target });
    return described(world, stored, field?.path ?? 'spec');
  });
  const owners = await Promise.all(
    ownerReferences.slice(0, MAX_DEPENDENCIES).map(async (owner) => {
      const ownerKind = registry.findKind(parseApiVersion(owner.apiVersion).group, owner.kind);
      if (ownerKind === undefined) return [];
      const stored = await store.getByUid(ownerKind, owner.uid);
      return stored === undefined
        ? [missing(ownerKind, { name: owner.name, namespace }, OWNERS)]
        : [described(world, stored, OWNERS)];
    }),
  );
  return [...owners.flat(), ...referrers, ...selecting].slice(0, MAX_DEPENDENCIES);
}

async function referenceOf(
  world: World,
  object: StoredApiObject,
  reference: KindDefinition['references'][number],
): Promise<WhyDependency[]> {
  const { registry, store } = world;
  const kind = registry.findKind(reference.group, reference.kind);
  if (kind === undefined) return [];
  const name = valueAt(object, reference.path);
  if (typeof name !== 'string' || name === '') {
    if (reference.anyWhenAbsent !== true) return [];
    const { items } = await store.list(kind, { limit: 1 });
    const state = items.length === 0 ? 'missing' : 'present';
    return [{ resource: resourceName(kind), kind: kind.kind, by: reference.path, state }];
  }
  const named = reference.namespacePath && valueAt(object, reference.namespacePath);
  const own = object.metadata.namespace ?? '';
  const namespace = !kind.namespaced ? '' : typeof named === 'string' && named !== '' ? named : own;
  const stored = await store.get(kind, namespace, name);
  return [
    stored === undefined
      ? missing(kind, { name, namespace }, reference.path)
      : described(world, stored, reference.path),
  ];
}

/** The first of what the selector selects; when that is nothing, what it would. */
async function selectedBy(
  world: World,
  object: StoredApiObject,
  field: SelectorField,
): Promise<WhyDependency[]> {
  const { registry, store } = world;
  const kind = registry.findKind(field.group, field.kind);
  const labels = requirementsOf(valueAt(object, field.path));
  if (kind === undefined || labels === undefined) return [];
  const namespace = (kind.namespaced && namespaceOf(field, object)) || '';
  const { items } = await store.list(kind, { namespace, labels, limit: MAX_DEPENDENCIES });
  if (items.length > 0) return items.map((stored) => described(world, stored, field.path));
  const place = namespace === '' ? {} : { namespace };
  const none = { resource: resourceName(kind), kind: kind.kind, ...place, by: field.path };
  return [{ ...none, state: 'missing' }];
}

function missing(
  kind: KindDefinition,
  { name, namespace }: { readonly name: string; readonly namespace: string },
  by: string,
): WhyDependency {
  const place = kind.namespaced && namespace !== '' ? { namespace } : {};
  return { resource: resourceName(kind), kind: kind.kind, ...place, name, by, state: 'missing' };
}

function described({ registry }: World, stored: StoredObject, by: string): WhyDependency {
  const { resource, namespace, name } = stored;
  const object = JSON.parse(stored.json) as StoredApiObject;
  const ready = findCondition(conditionsOf(object), ConditionType.ready);
  const message = [ready?.reason, ready?.message].filter((text) => text).join(': ');
  return {
    resource,
    kind: registry.findResource(resource)?.kind ?? object.kind,
    ...(namespace !== '' && { namespace }),
    name,
    by,
    state: isBeingDeleted(object)
      ? 'terminating'
      : ready === undefined
        ? 'present'
        : ready.status === 'True'
          ? 'ready'
          : 'notReady',
    ...(message !== '' && { message: shortened(message, MAX_MESSAGE_CHARS) }),
  };
}
