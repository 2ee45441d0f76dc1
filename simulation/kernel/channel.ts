import type { Delivery } from './network.js';
import type { Scheduler } from './scheduler.js';
import type { SimProcess } from './sim-process.js';

/** One direction of a connection that stays open, such as that of a watch. */
export class Channel {
  readonly #scheduler: Scheduler;
  readonly #fate: () => Delivery;
  readonly #from: SimProcess;
  readonly #to: SimProcess;
  readonly #onBreak = new Set<() => void>();
  #lastAtMs = 0;
  #isOpen: boolean;

  constructor(
    scheduler: Scheduler,
    fate: () => Delivery,
    ends: { readonly from: SimProcess; readonly to: SimProcess },
  ) {
    this.#scheduler = scheduler;
    this.#fate = fate;
    this.#from = ends.from;
    this.#to = ends.to;
    this.#isOpen = ends.from.isAlive && ends.to.isAlive;
    ends.from.onDeath(() => this.break());
    ends.to.onDeath(() => this.break());
  }

  /** `arrive` runs in the receiving process, after what was sent before. */
  send(arrive: () => void): void {
    if (!this.#isOpen || !this.#from.isAlive) return;
    const { requestMs, lost } = this.#fate();
    if (lost !== undefined) {
      this.break();
      return;
    }
    this.#lastAtMs = Math.max(this.#lastAtMs, this.#scheduler.nowMs + requestMs);
    this.#scheduler.after(this.#lastAtMs - this.#scheduler.nowMs, this.#to, () => {
      if (this.#isOpen) arrive();
    });
  }

  /** Both ends learn of it, each in its own process, if it lives. */
  break(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const tell of this.#onBreak) tell();
  }

  /** Calls, once, in the process `owner`, when the connection breaks. */
  onBreak(owner: SimProcess, tell: () => void): void {
    const later = (): void => void this.#scheduler.after(0, owner, tell);
    if (this.#isOpen) this.#onBreak.add(later);
    else later();
  }
}
