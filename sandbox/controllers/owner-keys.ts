import type { ObjectKey } from '../../sdk/api/object.js';
import { controllerOf, objectKeyOf } from '../../sdk/api/object.js';
import type { ObjectChange } from '../cluster-cache.js';

/** The changed object itself when it is of `resource`, or its controller when that is a `kind`. */
export function ownKeys(change: ObjectChange, resource: string, kind: string): ObjectKey[] {
  if (change.resource === resource) return [objectKeyOf(change.object)];
  const owner = controllerOf(change.object);
  return owner?.kind === kind
    ? [{ namespace: change.object.metadata.namespace ?? '', name: owner.name }]
    : [];
}
