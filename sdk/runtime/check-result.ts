import type { ReconcileResult } from './reconciler.js';
import { ReconcileError } from './reconciler.js';

/** Sooner is not looked again, whatever a reconciler asks for: a requeue of 0 would spin. */
const SOONEST_REQUEUE_MS = 100;
const LATEST_REQUEUE_MS = 31 * 24 * 3_600_000;
const LONGEST_TEXT = 4_000;

/**
 * What a reconciler answered, made sure of: whole milliseconds within 100 ms and 31 days, and words
 * of at most 4,000 characters.
 *
 * @throws ReconcileError InvalidResult when it is no ReconcileResult.
 */
export function checkResult(answer: unknown): ReconcileResult {
  const { outcome, requeueAfterMs, reason, message } = fieldsOf(answer);
  switch (outcome) {
    case 'done':
      return { outcome };
    case 'requeue':
      return { outcome, requeueAfterMs: checkDelay(requeueAfterMs) };
    case 'waiting':
      if (typeof reason !== 'string' || reason === '' || typeof message !== 'string') {
        throw invalid('waiting needs a reason and a message');
      }
      return {
        outcome,
        reason: reason.slice(0, LONGEST_TEXT),
        message: message.slice(0, LONGEST_TEXT),
        ...(requeueAfterMs !== undefined && { requeueAfterMs: checkDelay(requeueAfterMs) }),
      };
    default:
      throw invalid('want done, requeueAfter(...) or waitingFor(...)');
  }
}

function fieldsOf(answer: unknown): Record<string, unknown> {
  if (typeof answer !== 'object' || answer === null) {
    throw invalid('want done, requeueAfter(...) or waitingFor(...)');
  }
  return answer as Record<string, unknown>;
}

function checkDelay(delayMs: unknown): number {
  if (typeof delayMs !== 'number' || Number.isNaN(delayMs)) {
    throw invalid('requeueAfterMs must be a number');
  }
  return Math.min(Math.max(Math.ceil(delayMs), SOONEST_REQUEUE_MS), LATEST_REQUEUE_MS);
}

function invalid(why: string): ReconcileError {
  return new ReconcileError('InvalidResult', `the reconciler answered no result: ${why}`);
}
