import { setTimeout as delay } from 'node:timers/promises';
import { isApiError } from '../api/errors.js';
import type { Completion, CompletionResult } from '../api/work.js';
import type { WorkApi } from './work-api.js';

interface Pending {
  readonly completion: Completion;
  /** After this the lease is another's: no use in trying. */
  readonly deadlineMs: () => number;
  readonly resolve: (result: CompletionResult) => void;
  readonly reject: (error: unknown) => void;
}

const LARGEST_BATCH = 50;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 2_000;

/**
 * Sends completions: alone when there is nothing to wait for, together when they gather behind a
 * call under way. A server that is away is asked again until the lease ends. A completion that
 * makes the server refuse the batch does not take the others with it.
 */
export class CompletionBatcher {
  readonly #api: Pick<WorkApi, 'complete'>;
  readonly #worker: string;
  readonly #nowMs: () => number;
  #pending: Pending[] = [];
  #sending = false;

  constructor(api: Pick<WorkApi, 'complete'>, worker: string, nowMs: () => number) {
    this.#api = api;
    this.#worker = worker;
    this.#nowMs = nowMs;
  }

  /** @throws what the server answered, or why it could not be asked until `deadlineMs`. */
  complete(completion: Completion, deadlineMs: () => number): Promise<CompletionResult> {
    return new Promise((resolve, reject) => {
      this.#pending.push({ completion, deadlineMs, resolve, reject });
      if (!this.#sending) {
        this.#sending = true;
        // What ends in this turn of the event loop goes together.
        setImmediate(() => void this.#drain());
      }
    });
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      await this.#send(this.#pending.splice(0, LARGEST_BATCH));
    }
    this.#sending = false;
  }

  async #send(batch: readonly Pending[]): Promise<void> {
    let left = batch;
    for (
      let waitMs = FIRST_RETRY_MS;
      left.length > 0;
      waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)
    ) {
      try {
        const completions = left.map(({ completion }) => completion);
        const { results } = await this.#api.complete(
          { worker: this.#worker, completions },
          { timeoutMs: 10_000 },
        );
        left.forEach((pending, index) => settle(pending, results[index]));
        return;
      } catch (error) {
        if (!isTransient(error)) {
          if (left.length > 1) for (const one of left) await this.#send([one]);
          else left[0]?.reject(error);
          return;
        }
        const nowMs = this.#nowMs();
        for (const pending of left) if (pending.deadlineMs() <= nowMs) pending.reject(error);
        left = left.filter((pending) => pending.deadlineMs() > nowMs);
        if (left.length > 0) await delay(waitMs);
      }
    }
  }
}

function settle(pending: Pending, result: CompletionResult | undefined): void {
  if (result === undefined)
    pending.reject(new Error('the server answered fewer results than asked'));
  else pending.resolve(result);
}

function isTransient(error: unknown): boolean {
  return (
    isApiError(error) &&
    ['ServiceUnavailable', 'Timeout', 'InternalError', 'TooManyRequests'].includes(error.reason)
  );
}
