import { ApiError, isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ListOptions, ObjectList, ObjectStore } from '../store/object-store.js';

/**
 * Of which version a list must be.
 *
 * - `notOlderThan`: any that has seen at least this version.
 * - `exact`: as things were at this version.
 * - `continues`: a further page of a list that began at this version.
 */
export type ListVersion =
  | { readonly type: 'notOlderThan' | 'exact' | 'continues'; readonly version: number }
  | { readonly type: 'newest' };

const PAGE = 500;
/** Looking back further than this costs more than a list of now. */
const MAX_LOOK_BACK = 5_000;

type ListStore = Pick<ObjectStore, 'list' | 'oldestVersion' | 'revisionsAfter'>;

/**
 * A list under a version that was asked for. There are no old versions of objects to read, so:
 *
 * Further pages show objects as they are now, under the version of the first page. Every object that
 * is there all the while is in exactly one page, and a watch from that version tells of everything
 * that changed since the first page; that is kept as long as the log goes back to it, and then the
 * token is Expired. `exact` is answered while no object of the kind has changed since that version.
 *
 * @throws ApiError Expired when the version can no longer be served; Timeout when it is yet to come.
 */
export async function listAt(
  store: ListStore,
  kind: KindDefinition,
  options: ListOptions,
  wanted: ListVersion,
): Promise<ObjectList> {
  const list = await store.list(kind, options);
  if (wanted.type === 'newest') return list;
  const { version } = wanted;
  if (version > list.resourceVersion) throw tooLarge(version, list.resourceVersion);
  if (wanted.type === 'notOlderThan') return list;
  if (wanted.type === 'continues') {
    if (version < (await store.oldestVersion())) {
      throw new ApiError(
        'Expired',
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
      );
    }
  } else if (await hasChanged(store, kind, version, list.resourceVersion)) {
    throw new ApiError(
      'Expired',
      `The resourceVersion for the provided list is too old: ${version}`,
    );
  }
  return { ...list, resourceVersion: version };
}

/** Whether an object of the kind changed between two versions; true also when nobody knows. */
async function hasChanged(
  store: ListStore,
  kind: KindDefinition,
  after: number,
  upTo: number,
): Promise<boolean> {
  if (upTo - after > MAX_LOOK_BACK) return true;
  const resource = resourceName(kind);
  try {
    for (let position = after; position < upTo;) {
      const revisions = await store.revisionsAfter(position, PAGE);
      for (const { object, resourceVersion } of revisions) {
        if (resourceVersion <= upTo && object.resource === resource) return true;
      }
      const last = revisions.at(-1);
      if (last === undefined) return true;
      position = last.resourceVersion;
    }
    return false;
  } catch (error) {
    if (isApiError(error, 'Expired')) return true;
    throw error;
  }
}

function tooLarge(version: number, current: number): ApiError {
  return new ApiError('Timeout', `Too large resource version: ${version}, current: ${current}`, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}
