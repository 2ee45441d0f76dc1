import { isApiError, isNotFound } from '../api/errors.js';
import type { ApiObject, StoredApiObject } from '../api/object.js';
import type { ApiPort } from './api-port.js';

/** What the port needs of a REST client; `Client` of `client/` is one. */
export interface ObjectClient {
  find<O extends ApiObject = ApiObject>(
    resource: string,
    key: ObjectName,
  ): Promise<(O & StoredApiObject) | undefined>;
  list<O extends ApiObject = ApiObject>(
    resource: string,
    options?: ListSelection,
  ): Promise<{ readonly items: readonly (O & StoredApiObject)[] }>;
  apply<O extends ApiObject = ApiObject>(
    object: O,
    options: { readonly fieldManager: string; readonly force: boolean },
  ): Promise<O & StoredApiObject>;
  delete(
    resource: string,
    key: ObjectName,
    options: { readonly uid?: string; readonly propagationPolicy: 'Background' },
  ): Promise<unknown>;
}

type ObjectName = Parameters<ApiPort['find']>[1];
type ListSelection = NonNullable<Parameters<ApiPort['list']>[1]>;

/**
 * Threeport's API as a port. `fieldManager` owns what `apply` sends: `threeport-<domain>`, one for
 * each domain of reconcilers.
 */
export function createClientApiPort(client: ObjectClient, fieldManager: string): ApiPort {
  return {
    find: (resource, key) => client.find(resource, key),
    async list<O extends ApiObject>(resource: string, options = {}) {
      return (await client.list<O>(resource, options)).items;
    },
    apply: (object) => client.apply(object, { fieldManager, force: true }),
    async delete(resource, object) {
      const { name, namespace, uid } = object.metadata;
      try {
        await client.delete(
          resource,
          { name, ...(namespace !== undefined && { namespace }) },
          { propagationPolicy: 'Background', ...(uid !== undefined && { uid }) },
        );
      } catch (error) {
        if (isNotFound(error)) return;
        if (uid === undefined || !isApiError(error, 'Conflict')) throw error;
        // The name is another object's by now: what was asked for is so. Else something blocks it.
        const present = await client.find(resource, {
          name,
          ...(namespace !== undefined && { namespace }),
        });
        if (present?.metadata.uid === uid) throw error;
      }
    },
  };
}

/** Real time. */
export const systemClock = { nowMs: (): number => Date.now() };
