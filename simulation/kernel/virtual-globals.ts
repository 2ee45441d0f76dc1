import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { ScheduledTask, Scheduler } from './scheduler.js';
import { START_MS } from './scheduler.js';
import type { SeededRandom } from './seeded-random.js';

type AnyFunction = (...args: never[]) => unknown;
type Replaced = readonly [holder: object, name: PropertyKey, before: PropertyDescriptor];

const require = createRequire(import.meta.url);
const RealDate = Date;

/**
 * Puts virtual time and seeded chance in the place of the real ones, for all code of this thread:
 * timers, `node:timers/promises`, `Date`, `performance.now`, `AbortSignal.timeout`, `Math.random`
 * and what `node:crypto` draws. So the code of the product runs in the simulation as it is.
 */
export class VirtualGlobals {
  readonly #replaced: Replaced[] = [];

  /** Undo by `restore`, whatever happens: nothing else in this thread works before. */
  static install(scheduler: Scheduler, random: SeededRandom): VirtualGlobals {
    const globals = new VirtualGlobals();
    globals.#installTimers(scheduler);
    globals.#installClock(scheduler);
    globals.#installRandom(random);
    syncBuiltinESMExports();
    return globals;
  }

  restore(): void {
    for (const [holder, name, before] of this.#replaced.toReversed()) {
      Object.defineProperty(holder, name, before);
    }
    this.#replaced.length = 0;
    syncBuiltinESMExports();
  }

  #replace(holder: object, name: PropertyKey, value: unknown): void {
    const before = Object.getOwnPropertyDescriptor(holder, name) ?? inherited(holder, name);
    this.#replaced.push([holder, name, before]);
    Object.defineProperty(holder, name, {
      value,
      configurable: true,
      enumerable: before.enumerable ?? true,
      writable: true,
    });
  }

  #installTimers(scheduler: Scheduler): void {
    const set = (callback: AnyFunction, delayMs = 0, ...args: never[]): VirtualTimer =>
      new VirtualTimer(scheduler, () => callback(...args), Math.max(1, Number(delayMs) || 1));
    const setEvery = (callback: AnyFunction, delayMs = 0, ...args: never[]): VirtualTimer =>
      new VirtualTimer(scheduler, () => callback(...args), Math.max(1, Number(delayMs) || 1), true);
    const setNow = (callback: AnyFunction, ...args: never[]): VirtualTimer =>
      new VirtualTimer(scheduler, () => callback(...args), 0);
    const clear = (timer: unknown): void => {
      if (timer instanceof VirtualTimer) timer.close();
    };
    const timers = {
      setTimeout: set,
      setInterval: setEvery,
      setImmediate: setNow,
      clearTimeout: clear,
      clearInterval: clear,
      clearImmediate: clear,
    };
    const promises = {
      setTimeout: (delayMs?: number, value?: unknown, options?: { signal?: AbortSignal }) =>
        waiting((done) => set(done, delayMs), value, options?.signal),
      setImmediate: (value?: unknown, options?: { signal?: AbortSignal }) =>
        waiting((done) => setNow(done), value, options?.signal),
    };
    for (const [name, value] of Object.entries(timers)) {
      this.#replace(globalThis, name, value);
      this.#replace(require('node:timers') as object, name, value);
    }
    for (const [name, value] of Object.entries(promises)) {
      this.#replace(require('node:timers/promises') as object, name, value);
    }
    this.#replace(AbortSignal, 'timeout', (delayMs: number): AbortSignal => {
      const abort = new AbortController();
      set(() => abort.abort(new DOMException('The operation timed out', 'TimeoutError')), delayMs);
      return abort.signal;
    });
  }

  #installClock(scheduler: Scheduler): void {
    // Every host has a clock of its own.
    const nowMs = (): number => Math.floor(scheduler.nowMs + scheduler.current.skewMs);
    class VirtualDate extends RealDate {
      constructor(...args: []) {
        if (args.length === 0) super(nowMs());
        else super(...args);
      }

      static override now(): number {
        return nowMs();
      }
    }
    this.#replace(globalThis, 'Date', VirtualDate);
    this.#replace(performance, 'now', () => scheduler.nowMs - START_MS);
  }

  #installRandom(random: SeededRandom): void {
    const bytes = (count: number): Buffer =>
      Buffer.from(Array.from({ length: count }, () => random.int(256)));
    const uuid = (): string => {
      const hex = bytes(16).toString('hex');
      const variant = (8 + random.int(4)).toString(16);
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
    };
    const nodeCrypto = require('node:crypto') as object;
    this.#replace(Math, 'random', () => random.next());
    this.#replace(nodeCrypto, 'randomUUID', uuid);
    this.#replace(nodeCrypto, 'randomBytes', bytes);
    this.#replace(nodeCrypto, 'randomInt', (from: number, to?: number) =>
      to === undefined ? random.int(from) : from + random.int(to - from),
    );
  }
}

/** What `setTimeout` and its like give out. */
class VirtualTimer {
  readonly #scheduler: Scheduler;
  readonly #callback: () => unknown;
  readonly #delayMs: number;
  readonly #repeats: boolean;
  readonly #owner;
  #task: ScheduledTask;

  constructor(scheduler: Scheduler, callback: () => unknown, delayMs: number, repeats = false) {
    this.#scheduler = scheduler;
    this.#callback = callback;
    this.#delayMs = delayMs;
    this.#repeats = repeats;
    this.#owner = scheduler.current;
    this.#task = this.#schedule();
  }

  #schedule(): ScheduledTask {
    return this.#scheduler.after(this.#delayMs, this.#owner, () => {
      if (this.#repeats) this.#task = this.#schedule();
      this.#callback();
    });
  }

  refresh(): this {
    this.#task.cancel();
    this.#task = this.#schedule();
    return this;
  }

  close(): this {
    this.#task.cancel();
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function waiting(
  begin: (done: () => void) => VirtualTimer,
  value: unknown,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const aborted = (): Error =>
      Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), {
        name: 'AbortError',
        code: 'ABORT_ERR',
      });
    if (signal?.aborted === true) {
      reject(aborted());
      return;
    }
    const abort = (): void => {
      timer.close();
      reject(aborted());
    };
    const timer = begin(() => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

/** An own property is made of it; `restore` leaves an own one of the same meaning. */
function inherited(holder: object, name: PropertyKey): PropertyDescriptor {
  const value: unknown = (holder as Record<PropertyKey, unknown>)[name];
  return { value, configurable: true, enumerable: false, writable: true };
}
