import { setTimeout as delay } from 'node:timers/promises';
import { isApiError } from '../api/errors.js';
import type { JournalEntry } from '../api/journal.js';
import type { Completion, CompletionResult } from '../api/work.js';
import { JournalOutbox } from './journal-outbox.js';
import type { WorkApi } from './work-api.js';

interface Pending {
  readonly completion: Completion;
  readonly journal: readonly JournalEntry[];
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
 * makes the server refuse the batch does not take the others with it. What is told for the journal
 * goes with them, and is told later when it cannot be told in time.
 */
export class CompletionBatcher {
  readonly #api: Pick<WorkApi, 'complete'>;
  readonly #worker: string;
  readonly #nowMs: () => number;
  readonly #late = new JournalOutbox((entries) => this.#tell(entries));
  #pending: Pending[] = [];
  #sending = false;

  constructor(api: Pick<WorkApi, 'complete'>, worker: string, nowMs: () => number) {
    this.#api = api;
    this.#worker = worker;
    this.#nowMs = nowMs;
  }

  /** @throws what the server answered, or why it could not be asked until `deadlineMs`. */
  complete(
    completion: Completion,
    deadlineMs: () => number,
    journal: readonly JournalEntry[] = [],
  ): Promise<CompletionResult> {
    return new Promise((resolve, reject) => {
      // More than goes with one request is ahead of it.
      const ahead = Math.max(0, journal.length - JournalOutbox.largest);
      if (ahead > 0) this.#late.put(journal.slice(0, ahead));
      const rest = journal.slice(ahead);
      this.#pending.push({ completion, journal: rest, deadlineMs, resolve, reject });
      if (!this.#sending) {
        this.#sending = true;
        // What ends in this turn of the event loop goes together.
        setImmediate(() => void this.#drain());
      }
    });
  }

  /** Tells what belongs to no completion any more, as soon as that can be done. */
  tellLater(entries: readonly JournalEntry[]): void {
    this.#late.put(entries);
  }

  /** Gives up what could not be told. Answers how much that is. */
  close(): number {
    return this.#late.close();
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) await this.#send(this.#takeBatch());
    this.#sending = false;
  }

  #takeBatch(): readonly Pending[] {
    let [count, entries] = [0, 0];
    for (const { journal } of this.#pending) {
      entries += journal.length;
      if (count === LARGEST_BATCH || (count > 0 && entries > JournalOutbox.largest)) break;
      count += 1;
    }
    return this.#pending.splice(0, count);
  }

  async #send(batch: readonly Pending[]): Promise<void> {
    let left = batch;
    for (
      let waitMs = FIRST_RETRY_MS;
      left.length > 0;
      waitMs = Math.min(waitMs * 2, LONGEST_RETRY_MS)
    ) {
      try {
        const results = await this.#call(left);
        left.forEach((pending, index) => settle(pending, results[index]));
        return;
      } catch (error) {
        if (!isTransient(error)) {
          if (left.length > 1) for (const one of left) await this.#send([one]);
          else for (const one of left) this.#give(one, error);
          return;
        }
        const nowMs = this.#nowMs();
        for (const pending of left) if (pending.deadlineMs() <= nowMs) this.#give(pending, error);
        left = left.filter((pending) => pending.deadlineMs() > nowMs);
        if (left.length > 0) await delay(waitMs);
      }
    }
  }

  async #call(batch: readonly Pending[]): Promise<readonly CompletionResult[]> {
    const completions = batch.map(({ completion }) => completion);
    const journal = batch.flatMap((pending) => pending.journal);
    const { results } = await this.#api.complete(
      { worker: this.#worker, completions, ...(journal.length > 0 && { journal }) },
      { timeoutMs: 10_000 },
    );
    return results;
  }

  /** Gives one up; what its attempt did is told all the same. */
  #give({ journal, reject }: Pending, error: unknown): void {
    if (journal.length > 0) this.#late.put(journal);
    reject(error);
  }

  async #tell(journal: readonly JournalEntry[]): Promise<void> {
    const request = { worker: this.#worker, completions: [], journal };
    await this.#api.complete(request, { timeoutMs: 10_000 });
  }
}

function settle(pending: Pending, result: CompletionResult | undefined): void {
  if (result === undefined)
    pending.reject(new Error('the server answered fewer results than asked'));
  else pending.resolve(result);
}

/** Whether the same may be taken later. */
export function isTransient(error: unknown): boolean {
  return (
    isApiError(error) &&
    ['ServiceUnavailable', 'Timeout', 'InternalError', 'TooManyRequests'].includes(error.reason)
  );
}
