import type { ApiObject, StoredApiObject } from '../api/object.js';

/** One object in a cluster, by kind and name. */
export interface KubeObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly name: string;
}

/** What discovery says of a kind. */
export interface KubeResource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface KubeVersion {
  /** Such as `v1.32.4`. */
  readonly gitVersion: string;
}

/**
 * The API of one cluster. Every call has a time limit (10 s) and throws ApiError with the cluster's
 * own words; a cluster that cannot be reached gives ServiceUnavailable.
 */
export interface KubePort {
  /** Address of the API server. */
  readonly endpoint: string;
  version(): Promise<KubeVersion>;

  /**
   * Looks a kind up in the cluster's discovery, which is cached and read again (at most once in two
   * seconds) when the kind is not in it. Undefined when the cluster does not know the kind.
   */
  resource(apiVersion: string, kind: string): Promise<KubeResource | undefined>;

  /** The object as the cluster has it, or undefined (also when the cluster does not know the kind). */
  find(ref: KubeObjectRef): Promise<StoredApiObject | undefined>;

  /** What matches the label selector of one kind, in all namespaces. Empty when the kind is unknown. */
  list(
    apiVersion: string,
    kind: string,
    labelSelector: string,
  ): Promise<readonly StoredApiObject[]>;

  /**
   * Server-side apply as field manager `threeport`, forced. Creates the object when it is not there.
   *
   * @throws ApiError with the cluster's own reason and message, `Invalid` for a rejected field.
   */
  apply(object: ApiObject): Promise<StoredApiObject>;

  /** What `apply` would make of the object, without changing anything. A read. */
  dryRunApply(object: ApiObject): Promise<StoredApiObject>;

  /**
   * Asks for background deletion; `uid` makes it exactly that object. Gone already, or replaced by
   * another of the same name, is no error.
   */
  delete(ref: KubeObjectRef, uid?: string): Promise<void>;
}
