import { ConditionType } from '../api/condition.js';
import { isApiError, isConflict } from '../api/errors.js';
import type { WakeReason } from '../api/work.js';
import { errorChain } from '../error-chain.js';
import { backoffMs, withJitter } from './backoff.js';
import { ReconcileError, TerminalError } from './reconciler.js';
import type { ReconcileResult } from './reconciler.js';
import type { StatusDraft } from './status-draft.js';

/** How one attempt at an object came out: what the reconciler answered, or what it threw. */
export type AttemptOutcome =
  | { readonly kind: 'result'; readonly result: ReconcileResult }
  | { readonly kind: 'failure'; readonly error: unknown };

export interface AttemptContext {
  /** Failures in a row before this attempt. */
  readonly failures: number;
  /** Slow look again after success; absent: only when something changes. */
  readonly resyncMs?: number;
  readonly random: () => number;
}

/** What an attempt leaves behind, besides the draft's conditions. */
export interface AttemptEnd {
  readonly failures: number;
  readonly requeueAfterMs?: number;
  /** Absent: as the server takes it. */
  readonly requeueReason?: WakeReason;
  /** False: the status stays as it is, whatever is in the draft. */
  readonly writesStatus: boolean;
}

const STALLED_AFTER_FAILURES = 5;
const SILENT_CONFLICTS = 3;
const CONFLICT_RETRY_MS = 100;
const LONGEST_ASKED_WAIT_MS = 300_000;
const MOST_LINKS = 10;
const LONGEST_MESSAGE = 4_000;
/** What the server takes. */
const MOST_FAILURES = 1_000_000;

/**
 * The one place that turns an outcome into conditions and the time of the next look. Writes the
 * `Reconciled` and `Stalled` conditions into the draft.
 */
export function endAttempt(
  outcome: AttemptOutcome,
  draft: StatusDraft,
  context: AttemptContext,
): AttemptEnd {
  if (outcome.kind === 'failure') return endFailure(outcome.error, draft, context);
  const { result } = outcome;
  draft.drop(ConditionType.stalled);
  if (result.outcome === 'waiting') {
    putReconciled(draft, 'False', result.reason, result.message);
  } else {
    putReconciled(draft, 'True', 'Reconciled', '');
  }
  const asked = result.outcome === 'done' ? undefined : result.requeueAfterMs;
  return {
    failures: 0,
    writesStatus: true,
    ...(asked === undefined ? resyncOf(context) : { requeueAfterMs: asked }),
  };
}

function endFailure(error: unknown, draft: StatusDraft, context: AttemptContext): AttemptEnd {
  const failures = Math.min(context.failures + 1, MOST_FAILURES);
  // Somebody else wrote in between: the next look, at once, sees it. Only a series of them is news.
  if (isConflict(error) && failures <= SILENT_CONFLICTS) {
    const requeueAfterMs = withJitter(CONFLICT_RETRY_MS, context.random);
    return { failures, requeueAfterMs, writesStatus: false };
  }
  const terminal = error instanceof TerminalError;
  if (isNews(reasonOf(error), failures, draft)) tellFailure(error, failures, draft);
  const next = terminal
    ? resyncOf(context)
    : { requeueAfterMs: Math.max(backoffMs(failures, context.random), askedToWaitMs(error)) };
  return { failures, writesStatus: true, ...next };
}

/** What whoever refused asked for by `Retry-After`, within reason. A chain may be a circle. */
function askedToWaitMs(error: unknown): number {
  let link = error;
  for (let links = 0; link instanceof Error && links < MOST_LINKS; links++) {
    const seconds = isApiError(link) ? link.details?.retryAfterSeconds : undefined;
    if (seconds !== undefined && seconds > 0) {
      return Math.min(Math.ceil(seconds * 1_000), LONGEST_ASKED_WAIT_MS);
    }
    link = link.cause;
  }
  return 0;
}

/**
 * Messages may vary from try to try, with a time or an address in them. Each telling is a revision, so
 * a failure that goes on for the same reason is told of at 1, 2, 4, 5, 8, 16, ... in a row.
 */
function isNews(reason: string, failures: number, draft: StatusDraft): boolean {
  const told = draft.condition(ConditionType.reconciled);
  const isPowerOfTwo = Number.isInteger(Math.log2(failures));
  const same = told?.status === 'False' && told.reason === reason && draft.isOfNow(told);
  return !same || isPowerOfTwo || failures === STALLED_AFTER_FAILURES;
}

function tellFailure(error: unknown, failures: number, draft: StatusDraft): void {
  const reason = reasonOf(error);
  const message = errorChain(error).slice(0, LONGEST_MESSAGE);
  putReconciled(draft, 'False', reason, message);
  const stalled = { type: ConditionType.stalled, status: 'True', reason } as const;
  if (error instanceof TerminalError) draft.put({ ...stalled, message });
  else if (failures < STALLED_AFTER_FAILURES) draft.drop(ConditionType.stalled);
  else draft.put({ ...stalled, message: `${message} (failed ${failures} times in a row or more)` });
}

function putReconciled(
  draft: StatusDraft,
  status: 'True' | 'False',
  reason: string,
  message: string,
): void {
  draft.put({ type: ConditionType.reconciled, status, reason, message });
}

function resyncOf({
  resyncMs,
  random,
}: AttemptContext): Pick<AttemptEnd, 'requeueAfterMs' | 'requeueReason'> {
  if (resyncMs === undefined) return {};
  return { requeueAfterMs: withJitter(resyncMs, random), requeueReason: 'resync' };
}

function reasonOf(error: unknown): string {
  if (error instanceof TerminalError || error instanceof ReconcileError) return error.reason;
  return isApiError(error) ? error.reason : 'ReconcileError';
}
