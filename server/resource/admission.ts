import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import type { FieldError } from '../api-errors.js';
import type { RequestUser } from '../request-user.js';

export type AdmissionOperation = 'create' | 'update';

/** A write on its way: the schema's own defaults are filled in, nothing is stored yet. */
export interface AdmissionRequest {
  readonly kind: KindDefinition;
  readonly operation: AdmissionOperation;
  /** '' for the object itself. */
  readonly subresource: string;
  /** May be changed by `setDefaults` and `mutate`, and by nothing else. */
  readonly object: ApiObject;
  /** The object as stored. Only for an update. */
  readonly old?: ApiObject;
  readonly user: RequestUser;
  readonly dryRun: boolean;
}

export interface DeletionRequest {
  readonly kind: KindDefinition;
  readonly object: ApiObject;
  readonly user: RequestUser;
  readonly dryRun: boolean;
}

/**
 * What a kind asks beyond its schema. Hooks run in the order given, all `setDefaults` first, then
 * all `mutate`, then the schema is checked, then all `validate`. A hook may run more than once for
 * one write (a retry after a conflict, a dry run), so it has no effects of its own. Throwing
 * ApiError refuses the write.
 */
export interface AdmissionHook {
  /**
   * Says in full what the writer said in short: the kind's defaults, in place. As in Kubernetes, a
   * create or update owns what is filled in here; a server-side apply does not.
   */
  setDefaults?(request: AdmissionRequest): void;
  /** What the server itself decides (an address, a finalizer), in place. No writer owns it. */
  mutate?(request: AdmissionRequest): void | Promise<void>;
  /** Faults to refuse with 422; none or nothing lets the write pass. */
  validate?(
    request: AdmissionRequest,
  ): readonly FieldError[] | undefined | Promise<readonly FieldError[] | undefined>;
  /** Runs before an object is deleted or marked as being deleted. */
  beforeDelete?(request: DeletionRequest): void | Promise<void>;
}
