import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { JournalLimits, JournalStore } from '../store/journal-store.js';

export interface JournalCompactionOptions {
  readonly store: Pick<JournalStore, 'compactJournal'>;
  readonly logger: Logger;
  /** Default: 7 days, 100,000 entries. */
  readonly limits?: Partial<JournalLimits>;
  /** How often to look. Default 10 minutes. */
  readonly intervalMs?: number;
}

/** Keeps the journal within its limits. Any number of servers may do so at once. */
export class JournalCompaction {
  readonly #options: JournalCompactionOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(options: JournalCompactionOptions) {
    this.#options = options;
  }

  async start(_signal: AbortSignal): Promise<void> {
    this.#timer = setInterval(
      () => {
        this.#running ??= this.compact().finally(() => (this.#running = undefined));
      },
      this.#options.intervalMs ?? 10 * 60_000,
    ).unref();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** One look: page after page, until nothing is beyond the limits. Failures are logged. */
  async compact(): Promise<void> {
    const { store, logger, limits } = this.#options;
    const all = { maxAgeMs: 7 * 24 * 3_600_000, maxEntries: 100_000, ...limits };
    let entries = 0;
    try {
      for (let dropped = 1; dropped > 0 && !this.#isStopped; entries += dropped) {
        dropped = await store.compactJournal(all);
      }
      if (entries > 0) logger.info('compacted the journal', { entries });
    } catch (error) {
      logger.warn('cannot compact the journal', { error: errorChain(error) });
    }
  }
}
