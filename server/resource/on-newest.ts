import { isApiError } from '../../sdk/api/errors.js';
import { objectNotFound } from '../api-errors.js';
import type { ObjectStore, StoredObject } from '../store/object-store.js';
import type { ObjectTarget } from './write-request.js';

/** A write that names no version is tried again on the newest one this often before it gives up. */
export const MAX_ATTEMPTS = 12;

/** What became of one attempt. `written`: the store took it, so what it started from was the newest. */
export interface Attempted<Result> {
  readonly written: boolean;
  readonly result: Result;
}

/**
 * Does something with the newest version of an object: `attempt` is called again with a newer one
 * when it answers undefined, which says that another write came between; the last time it is told to
 * throw instead.
 *
 * The first attempt starts from what this process remembers, so that mostly nothing is read. What
 * comes of that without a write, be it a refusal, counts only once the store has said that the
 * object is still the same.
 *
 * @throws ApiError NotFound when there is no such object; whatever `attempt` throws.
 */
export async function onNewest<Result>(
  store: Pick<ObjectStore, 'get' | 'recallNamed'>,
  { kind, namespace, name }: ObjectTarget,
  attempt: (stored: StoredObject, isLast: boolean) => Promise<Attempted<Result> | undefined>,
): Promise<Result> {
  const read = (): Promise<StoredObject | undefined> => store.get(kind, namespace, name);
  const isStillSo = async ({ resourceVersion }: StoredObject): Promise<boolean> =>
    (await read())?.resourceVersion === resourceVersion;

  for (let count = 1; ; count++) {
    const remembered = count === 1 ? store.recallNamed(kind, namespace, name) : undefined;
    const stored = remembered ?? (await read());
    if (stored === undefined) throw objectNotFound(kind, name);
    try {
      const attempted = await attempt(stored, count >= MAX_ATTEMPTS);
      if (attempted === undefined) continue;
      if (attempted.written || remembered === undefined) return attempted.result;
      if (await isStillSo(remembered)) return attempted.result;
    } catch (error) {
      const isRefusal = isApiError(error) && !isApiError(error, 'ServiceUnavailable');
      if (remembered === undefined || !isRefusal || (await isStillSo(remembered))) throw error;
    }
  }
}
