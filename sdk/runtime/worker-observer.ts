import type { ClaimedObject } from '../api/work.js';
import type { WakeHint } from '../queue/wake-queue.js';
import type { Around, PortCall } from '../ports/intercept-ports.js';

/** What came of one claim. */
export interface ClaimSeen {
  /** `hint`: hinted objects were asked for; `sweep`: only whatever is due. */
  readonly by: 'hint' | 'sweep';
  /** Empty when the call failed. */
  readonly claimed: readonly ClaimedObject[];
  readonly durationMs: number;
  readonly error?: unknown;
}

/**
 * How one attempt at an object came out: `done`, `requeue` and `waiting` as the reconciler answered;
 * `conflict`, `terminal` and `failed` as it threw; `invalid`: the status was refused; `gone`: the
 * object; `fenced`: the lease was lost; `released`: given back because the worker stops; `unanswered`:
 * the server could not be told.
 */
export type AttemptVerdict =
  | 'done'
  | 'requeue'
  | 'waiting'
  | 'conflict'
  | 'terminal'
  | 'failed'
  | 'invalid'
  | 'gone'
  | 'fenced'
  | 'released'
  | 'unanswered';

export interface AttemptSeen {
  readonly verdict: AttemptVerdict;
  /** What the reconciler threw, or why the object could not be handed back. */
  readonly error?: unknown;
  /** See CompletionResult. */
  readonly convergedMs?: number;
}

/** Follows one attempt at an object. */
export interface AttemptObserver {
  /** Runs around each call through a port: makes it once, and answers or throws as it does. */
  readonly around?: Around;
  /** The trace of which the attempt is part: W3C Trace Context. */
  readonly traceparent?: string;
  /** The object was handed back, or given up. */
  ended(seen: AttemptSeen): void;
}

/**
 * Is told what a worker does, as it does it: for metrics, traces and the like. Told only; nothing
 * that an observer does changes the work. Methods return at once and never throw.
 */
export interface WorkerObserver {
  hinted?(hints: readonly WakeHint[]): void;
  claimed?(claim: ClaimSeen): void;
  /** So many leases were renewed, or (`failed`) could not be asked for. */
  renewed?(count: number, failed: boolean): void;
  leaseLost?(resource: string): void;
  /** An attempt at a claimed object begins. */
  began?(claimed: ClaimedObject): AttemptObserver | undefined;
}

/** One observer that tells each of these, in order; of port calls the first is outermost. */
export function tellAll(observers: readonly WorkerObserver[]): Required<WorkerObserver> {
  return {
    hinted: (hints) => observers.forEach((each) => each.hinted?.(hints)),
    claimed: (claim) => observers.forEach((each) => each.claimed?.(claim)),
    renewed: (count, failed) => observers.forEach((each) => each.renewed?.(count, failed)),
    leaseLost: (resource) => observers.forEach((each) => each.leaseLost?.(resource)),
    began: (claimed) => tellAllOfAttempt(observers.flatMap((each) => each.began?.(claimed) ?? [])),
  };
}

function tellAllOfAttempt(observers: readonly AttemptObserver[]): AttemptObserver | undefined {
  if (observers.length < 2) return observers[0];
  const arounds = observers.flatMap(({ around }) => around ?? []);
  const traceparent = observers.find((each) => each.traceparent !== undefined)?.traceparent;
  return {
    ...(arounds.length > 0 && {
      around: <T>(call: PortCall, make: () => Promise<T>) =>
        arounds.reduceRight<() => Promise<T>>((inner, around) => () => around(call, inner), make)(),
    }),
    ...(traceparent !== undefined && { traceparent }),
    ended: (seen) => observers.forEach((each) => each.ended(seen)),
  };
}
