import { setImmediate as nextTurn } from 'node:timers/promises';

const SLICE_MS = 5;

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
 * Many pieces of work of one sort, each a few milliseconds long: one in each turn of the event loop,
 * in the order in which they came, so that requests of another sort wait for one of them at most.
 */
export class TurnQueue {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the caller's turn. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => nextTurn());
    return this.#last;
  }
}
