import type { ApiObject, StoredApiObject } from '../sdk/api/object.js';

/** How an object is to be deleted. */
export interface DeleteRequest {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  /** Delete exactly this object: another of the same name is left alone. */
  readonly uid: string;
}

/**
 * The writes that controllers make, through the same path as a user's: defaults, validation,
 * quotas, generation. Each returns when the shared cache reflects it, so a controller never acts
 * on what was before its own write. Throws ApiError; a stale object gives Conflict.
 */
export interface ClusterClient {
  create(object: ApiObject): Promise<StoredApiObject>;
  /** Replaces everything but the status. */
  update(object: StoredApiObject): Promise<StoredApiObject>;
  /** Replaces the status alone. An equal one makes no write. */
  updateStatus(object: StoredApiObject, status: object): Promise<StoredApiObject>;
  /** In the background. An object that is gone is no error. */
  delete(request: DeleteRequest): Promise<void>;
}
