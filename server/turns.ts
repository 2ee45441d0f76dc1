import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';

const SLICE_MS = 5;
const APART_MS = 5;

/** Long work of one sort, which lets the event loop go on every few milliseconds. */
export class TimeSlice {
  #sinceMs = performance.now();

  /** True when this turn of the event loop has lasted long enough. */
  get isOver(): boolean {
    return performance.now() - this.#sinceMs >= SLICE_MS;
  }

  /** Waits for the next turn when this one is over. */
  async breathe(): Promise<void> {
    if (!this.isOver) return;
    await nextTurn();
    this.#sinceMs = performance.now();
  }
}

/**
 * Many pieces of work of one sort, each a millisecond or two long, in the order in which they came:
 * one in a turn of the event loop, and some time between, in which whoever asks for something else is
 * served. One piece alone waits for nothing.
 */
export class TurnQueue {
  #last: Promise<void> = Promise.resolve();
  #lastAtMs = 0;

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => this.#turn());
    return this.#last;
  }

  async #turn(): Promise<void> {
    const waitMs = this.#lastAtMs + APART_MS - performance.now();
    await (waitMs > 0 ? delay(waitMs) : nextTurn());
    this.#lastAtMs = performance.now();
  }
}
