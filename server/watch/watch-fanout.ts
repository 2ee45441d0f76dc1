import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import type { ApiError } from '../../sdk/api/errors.js';
import { EventBatch } from './event-batch.js';
import type { EventWindow } from './event-window.js';

/** One turn of the event loop goes to watchers for so long; then others have theirs. */
const TURN_MS = 5;
/** One listener gets so much in its turn, or one event. */
const BATCH_BYTES = 32 * 1024;
/** A rest is twice as long as the work of the round before it, but no longer than this. */
const LONGEST_REST_MS = 50;

export interface TailListener {
  /** Gets everything that follows, in order, each event exactly once. Must not throw or wait. */
  events(batch: EventBatch): void;
  /** More came before its turn than memory holds: nothing more comes; read the store and join again. */
  overtaken(): void;
  /** The log was cut off beyond the tail: there is a gap. Nothing more comes. */
  expired(error: ApiError): void;
}

/**
 * Gives each listener what is new, one after the other. With thousands of them a round takes many
 * turns of the event loop; what comes meanwhile goes with the next round, as one batch. Between rounds
 * it rests, the longer the more the round cost: a write costs the same for one event as for many.
 */
export class WatchFanout {
  readonly #window: EventWindow;
  /** The version up to which each listener has got everything. */
  readonly #positions = new Map<TailListener, number>();
  /** No round begins before, by performance.now(). */
  #restsUntilMs = 0;
  /** Somebody got a whole batch in this round and there is still more. */
  #isBehind = false;
  #isRunning = false;
  #isDue = false;

  constructor(window: EventWindow) {
    this.#window = window;
  }

  /** From this version on, which the window reaches back to. Nothing comes before the caller is done. */
  add(listener: TailListener, version: number): void {
    this.#positions.set(listener, version);
    if (version < this.#window.head) this.wake();
  }

  remove(listener: TailListener): void {
    this.#positions.delete(listener);
  }

  /** Removes all listeners and answers them. */
  clear(): readonly TailListener[] {
    const listeners = [...this.#positions.keys()];
    this.#positions.clear();
    return listeners;
  }

  /** Gives one listener what is new at once, before its turn. */
  flush(listener: TailListener): void {
    for (;;) {
      const position = this.#positions.get(listener) ?? this.#window.head;
      if (position < this.#window.floor || position >= this.#window.head) return;
      this.#give(listener, this.#batchAfter(position));
    }
  }

  /** There is something new. */
  wake(): void {
    this.#isDue = true;
    if (this.#isRunning) return;
    this.#isRunning = true;
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    while (this.#isDue) {
      const waitMs = this.#restsUntilMs - performance.now();
      if (waitMs >= 1) await delay(waitMs, undefined, { ref: false });
      this.#isDue = false;
      this.#isBehind = false;
      const workedMs = await this.#round();
      // Whole batches cannot become larger by waiting.
      const restMs = this.#isBehind ? 0 : Math.min(2 * workedMs, LONGEST_REST_MS);
      this.#restsUntilMs = performance.now() + restMs;
    }
    this.#isRunning = false;
  }

  /** Answers how long it worked in its turns. */
  async #round(): Promise<number> {
    const batches = new Map<number, EventBatch>();
    let turnBeganMs = performance.now();
    let workedMs = 0;
    // Who joins again and again, being slow, has one turn a round like everybody else.
    const round = [...this.#positions.keys()];
    for (const listener of round) {
      const position = this.#positions.get(listener);
      if (position === undefined || position >= this.#window.head) continue;
      let batch = batches.get(position);
      if (batch === undefined && position < this.#window.floor) {
        this.#positions.delete(listener);
        listener.overtaken();
        continue;
      }
      batch ??= this.#batchAfter(position);
      batches.set(position, batch);
      this.#give(listener, batch);
      const turnMs = performance.now() - turnBeganMs;
      if (turnMs < TURN_MS) continue;
      workedMs += turnMs;
      await nextTurn();
      turnBeganMs = performance.now();
    }
    for (const batch of batches.values()) batch.forget();
    return workedMs + performance.now() - turnBeganMs;
  }

  #batchAfter(position: number): EventBatch {
    const batch = new EventBatch(position, this.#window.afterInBytes(position, BATCH_BYTES));
    if (batch.through < this.#window.head) this.#isBehind = true;
    return batch;
  }

  #give(listener: TailListener, batch: EventBatch): void {
    this.#positions.set(listener, batch.through);
    if (batch.through < this.#window.head) this.#isDue = true;
    try {
      listener.events(batch);
    } catch (error) {
      // A fault of one is not the others': it goes to the log as a rejection that nobody handles.
      void Promise.reject(error as Error);
    }
  }
}
