import type { ApiObject, StoredApiObject } from '../api/object.js';

/** Threeport's own API, as reconcilers see it. Resources are named as in `workloads.workload.threeport.io`. */
export interface ApiPort {
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
