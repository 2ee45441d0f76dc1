import { resourceName } from '../../sdk/api/kind.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { ObjectStore, Revision } from '../../server/store/object-store.js';
import { simulatedKinds } from '../plane/simulated-kinds.js';

/** All objects of a kind, as the database has them. */
export async function stored(store: ObjectStore, resource: string): Promise<StoredApiObject[]> {
  const kind = simulatedKinds.find((each) => resourceName(each) === resource);
  if (kind === undefined) throw new Error(`no kind ${resource}`);
  const { items } = await store.list(kind, {});
  return items.map(({ json }) => JSON.parse(json) as StoredApiObject);
}

/** The whole log. */
export function logOf(store: ObjectStore): Promise<readonly Revision[]> {
  return store.revisionsAfter(0, Number.MAX_SAFE_INTEGER);
}
