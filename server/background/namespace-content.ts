import { isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import { mapLimited } from '../../sdk/map-limited.js';
import { serverUser } from '../request-user.js';
import { DELETIONS_AT_ONCE, type ResourceService } from '../resource-service.js';
import { objectPages } from '../store/object-pages.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import type { RemainingContent } from './namespace-conditions.js';

const PAGE = 200;

/** Asks every object of the kind in the namespace to go, and says what is left of them. */
export async function removeContent(
  options: {
    readonly store: Pick<ObjectStore, 'list'>;
    readonly service: Pick<ResourceService, 'delete'>;
    /** Whether the namespace is the one that is to end, not another that came under its name. */
    readonly isStillThere: () => Promise<boolean>;
  },
  kind: KindDefinition,
  namespace: string,
  signal: AbortSignal,
): Promise<RemainingContent> {
  const finalizers = new Map<string, number>();
  let count = 0;
  let failure: string | undefined;
  for await (const { items } of objectPages(options.store, kind, { namespace, limit: PAGE })) {
    // What was listed before this is in no namespace that came later.
    if (items.length > 0 && !(await options.isStillThere())) break;
    const remove = async (item: StoredObject): Promise<ApiObject | undefined> => {
      signal.throwIfAborted();
      return removeOne(item);
    };
    for (const left of await mapLimited(items, DELETIONS_AT_ONCE, remove)) {
      if (left === undefined) continue;
      count += 1;
      for (const name of left.metadata.finalizers ?? []) {
        finalizers.set(name, (finalizers.get(name) ?? 0) + 1);
      }
    }
  }
  const { plural, group } = kind;
  return { plural, group, count, finalizers, ...(failure !== undefined && { failure }) };

  /** The object as it stays for now; undefined when it is gone. */
  async function removeOne(item: StoredObject): Promise<ApiObject | undefined> {
    const object = JSON.parse(item.json) as ApiObject;
    if (isBeingDeleted(object)) return object;
    const { name, uid } = item;
    try {
      const { object: last, gone } = await options.service.delete(
        { kind, namespace, name },
        {
          user: serverUser('namespace-lifecycle'),
          dryRun: false,
          propagationPolicy: 'Background',
          preconditions: { uid },
        },
      );
      return gone ? undefined : (JSON.parse(last.json) as ApiObject);
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      // Blocked by another object, which mostly goes too: its end is a reason to try again.
      if (!isApiError(error, 'Conflict') && !isApiError(error, 'Forbidden')) throw error;
      failure ??= error.message;
      return object;
    }
  }
}
