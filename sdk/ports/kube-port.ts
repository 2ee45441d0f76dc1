import type { ApiObject, StoredApiObject } from '../api/object.js';
import { hideValues } from './hide-values.js';
import type { PortContract } from './port-contract.js';
import { asIfNew, describeObject, describeRef } from './target.js';

/** A cluster, and how it is reached. */
export interface ClusterRef {
  /** Name of its KubernetesRuntimeInstance: calls are known by it. */
  readonly runtime: string;
  readonly kubeconfig: string;
}

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
 * What of the API of one cluster is only read. Every call has a time limit (10 s) and throws ApiError with the cluster's
 * own words; a cluster that cannot be reached gives ServiceUnavailable.
 */
export interface KubeReads {
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

  /** What `apply` would make of the object, without changing anything. A read. */
  dryRunApply(object: ApiObject): Promise<StoredApiObject>;
}

/** The API of one cluster. Calls end and fail as those of its reading half. */
export interface KubePort extends KubeReads {
  /**
   * Server-side apply as field manager `threeport`, forced. Creates the object when it is not there.
   *
   * @throws ApiError with the cluster's own reason and message, `Invalid` for a rejected field.
   */
  apply(object: ApiObject): Promise<StoredApiObject>;

  /**
   * Asks for background deletion; `uid` makes it exactly that object. Gone already, or replaced by
   * another of the same name, is no error.
   */
  delete(ref: KubeObjectRef, uid?: string): Promise<void>;
}

const ofObject = {
  target: describeObject,
  // Clusters quote what they refuse.
  hide: (message: string, object: ApiObject): string => hideValues(message, object),
};

export const kubeContract: PortContract<KubePort, KubeReads> = {
  version: { nature: 'read', target: () => '/version' },
  resource: { nature: 'read', target: (apiVersion, kind) => `${apiVersion} ${kind}` },
  find: { nature: 'read', target: describeRef },
  list: { nature: 'read', target: (apiVersion, kind) => `${apiVersion} ${kind}` },
  dryRunApply: { nature: 'read', ...ofObject },
  apply: {
    nature: 'update',
    idempotent: true,
    foundAgain: { by: 'name' },
    ...ofObject,
    dry: (kube, object) => asIfNew(object, kube.dryRunApply(object)),
  },
  delete: {
    nature: 'delete',
    idempotent: true,
    foundAgain: { by: 'name' },
    target: describeRef,
    dry: async () => undefined,
  },
};
