import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { DeletionEffect, ObjectStore, StoredObject } from '../store/object-store.js';
import { operationConflict } from '../api-errors.js';

const MAX_NAMED = 10;

interface Referrers {
  readonly registry: KindRegistry;
  readonly store: Pick<ObjectStore, 'referrersOf'>;
}

/** Other objects that name the target by a field of this `onDelete`. */
export async function referrersWith(
  { registry, store }: Referrers,
  target: KindDefinition,
  key: { readonly namespace: string; readonly name: string },
  onDelete: DeletionEffect,
): Promise<readonly StoredObject[]> {
  const isPossible = registry
    .list()
    .some(({ references }) =>
      references.some(
        (field) =>
          field.group === target.group && field.kind === target.kind && field.onDelete === onDelete,
      ),
    );
  if (!isPossible) return [];
  const referrers = await store.referrersOf(target, key, onDelete);
  const own = resourceName(target);
  return referrers.filter(
    ({ resource, namespace, name }) =>
      resource !== own || namespace !== key.namespace || name !== key.name,
  );
}

/** @throws ApiError Conflict naming the objects that need the target, if there are any. */
export async function assertNotReferenced(
  options: Referrers,
  target: KindDefinition,
  key: { readonly namespace: string; readonly name: string },
): Promise<void> {
  const referrers = await referrersWith(options, target, key, 'block');
  if (referrers.length === 0) return;
  const names = referrers.slice(0, MAX_NAMED).map((referrer) => {
    const kind = options.registry.findResource(referrer.resource)?.kind ?? referrer.resource;
    return referrer.namespace === ''
      ? `${kind} ${referrer.name}`
      : `${kind} ${referrer.namespace}/${referrer.name}`;
  });
  const more = referrers.length > MAX_NAMED ? ` and ${referrers.length - MAX_NAMED} more` : '';
  throw operationConflict(
    target,
    key.name,
    `it is still used by ${names.join(', ')}${more}; delete or change ${referrers.length === 1 ? 'that' : 'those'} first`,
  );
}
