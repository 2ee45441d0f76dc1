import { shortened } from '../api/errors.js';
import type { AttemptRecord } from '../api/journal.js';
import { MAX_ATTEMPT_MESSAGE } from '../api/journal.js';
import type { ClaimedObject } from '../api/work.js';
import { errorChain } from '../error-chain.js';
import type { Around } from '../ports/intercept-ports.js';
import type { AttemptResult } from './attempt.js';
import { outcomeOf } from './verdict.js';

/** What others say may hold them; a journal is read on terminals. */
const CONTROL = /\p{Cc}/gu;

/** Follows one attempt for the journal: when it began, and whether it did anything. */
export class AttemptRecorder {
  readonly #claimed: ClaimedObject;
  readonly #nowMs: () => number;
  readonly #startedMs: number;
  #acted = false;

  constructor(claimed: ClaimedObject, nowMs: () => number) {
    this.#claimed = claimed;
    this.#nowMs = nowMs;
    this.#startedMs = nowMs();
  }

  /** Calls `around`, if any, and notes what may change something. */
  notingWrites(around: Around | undefined): Around {
    return (call, make) => {
      if (call.nature !== 'read') this.#acted = true;
      return around === undefined ? make() : around(call, make);
    };
  }

  /** The attempt changed its object before its end. */
  wrote(): void {
    this.#acted = true;
  }

  /** Undefined for an attempt that did nothing. */
  recordOf(ended: AttemptResult): AttemptRecord | undefined {
    const { status, removeFinalizer } = ended.completion;
    const acted = this.#acted || status !== undefined || removeFinalizer !== undefined;
    if (!acted && ended.error === undefined) return undefined;
    const { object, cause } = this.#claimed;
    const message = messageOf(ended);
    return {
      generation: object.metadata.generation,
      foundVersion: object.metadata.resourceVersion,
      ...(cause !== undefined && { cause }),
      startedAt: new Date(this.#startedMs).toISOString(),
      durationMs: Math.max(0, Math.round(this.#nowMs() - this.#startedMs)),
      outcome: outcomeOf(ended),
      ...(message !== '' && { message }),
    };
  }
}

function messageOf({ result, error }: AttemptResult): string {
  const text =
    error !== undefined
      ? errorChain(error)
      : result?.outcome === 'waiting'
        ? `${result.reason}: ${result.message}`
        : '';
  return shortened(text.replace(CONTROL, ' '), MAX_ATTEMPT_MESSAGE - 1);
}
