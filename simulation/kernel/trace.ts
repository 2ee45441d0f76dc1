import { createHash } from 'node:crypto';
import { START_MS } from './scheduler.js';

/** What happened, in order: two runs that were the same have the same hash. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #lines: string[] | undefined;
  /** How many things happened. */
  length = 0;

  /** `keepsLines`: all of it can be read afterwards. */
  constructor(keepsLines = false) {
    this.#lines = keepsLines ? [] : undefined;
  }

  note(nowMs: number, what: string): void {
    const line = `${(nowMs - START_MS).toFixed(3)} ${what}`;
    this.length += 1;
    this.#hash.update(line);
    this.#lines?.push(line);
  }

  /** Ends the trace. */
  digest(): string {
    return this.#hash.digest('hex').slice(0, 16);
  }

  get lines(): readonly string[] {
    return this.#lines ?? [];
  }
}
