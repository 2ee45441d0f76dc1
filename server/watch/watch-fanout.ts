import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ApiError } from '../../sdk/api/errors.js';
import { EventBatch } from './event-batch.js';
import type { EventWindow } from './event-window.js';

/** One turn of the event loop goes to watchers for so long; then others have theirs. */
const TURN_MS = 5;

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
 * turns of the event loop; what comes meanwhile goes with the next round, as one batch.
 */
export class WatchFanout {
  readonly #window: EventWindow;
  /** The version up to which each listener has got everything. */
  readonly #positions = new Map<TailListener, number>();
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
    const position = this.#positions.get(listener);
    if (position === undefined || position < this.#window.floor) return;
    if (position < this.#window.head) this.#give(listener, this.#batchAfter(position));
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
      this.#isDue = false;
      await this.#round();
    }
    this.#isRunning = false;
  }

  async #round(): Promise<void> {
    const batches = new Map<number, EventBatch>();
    let turnBeganMs = performance.now();
    for (const [listener, position] of this.#positions) {
      if (position >= this.#window.head) continue;
      let batch = batches.get(position);
      if (batch === undefined && position < this.#window.floor) {
        this.#positions.delete(listener);
        listener.overtaken();
        continue;
      }
      batch ??= this.#batchAfter(position);
      batches.set(position, batch);
      this.#give(listener, batch);
      if (performance.now() - turnBeganMs < TURN_MS) continue;
      await nextTurn();
      turnBeganMs = performance.now();
    }
    for (const batch of batches.values()) batch.forget();
  }

  #batchAfter(position: number): EventBatch {
    return new EventBatch(position, this.#window.after(position));
  }

  #give(listener: TailListener, batch: EventBatch): void {
    this.#positions.set(listener, batch.through);
    try {
      listener.events(batch);
    } catch (error) {
      // A fault of one is not the others': it goes to the log as a rejection that nobody handles.
      void Promise.reject(error as Error);
    }
  }
}
