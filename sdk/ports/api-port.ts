import type { ApiObject, StoredApiObject } from '../api/object.js';
import type { PortContract } from './port-contract.js';
import { asIfNew, describeObject, nameOf } from './target.js';

/** What of Threeport's own API is only read. Resources are named as `workloads.workload.threeport.io`. */
export interface ApiReads {
  /** The object as committed now, or undefined. */
  find<O extends ApiObject = ApiObject>(
    resource: string,
    key: { readonly namespace?: string; readonly name: string },
  ): Promise<(O & StoredApiObject) | undefined>;

  /** All that match, following pages. */
  list<O extends ApiObject = ApiObject>(
    resource: string,
    options?: {
      readonly namespace?: string;
      readonly labelSelector?: string;
      readonly fieldSelector?: string;
    },
  ): Promise<readonly (O & StoredApiObject)[]>;

  /** What `apply` would make of the object, without changing anything. */
  dryRunApply<O extends ApiObject = ApiObject>(object: O): Promise<O & StoredApiObject>;
}

/** Threeport's own API, as reconcilers see it. */
export interface ApiPort extends ApiReads {
  /**
   * Server-side apply under this reconciler's own field manager, forced. Creates the object when it
   * is not there. An identical apply changes nothing. The answer is all that the reconciler is told
   * of its own write: it is not woken by it.
   */
  apply<O extends ApiObject = ApiObject>(object: O): Promise<O & StoredApiObject>;

  /**
   * Asks for deletion of exactly this object (uid precondition). Gone already is no error.
   */
  delete(
    resource: string,
    object: {
      readonly metadata: {
        readonly name: string;
        readonly namespace?: string;
        readonly uid?: string;
      };
    },
  ): Promise<void>;
}

export const apiContract: PortContract<ApiPort, ApiReads> = {
  find: { nature: 'read', target: (resource, key) => `${resource} ${nameOf(key)}` },
  list: { nature: 'read', target: (resource) => resource },
  dryRunApply: { nature: 'read', target: describeObject },
  apply: {
    nature: 'update',
    idempotent: true,
    foundAgain: { by: 'name' },
    target: describeObject,
    dry: (api, object) => asIfNew(object, api.dryRunApply(object)),
  },
  delete: {
    nature: 'delete',
    idempotent: true,
    foundAgain: { by: 'name' },
    target: (resource, { metadata }) => `${resource} ${nameOf(metadata)}`,
    dry: async () => undefined,
  },
};
