import type { KindDefinition } from '../../sdk/api/kind.js';
import type { RequestUser } from '../request-user.js';
import type { StoredObject } from '../store/object-store.js';

/** What to do about fields that the schema does not know: refuse, warn and drop, or just drop. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore';

/** The one object that a call is about. `name` may be '' for a create with generateName. */
export interface ObjectTarget {
  readonly kind: KindDefinition;
  /** '' for cluster-scoped kinds. */
  readonly namespace: string;
  readonly name: string;
}

/** The half of an object that a write is about; '' for the object itself. */
export type WritableSubresource = '' | 'status' | 'finalize';

/** What every write knows beside the object itself. */
export interface WriteOptions {
  readonly user: RequestUser;
  /** Who owns the fields that this write sets. 1 to 128 characters. */
  readonly fieldManager: string;
  readonly fieldValidation: FieldValidation;
  /** Everything is checked and answered as if, nothing is stored. */
  readonly dryRun: boolean;
  /** Paths of keys that the body gives twice; refused or warned of as unknown fields are. */
  readonly duplicates?: readonly string[];
}

export interface WriteResult {
  /** As it is now, decrypted. After a dry run: as it would be. */
  readonly object: StoredObject;
  readonly created: boolean;
  /** For the `Warning` header. */
  readonly warnings: readonly string[];
}

/** A patch, parsed but not checked. */
export type PatchBody =
  | { readonly type: 'json' | 'merge' | 'strategic'; readonly body: unknown }
  | { readonly type: 'apply'; readonly body: unknown; readonly force: boolean };

/**
 * What becomes of dependents: deleted after their owner, deleted before it (those with
 * `blockOwnerDeletion` hold it), or left behind without it. The garbage collector sees to it.
 */
export type PropagationPolicy = 'Background' | 'Foreground' | 'Orphan';

export interface DeleteOptions {
  readonly user: RequestUser;
  readonly dryRun: boolean;
  /** Absent: as the object's finalizers say, else as its kind does, mostly Background. */
  readonly propagationPolicy?: PropagationPolicy;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface DeleteResult {
  /** As it last was, or marked as being deleted; decrypted. */
  readonly object: StoredObject;
  /** False while finalizers keep it. */
  readonly gone: boolean;
}
