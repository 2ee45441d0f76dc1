import type { ClaimSeen, WorkerObserver } from './worker-observer.js';

/** A worker asks for work every few seconds: after so long it hangs, and a restart may mend it. */
const STUCK_AFTER_MS = 60_000;

/** Whether a worker works, by what it does. */
export class WorkerHealth implements WorkerObserver {
  #lastClaimMs = performance.now();
  #answered = false;

  claimed({ error }: ClaimSeen): void {
    this.#lastClaimMs = performance.now();
    this.#answered = error === undefined;
  }

  /** It goes on asking for work, whatever the answer. */
  get isLive(): boolean {
    return performance.now() - this.#lastClaimMs < STUCK_AFTER_MS;
  }

  /** The server answered when it last asked. */
  get isReady(): boolean {
    return this.#answered && this.isLive;
  }
}
