import { ConditionType, findCondition, type Condition } from '../api/condition.js';
import type { ClaimedObject } from '../api/work.js';
import { backoffMs } from './backoff.js';
import type { AttemptResult, EndInput } from './attempt.js';
import { draftOf } from './attempt.js';
import { ReconcileError } from './reconciler.js';

/**
 * What to do with a claimed object whose attempts were lost: their worker died or stood still, which
 * may be its own doing, as with a reconciler that loops without end or takes all memory.
 */
export type Suspicion =
  /** Work on it; on a suspect with no other beside it, so that an innocent one is cleared. */
  | 'try'
  /** Say so in its conditions and leave it alone, each time twice as long. */
  | 'quarantine'
  | { readonly postponeMs: number };

/** One lost attempt is what any kill costs; whoever loses two waits, and is tried alone. */
const SUSPECT_AFTER = 2;
const QUARANTINED_AFTER = 5;
/** After QUARANTINED_AFTER, doubling: who is innocent and was unlucky does not wait for long. */
const FIRST_QUARANTINE_MS = 60_000;
const LONGEST_QUARANTINE_MS = 3_600_000;
const QUARANTINED = 'Quarantined';

/** Whether the object is to be tried with no other suspect beside it. */
export function isSuspect({ lostAttempts = 0 }: ClaimedObject): boolean {
  return lostAttempts >= SUSPECT_AFTER;
}

export function suspicionOf(
  claimed: ClaimedObject,
  { nowMs, random }: { readonly nowMs: number; readonly random: () => number },
): Suspicion {
  if (!isSuspect(claimed)) return 'try';
  const { lostAttempts = 0, cause, object } = claimed;
  const justLost = cause?.reason === 'leaseExpired';
  if (justLost && lostAttempts >= QUARANTINED_AFTER) return 'quarantine';
  if (justLost) return { postponeMs: backoffMs(lostAttempts - 1, random) };
  const { conditions } = (object.status ?? {}) as { readonly conditions?: readonly Condition[] };
  const stalled = findCondition(conditions, ConditionType.stalled);
  const isQuarantined =
    stalled?.reason === QUARANTINED && stalled.observedGeneration === object.metadata.generation;
  if (!isQuarantined) return 'try';
  const lengthMs = quarantineMs(lostAttempts);
  const leftMs = Date.parse(stalled.lastTransitionTime) + lengthMs - nowMs;
  return leftMs > 0 ? { postponeMs: Math.ceil(Math.min(leftMs, lengthMs)) } : 'try';
}

/** The completion of a quarantined object: its conditions, and the time of the next try. */
export function quarantine(input: EndInput, lostAttempts: number): AttemptResult {
  const lengthMs = quarantineMs(lostAttempts);
  const message =
    `${lostAttempts} attempts in a row ended with the process that made them, or without a word; ` +
    `the next is made in ${lengthMs / 60_000} min, or when the spec changes`;
  const draft = draftOf(input);
  const condition = { reason: QUARANTINED, message } as const;
  draft.put({ ...condition, type: ConditionType.reconciled, status: 'False' });
  // Taken away first: its time begins anew.
  draft.drop(ConditionType.stalled);
  draft.put({ ...condition, type: ConditionType.stalled, status: 'True' });
  const status = input.kind.status ? draft.toShow() : undefined;
  return {
    completion: {
      failures: input.failures,
      requeueAfterMs: lengthMs,
      requeueReason: 'backoff',
      ...(status !== undefined && { status }),
    },
    error: new ReconcileError(QUARANTINED, message),
  };
}

function quarantineMs(lostAttempts: number): number {
  const doublings = Math.min(Math.max(lostAttempts - QUARANTINED_AFTER, 0), 10);
  return Math.min(FIRST_QUARANTINE_MS * 2 ** doublings, LONGEST_QUARANTINE_MS);
}
