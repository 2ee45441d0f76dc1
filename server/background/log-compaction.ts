import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { ObjectStore } from '../store/object-store.js';

const HOUR_MS = 3_600_000;
/** The database refused so many times in a row: it is no passing fault. */
const STUCK_AFTER_FAILURES = 3;

export interface LogCompactionOptions {
  readonly store: ObjectStore;
  readonly logger: Logger;
  /** Readers of the log by the names of their cursors: what they have not read stays. */
  readonly readers: readonly string[];
  /** The log never has more entries than this, and a tenth. Default 100,000. */
  readonly maxEntries?: number;
  /** Entries older than this go. Default 24 hours. */
  readonly maxAgeMs?: number;
  /** How often to look. Default 10 minutes. */
  readonly intervalMs?: number;
}

/**
 * Keeps the log from growing without end. Looks at regular times, reads two numbers, and writes only
 * when there is something to drop. Ages are measured from marks taken while running: after a
 * restart, old entries stay for up to one more day.
 */
export class LogCompaction {
  readonly #store: ObjectStore;
  readonly #logger: Logger;
  readonly #readers: readonly string[];
  readonly #maxEntries: number;
  readonly #maxAgeMs: number;
  readonly #intervalMs: number;
  #marks: { readonly atMs: number; readonly version: number }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #failures = 0;

  constructor(options: LogCompactionOptions) {
    this.#store = options.store;
    this.#logger = options.logger;
    this.#readers = options.readers;
    this.#maxEntries = options.maxEntries ?? 100_000;
    this.#maxAgeMs = options.maxAgeMs ?? 24 * HOUR_MS;
    this.#intervalMs = options.intervalMs ?? 10 * 60_000;
  }

  async start(_signal: AbortSignal): Promise<void> {
    this.#timer = setInterval(() => {
      this.#running ??= this.compact().finally(() => (this.#running = undefined));
    }, this.#intervalMs).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  /** True while the database again and again refuses to drop entries. A reader that lags is no failure. */
  get isStuck(): boolean {
    return this.#failures >= STUCK_AFTER_FAILURES;
  }

  /** One look. Failures are logged; the next look tries again. */
  async compact(nowMs = Date.now()): Promise<void> {
    try {
      await this.#look(nowMs);
      this.#failures = 0;
    } catch (error) {
      this.#failures += 1;
      this.#logger.warn('cannot compact the log', { error: errorChain(error) });
    }
  }

  async #look(nowMs: number): Promise<void> {
    const current = await this.#store.currentVersion();
    const oldest = await this.#store.oldestVersion();
    const tooOld = this.#markOlderThan(nowMs, current);
    const isTooLong = current - oldest > this.#maxEntries * 1.1;
    const wanted = Math.max(tooOld, isTooLong ? current - this.#maxEntries : 0);
    if (wanted <= oldest) return;
    const read = await Promise.all(this.#readers.map((name) => this.#store.cursor(name)));
    const upTo = Math.min(wanted, ...read);
    if (upTo <= oldest) return;
    await this.#store.compact(upTo);
    this.#logger.info('compacted the log', { upTo, entries: upTo - oldest });
  }

  #markOlderThan(nowMs: number, current: number): number {
    const last = this.#marks.at(-1);
    if (last === undefined || nowMs - last.atMs >= Math.min(HOUR_MS, this.#maxAgeMs)) {
      this.#marks.push({ atMs: nowMs, version: current });
    }
    const old = this.#marks.filter(({ atMs }) => nowMs - atMs > this.#maxAgeMs);
    this.#marks = this.#marks.slice(Math.max(0, old.length - 1));
    return old.at(-1)?.version ?? 0;
  }
}
