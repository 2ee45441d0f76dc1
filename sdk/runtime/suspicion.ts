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
  /** Say so in its conditions and leave it alone for QUARANTINE_MS. */
  | 'quarantine'
  | { readonly postponeMs: number };

/** One lost attempt is what any kill costs; whoever loses two waits, and is tried alone. */
const SUSPECT_AFTER = 2;
const QUARANTINED_AFTER = 5;
const QUARANTINE_MS = 3_600_000;
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
  const leftMs = Date.parse(stalled.lastTransitionTime) + QUARANTINE_MS - nowMs;
  return leftMs > 0 ? { postponeMs: Math.ceil(Math.min(leftMs, QUARANTINE_MS)) } : 'try';
}

/** The completion of a quarantined object: its conditions, and the time of the next try. */
export function quarantine(input: EndInput, lostAttempts: number): AttemptResult {
  const message =
    `${lostAttempts} attempts in a row ended with the process that made them, or without a word; ` +
    'the next is made in an hour, or when the spec changes';
  const draft = draftOf(input);
  const condition = { reason: QUARANTINED, message } as const;
  draft.put({ ...condition, type: ConditionType.reconciled, status: 'False' });
  // Taken away first: the hour begins anew.
  draft.drop(ConditionType.stalled);
  draft.put({ ...condition, type: ConditionType.stalled, status: 'True' });
  const status = input.kind.status ? draft.toShow() : undefined;
  return {
    completion: {
      failures: input.failures,
      requeueAfterMs: QUARANTINE_MS,
      requeueReason: 'backoff',
      ...(status !== undefined && { status }),
    },
    error: new ReconcileError(QUARANTINED, message),
  };
}
