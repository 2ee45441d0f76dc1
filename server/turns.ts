import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';

const SLICE_MS = 5;
const APART_MS = 5;

/** Long work of one sort, which lets the event loop go on every few milliseconds. */
export class TimeSlice {
  #sinceMs = performance.now();

  /** Waits for the next turn of the event loop when this one has lasted long enough. */
  async breathe(): Promise<void> {
    if (performance.now() - this.#sinceMs < SLICE_MS) return;
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
