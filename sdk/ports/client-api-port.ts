import { isApiError, isNotFound } from '../api/errors.js';
import type { ApiObject, StoredApiObject } from '../api/object.js';
import type { AttemptRef, ReadRequest, ReadResponse } from '../api/work.js';
import type { ApiPort } from './api-port.js';
import { ReadBatcher } from './read-batcher.js';

/** What the port needs of a REST client; `Client` of `client/` is one. */
export interface ObjectClient {
  find<O extends ApiObject = ApiObject>(
    resource: string,
    key: ObjectName,
  ): Promise<(O & StoredApiObject) | undefined>;
  read(request: ReadRequest): Promise<ReadResponse>;
  list<O extends ApiObject = ApiObject>(
    resource: string,
    options?: ListSelection,
  ): Promise<{ readonly items: readonly (O & StoredApiObject)[] }>;
  apply<O extends ApiObject = ApiObject>(
    object: O,
    options: {
      readonly fieldManager: string;
      readonly force: boolean;
      readonly dryRun?: boolean;
      readonly attempt?: AttemptRef;
    },
  ): Promise<O & StoredApiObject>;
  delete(
    resource: string,
    key: ObjectName,
    options: {
      readonly uid?: string;
      readonly propagationPolicy: 'Background';
      readonly attempt?: AttemptRef;
    },
  ): Promise<unknown>;
}

type ObjectName = Parameters<ApiPort['find']>[1];
type ListSelection = NonNullable<Parameters<ApiPort['list']>[1]>;

/** Makes the port for an attempt, or for none. */
export type ClientApi = (attempt?: AttemptRef) => ApiPort;

/**
 * Threeport's API as ports. `fieldManager` owns what `apply` sends: `threeport-<domain>`, one for
 * each domain of reconcilers. What all ports are asked for by `find` at the same time is one
 * request. What an attempt writes does not wake the object that it works on.
 */
export function createClientApi(client: ObjectClient, fieldManager: string): ClientApi {
  const reads = new ReadBatcher(client);
  return (attempt) => portOf(client, reads, { fieldManager, ...(attempt && { attempt }) });
}

function portOf(
  client: ObjectClient,
  reads: ReadBatcher,
  { fieldManager, ...writer }: { readonly fieldManager: string; readonly attempt?: AttemptRef },
): ApiPort {
  return {
    find: <O extends ApiObject>(resource: string, key: ObjectName) =>
      reads.find({ resource, ...key }) as Promise<(O & StoredApiObject) | undefined>,
    async list<O extends ApiObject>(resource: string, options = {}) {
      return (await client.list<O>(resource, options)).items;
    },
    dryRunApply: (object) => client.apply(object, { fieldManager, force: true, dryRun: true }),
    apply: (object) => client.apply(object, { fieldManager, force: true, ...writer }),
    async delete(resource, object) {
      const { name, namespace, uid } = object.metadata;
      try {
        await client.delete(
          resource,
          { name, ...(namespace !== undefined && { namespace }) },
          { propagationPolicy: 'Background', ...(uid !== undefined && { uid }), ...writer },
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
