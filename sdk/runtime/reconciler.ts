import type { ConditionStatus } from '../api/condition.js';
import type { StoredApiObject } from '../api/object.js';
import type { Ports } from '../ports/ports.js';
import type { ObjectEvent } from './event-recorder.js';

/**
 * What a reconciler answers, besides throwing:
 *
 * - `done`: the world is as the spec wants it; looked at again when something changes, and by the
 *   slow resync.
 * - `requeueAfterMs`: done for now, look again then. For outside things that tell nobody.
 * - `waiting`: something that this object depends on is not ready. Says so in the `Reconciled`
 *   condition; the dependency's change wakes the object, so nothing is polled. `requeueAfterMs` is
 *   for a dependency outside that tells nobody, such as an object of a cluster that is terminating.
 *
 * A time to look again is kept within 100 ms and 31 days. Anything else is a failure (InvalidResult).
 *
 * Throwing means failure: retried with back-off, visible in `Reconciled`, after five in a row in
 * `Stalled` with their number; told of again when its reason changes and at powers of two. A
 * TerminalError is not
 * retried until the spec changes (or the slow resync comes round).
 */
export type ReconcileResult =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'requeue'; readonly requeueAfterMs: number }
  | {
      readonly outcome: 'waiting';
      readonly reason: string;
      readonly message: string;
      readonly requeueAfterMs?: number;
    };

export const done: ReconcileResult = { outcome: 'done' };

export function requeueAfter(requeueAfterMs: number): ReconcileResult {
  return { outcome: 'requeue', requeueAfterMs };
}

/** `reason` is CamelCase; `message` names what is waited for and must not vary from try to try. */
export function waitingFor(
  reason: string,
  message: string,
  options: { readonly requeueAfterMs?: number } = {},
): ReconcileResult {
  return { outcome: 'waiting', reason, message, ...options };
}

/** A failure that trying again cannot mend: only a change of the spec can. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
  readonly reason: string;

  /** `reason` is CamelCase and becomes the reason of the `Reconciled` condition. */
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A failure with a reason of its own in the `Reconciled` condition. Retried as any other. */
export class ReconcileError extends Error {
  override readonly name = 'ReconcileError';
  readonly reason: string;

  /** `reason` is CamelCase. The messages of the `cause` chain follow `message` in the condition. */
  constructor(reason: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

/** A condition as a reconciler says it; the runtime adds generation and transition time. */
export interface ReconcilerCondition {
  readonly type: string;
  readonly status: ConditionStatus;
  readonly reason: string;
  readonly message: string;
}

/** The status as its reconciler writes it: the runtime adds what belongs to every kind. */
export type AuthoredStatus<Status extends object> = Omit<
  Status,
  'conditions' | 'observedGeneration'
>;

/** What one reconcile of one object may use. Everything outside is reached through `ports`. */
export interface ReconcileContext<Status extends object> extends Ports {
  /**
   * The status to be: starts as the object's own (or the checkpoint of an attempt that died), edited in place, written by the runtime after
   * the reconcile whatever its outcome, and only when it differs. `conditions` and
   * `observedGeneration` are not in it, and ignored there: use `setCondition`.
   */
  readonly status: AuthoredStatus<Status>;
  /** @throws Error for `Reconciled` and `Stalled`, which the runtime alone writes; the other too. */
  setCondition(condition: ReconcilerCondition): void;
  removeCondition(type: string): void;
  /**
   * Tells people what was done, as an Event on the object, once the attempt was handed back; ten in an
   * attempt at most. `reason` is CamelCase; `message` must not vary from try to try, for the same event
   * again only raises its count, and must hold no secret.
   */
  event(event: ObjectEvent): void;
  /**
   * Notes `status` down now, under the lease: an intent recorded before an effect. If this attempt
   * dies, the next one starts with it; nobody else sees it before an attempt ends. No write when
   * nothing differs.
   *
   * @throws LeaseLostError when another worker has the object: stop at once.
   */
  checkpoint(): Promise<void>;
  /**
   * For clean-up: what an attempt that died made by this call, whose answer has no name before, or
   * undefined; makes nothing. Until it is asked and finds nothing, the clean-up is not done.
   * `await ctx.madeBefore(() => network.create(request))`.
   */
  madeBefore<T>(call: () => Promise<T>): Promise<T | undefined>;
  /** Kinds with a heartbeat: whether the last one is recent. True for other kinds. */
  readonly alive: boolean;
  /** Aborts when the lease is lost, the time limit is reached or the process stops. */
  readonly signal: AbortSignal;
}

/** An object as its reconciler gets it. Where the schema does not require `spec`, `Spec` says so. */
export type ReconciledObject<Spec, Status extends object> = StoredApiObject<Spec, Status> & {
  readonly spec: Spec;
};

/**
 * The reconciler of one kind. Both functions look at one object as it is now, compare with the
 * world, and act on the difference; they are not told what changed. Called twice with nothing
 * changed, the second call writes nothing anywhere.
 *
 * The runtime does the rest: gone objects, finalizers, leases, retries, conditions, status.
 */
export interface Reconciler<Spec = unknown, Status extends object = object> {
  /** Resource name: `workloads.workload.threeport.io`. */
  readonly resource: string;
  /** Makes the world match an object that is wanted. */
  reconcile(
    object: ReconciledObject<Spec, Status>,
    ctx: ReconcileContext<Status>,
  ): Promise<ReconcileResult>;
  /**
   * Takes back what `reconcile` made, for an object that is being deleted. The finalizer goes only
   * after `done`; `waiting` and `requeue` keep it. Absent: nothing to take back.
   */
  cleanUp?(
    object: ReconciledObject<Spec, Status>,
    ctx: ReconcileContext<Status>,
  ): Promise<ReconcileResult>;
}

/** The lease on the object is lost; nothing more may be written for it. */
export class LeaseLostError extends Error {
  override readonly name = 'LeaseLostError';
}
