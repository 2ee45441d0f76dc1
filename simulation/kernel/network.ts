import type { Scheduler } from './scheduler.js';
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
export type Weather = (from: SimProcess, to: SimProcess, what: string) => Delivery;

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
  readonly #weather: Weather;
  readonly #trace: (what: string) => void;

  constructor(scheduler: Scheduler, weather: Weather, trace: (what: string) => void) {
    this.#scheduler = scheduler;
    this.#weather = weather;
    this.#trace = trace;
  }

  /**
   * Runs `serve` in the process `to` and settles in the calling one as it did. When either dies
   * meanwhile, or the connection does, the caller gets ConnectionLostError if it lives to see it.
   */
  call<Answer>(to: SimProcess, what: string, serve: () => Promise<Answer>): Promise<Answer> {
    const from = this.#scheduler.current;
    const { requestMs, answerMs, lost } = this.#weather(from, to, what);
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
      // The network itself carries it: a dead process refuses.
      this.#scheduler.after(requestMs, this.#scheduler.world, () => {
        if (lost === 'request') breaks('ECONNRESET');
        else if (!to.isAlive) breaks('ECONNREFUSED');
        else
          this.#scheduler.after(0, to, () => {
            this.#trace(`${from.name} > ${to.name} ${what}`);
            serve().then(
              (value) =>
                lost === 'answer' ? breaks('ECONNRESET') : answer('ok', () => resolve(value)),
              (error: unknown) =>
                lost === 'answer' ? breaks('ECONNRESET') : answer('failed', () => reject(error)),
            );
          });
      });
    });
  }
}
