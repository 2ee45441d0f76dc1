/**
 * The wire types of the journal: what attempts changed outside the plane. Times are RFC 3339 with
 * milliseconds, durations milliseconds.
 */
import type { WakeCause } from './work.js';

/** What a call does to the world. */
export type EffectNature = 'read' | 'create' | 'update' | 'delete';

/** One call of one attempt that changes something outside, or would have. */
export interface JournalEffect {
  /** From 1 in the order in which the attempt began its calls. */
  readonly sequence: number;
  /** Through which port: `kube`. */
  readonly port: string;
  /** Which one of its kind: of `kube`, the name of the KubernetesRuntimeInstance. */
  readonly place?: string;
  readonly nature: Exclude<EffectNature, 'read'>;
  /** The port's method: `apply`. */
  readonly operation: string;
  /** What was touched: `apps/v1 Deployment default/web`. */
  readonly target: string;
  /** By which what a create made is found again, where its name is not known before. */
  readonly token?: string;
  /**
   * `begun`: nobody knows (yet) whether it took effect. `failed`: the call did; where no answer came
   * it may have taken effect all the same.
   */
  readonly outcome: 'begun' | 'ok' | 'failed';
  /** Why it failed, or is not known to have ended, in the other side's words; holds no secret. */
  readonly message?: string;
  /** By the worker's clock. */
  readonly startedAt: string;
  /** Absent while it is not known to have ended. */
  readonly durationMs?: number;
}

/**
 * An effect with who caused it. Named by `uid`, `fence` and `sequence`: told again, it is the same
 * one, and its end is added to its begin.
 */
export interface JournalEntry extends JournalEffect {
  /** The object worked on: `workloads.workload.threeport.io`, and which. */
  readonly resource: string;
  readonly uid: string;
  readonly namespace?: string;
  readonly name: string;
  readonly generation: number;
  /** The revision of the object that the attempt worked from. */
  readonly foundVersion: string;
  /** What had made the object due. */
  readonly cause?: WakeCause;
  /** Of the lease that the attempt had; names the attempt together with `uid`. */
  readonly fence: number;
}

/**
 * How an attempt came out: `done`, `requeue` and `waiting` as the reconciler answered; `conflict`,
 * `terminal` and `failed` as it threw; `invalid`: the status was refused; `released`: given back
 * because the worker stops.
 */
export type AttemptOutcome =
  'done' | 'requeue' | 'waiting' | 'conflict' | 'terminal' | 'failed' | 'invalid' | 'released';

/** Characters of `AttemptRecord.message`. */
export const MAX_ATTEMPT_MESSAGE = 1_000;

/** An attempt that did something, as its worker tells it. */
export interface AttemptRecord {
  /** The generation and the revision of the object that it worked from. */
  readonly generation: number;
  readonly foundVersion: string;
  readonly cause?: WakeCause;
  /** By the worker's clock. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly outcome: AttemptOutcome;
  /** What it waits for, or why it failed; holds no secret. */
  readonly message?: string;
}

/** An attempt in the journal. `uid` and `fence` name it, and join its effects and its revisions. */
export interface JournalAttempt extends AttemptRecord {
  readonly resource: string;
  readonly uid: string;
  readonly namespace?: string;
  readonly name: string;
  readonly fence: number;
  readonly worker: string;
  /** The revision that its completion made. Absent: none. */
  readonly resourceVersion?: string;
}

/**
 * A create that was begun, and whose end is not known to be in the object's status: what it made, if
 * anything, is found by its token. Kept beside the object from before the call.
 */
export interface Intent extends JournalEffect {
  /** Of the attempt that began it. */
  readonly fence: number;
  readonly token: string;
}
