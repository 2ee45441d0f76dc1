import type { Scheduler } from './scheduler.js';
import { Channel } from './channel.js';
import type { SimProcess } from './sim-process.js';

/** What becomes of one call from one process to another. */
export interface Delivery {
  /** Until the other side has it. */
  readonly requestMs: number;
  /** From there on, once it is answered, until the caller knows. */
  readonly answerMs: number;
  /** The call never arrives, or its answer does not; either way the caller learns of a broken connection. */
  readonly lost?: 'request' | 'answer';
}

/** Decides what becomes of each call. */
export type FateOf = (from: SimProcess, to: SimProcess, what: string) => Delivery;

/** As Node says it when a peer goes away. */
export class ConnectionLostError extends Error {
  override readonly name = 'ConnectionLostError';
  readonly code: 'ECONNREFUSED' | 'ECONNRESET';

  constructor(code: 'ECONNREFUSED' | 'ECONNRESET', peer: string) {
    super(`${code}: ${peer}`);
    this.code = code;
  }
}

/** Calls between processes: the only way from one to another. */
export class Network {
  readonly #scheduler: Scheduler;
  readonly #fate: FateOf;
  readonly #trace: (what: string) => void;

  constructor(scheduler: Scheduler, fate: FateOf, trace: (what: string) => void) {
    this.#scheduler = scheduler;
    this.#fate = fate;
    this.#trace = trace;
  }

  /**
   * Runs `serve` in the process `to` and settles in the calling one as it did. When either dies
   * meanwhile, or the connection does, the caller gets ConnectionLostError if it lives to see it.
   */
  call<Answer>(to: SimProcess, what: string, serve: () => Promise<Answer>): Promise<Answer> {
    const from = this.#scheduler.current;
    from.step('call');
    // Nothing comes from the dead.
    if (!from.isAlive) return new Promise(() => undefined);
    const { requestMs, answerMs, lost } = this.#fate(from, to, what);
    return new Promise((resolve, reject) => {
      let isOver = false;
      const answer = (outcome: string, settle: () => void): void => {
        if (isOver) return;
        isOver = true;
        stopListening();
        this.#scheduler.after(answerMs, from, () => {
          this.#trace(`${from.name} < ${to.name} ${what} ${outcome}`);
          settle();
        });
      };
      const breaks = (code: ConnectionLostError['code']): void =>
        answer(code, () => reject(new ConnectionLostError(code, to.name)));
      const stopListening = to.onDeath(() => breaks('ECONNRESET'));
      const served = (outcome: string, settle: () => void): void => {
        // Whoever dies here did the work and told nobody.
        to.step('call');
        if (lost === 'answer') breaks('ECONNRESET');
        else answer(outcome, settle);
      };
      // The network itself carries it: a dead process refuses.
      this.#scheduler.after(requestMs, this.#scheduler.world, () => {
        if (lost === 'request') breaks('ECONNRESET');
        else if (!to.isAlive) breaks('ECONNREFUSED');
        else
          this.#scheduler.after(0, to, () => {
            to.step('call');
            if (!to.isAlive) return;
            this.#trace(`${from.name} > ${to.name} ${what}`);
            serve().then(
              (value) => served('ok', () => resolve(value)),
              (error: unknown) => served('failed', () => reject(error as Error)),
            );
          });
      });
    });
  }

  /** A one-way connection: what is sent arrives in order, or the connection breaks for both. */
  channel(from: SimProcess, to: SimProcess, what: string): Channel {
    return new Channel(this.#scheduler, () => this.#fate(from, to, what), { from, to });
  }
}
