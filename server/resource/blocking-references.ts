import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import { operationConflict } from '../api-errors.js';
import { valueAt } from '../schema/field-path.js';

const MAX_NAMED = 10;

/**
 * Objects that refer to a target by a field of this `onDelete`. The store's answer is wider: it
 * knows the referrers, not by which of their fields.
 */
export async function referrersWith(
  options: { readonly registry: KindRegistry; readonly store: Pick<ObjectStore, 'referrersOf'> },
  target: KindDefinition,
  key: { readonly namespace: string; readonly name: string },
  onDelete: 'block' | 'cascade',
): Promise<readonly StoredObject[]> {
  const refersSo = (kind: KindDefinition): boolean =>
    kind.references.some(
      (field) =>
        field.group === target.group && field.kind === target.kind && field.onDelete === onDelete,
    );
  if (!options.registry.list().some(refersSo)) return [];
  const referrers = await options.store.referrersOf(target, key);
  return referrers.filter((referrer) => {
    const kind = options.registry.findResource(referrer.resource);
    const object: unknown = JSON.parse(referrer.json);
    return kind?.references.some(
      (field) =>
        field.group === target.group &&
        field.kind === target.kind &&
        field.onDelete === onDelete &&
        valueAt(object, field.path) === key.name,
    );
  });
}

/** @throws ApiError Conflict naming the objects that need the target, if there are any. */
export async function assertNotReferenced(
  options: { readonly registry: KindRegistry; readonly store: Pick<ObjectStore, 'referrersOf'> },
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
