/**
 * The answer of `GET <object>/why`: how an object came to be as it is. Revisions, attempts and effects
 * are one forest: a revision names the attempt that made it, an attempt the revision that woke it. Roots
 * are revisions that a request made, and attempts that no revision woke.
 */
import type { ConditionStatus } from './condition.js';
import type { JournalAttempt, JournalEffect } from './journal.js';
import type { RevisionOrigin } from './origin.js';
import type { AttemptRef } from './work.js';

export const WHY_API_VERSION = 'journal.threeport.io/v1alpha1';

/** A condition, without what is of use to programs only. */
export interface WhyCondition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason: string;
  readonly message?: string;
}

/** An object that an answer speaks of. */
export interface WhyObject {
  /** `plural.group`. */
  readonly resource: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly uid: string;
  /** `asked` about; `owned` by that, at any remove; `cause`: only what it did to these is told. */
  readonly relation: 'asked' | 'owned' | 'cause';
  /** As they are now. */
  readonly conditions?: readonly WhyCondition[];
  /** It is no more. */
  readonly deleted?: true;
}

/** One entry of the log. */
export interface WhyRevision {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly generation: number;
  /** RFC 3339 with milliseconds. */
  readonly at: string;
  /** Absent for what was written before the log kept it. */
  readonly origin?: RevisionOrigin;
  /** The attempt that made it. Absent: none did. */
  readonly attempt?: AttemptRef;
  /** Paths of the fields that it changed, 20 at most; never a value. Absent where that is not known. */
  readonly changed?: readonly string[];
  /** Those that it changed. */
  readonly conditions?: readonly WhyCondition[];
}

/** An attempt with what it did outside. One that never came to its end has no more than its key. */
export type WhyAttempt = Pick<JournalAttempt, 'uid' | 'fence'> &
  Partial<JournalAttempt> & { readonly effects: readonly JournalEffect[] };

/** One that an object waits for, or that waits for it. */
export interface WhyDependency {
  readonly resource: string;
  readonly kind: string;
  readonly namespace?: string;
  /** Absent: any of the kind. */
  readonly name?: string;
  /** The field that names or selects it, of whichever of the two does. */
  readonly by: string;
  /** `present`: it is there, and says nothing of being ready. */
  readonly state: 'ready' | 'notReady' | 'present' | 'terminating' | 'missing';
  /** What its `Ready` condition says. */
  readonly message?: string;
}

export interface Why {
  readonly apiVersion: typeof WHY_API_VERSION;
  readonly kind: 'Why';
  /** That which was asked about, then the others. */
  readonly objects: readonly WhyObject[];
  /** Newest first. */
  readonly revisions: readonly WhyRevision[];
  /** Newest first. */
  readonly attempts: readonly WhyAttempt[];
  readonly waitsFor: readonly WhyDependency[];
  readonly waitedForBy: readonly WhyDependency[];
  /** There is more than what an answer holds. */
  readonly truncated?: true;
}
