import { ApiError, isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ListOptions, ObjectList, ObjectStore } from '../store/object-store.js';
import { tooLargeVersion } from '../store/store-errors.js';

/**
 * Of which version a list must be.
 *
 * - `notOlderThan`: any that has seen at least this version.
 * - `exact`: as things were at this version, which further pages of a list are too.
 */
export type ListVersion =
  | { readonly type: 'notOlderThan' | 'exact'; readonly version: number }
  | { readonly type: 'newest' };

/**
 * A list under the version that was asked for, exact as of the version that it says.
 *
 * @throws ApiError Expired when the version can no longer be served; Timeout when it is yet to come.
 */
export async function listAt(
  store: Pick<ObjectStore, 'list'>,
  kind: KindDefinition,
  options: ListOptions,
  wanted: ListVersion,
): Promise<ObjectList> {
  if (wanted.type === 'exact') return listExactly(store, kind, { ...options, at: wanted.version });
  const list = await store.list(kind, options);
  if (wanted.type === 'notOlderThan' && wanted.version > list.resourceVersion) {
    throw tooLargeVersion(wanted.version, list.resourceVersion);
  }
  return list;
}

async function listExactly(
  store: Pick<ObjectStore, 'list'>,
  kind: KindDefinition,
  options: ListOptions,
): Promise<ObjectList> {
  try {
    return await store.list(kind, options);
  } catch (error) {
    if (!isApiError(error, 'Expired')) throw error;
    // Kubernetes' words.
    const message = 'The resourceVersion for the provided list is too old.';
    throw new ApiError('Expired', message, { cause: error });
  }
}
