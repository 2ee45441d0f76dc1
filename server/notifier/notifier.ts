import { isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import type { WorkKey } from '../../sdk/api/work.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import type { WakeQueue } from '../../sdk/queue/wake-queue.js';
import type { ObjectStore, Wake } from '../store/object-store.js';
import { changedThemselves, dependantsOf } from './wakes-of-revisions.js';

export interface NotifierOptions {
  readonly store: ObjectStore;
  readonly registry: KindRegistry;
  readonly queue: Pick<WakeQueue, 'publish'>;
  readonly logger: Logger;
  /** Keeps its place in the log this long after it moved, at the latest. Default 5,000. */
  readonly saveCursorMs?: number;
}

/** The store cursor that holds how far the log was followed. */
export const NOTIFIER_CURSOR = 'notifier';
const SAVE_CURSOR_MS = 5_000;
const BATCH = 500;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/**
 * Follows the log. Hints at every changed object of a reconciled kind; makes owners and referrers
 * of whatever changed due, then hints at them. Its place in the log is kept some time after the
 * wakes, so that a crash repeats some and loses none. Several servers may each run one. Writes nothing while
 * nothing changes. `start` waits for nothing but the cursor to be read.
 */
export function createNotifier(options: NotifierOptions): Part {
  return new Notifier(options);
}

class Notifier implements Part {
  readonly #options: NotifierOptions;
  #cursor = 0;
  #savedCursor = 0;
  #saveTimer: NodeJS.Timeout | undefined;
  #retryTimer: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #unsubscribe: () => void = () => undefined;
  #draining: Promise<void> | undefined;
  #behind = false;
  #stopping = false;

  constructor(options: NotifierOptions) {
    this.#options = options;
  }

  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { store } = this.#options;
    this.#cursor = await store.cursor(NOTIFIER_CURSOR);
    this.#savedCursor = this.#cursor;
    this.#unsubscribe = store.onCommit(() => this.#drainSoon());
    this.#drainSoon();
  }

  async stop(): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    this.#unsubscribe();
    clearTimeout(this.#saveTimer);
    clearTimeout(this.#retryTimer);
    await this.#draining;
    await this.#saveCursor();
  }

  #drainSoon(): void {
    this.#behind = true;
    if (this.#stopping || this.#draining !== undefined) return;
    this.#draining = this.#drain().finally(() => {
      this.#draining = undefined;
      if (this.#behind && this.#retryTimer === undefined) this.#drainSoon();
    });
  }

  async #drain(): Promise<void> {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
    try {
      while (this.#behind && !this.#stopping) {
        this.#behind = false;
        if (await this.#step()) this.#behind = true;
      }
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      if (this.#stopping) return;
      this.#options.logger.warn('cannot follow the log; trying on', { error: errorChain(error) });
      this.#retryTimer = setTimeout(() => {
        this.#retryTimer = undefined;
        this.#drainSoon();
      }, this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    }
  }

  /** One batch of the log. True when there may be more. */
  async #step(): Promise<boolean> {
    const { store, registry, queue } = this.#options;
    const revisions = await this.#read();
    const last = revisions.at(-1);
    if (last === undefined) return false;
    // These are due already: a hint that comes before anything else costs nothing.
    const hinted = queue.publish(changedThemselves(registry, revisions));
    const wakes = await dependantsOf(registry, store, revisions);
    const woken = await Promise.all(
      wakes.byResource().map(([resource, some]) => this.#wake(registry.resource(resource), some)),
    );
    await Promise.all([hinted, queue.publish(woken.flat())]);
    this.#cursor = last.resourceVersion;
    this.#saveTimer ??= setTimeout(() => {
      this.#saveTimer = undefined;
      void this.#saveCursor();
    }, this.#options.saveCursorMs ?? SAVE_CURSOR_MS);
    return revisions.length === BATCH;
  }

  /**
   * Makes objects due. Answers those to hint at: of who may know already, only whom it woke; of the
   * others also those due before, for the hint at them may have been lost.
   */
  async #wake(kind: KindDefinition, wakes: readonly Wake[]): Promise<WorkKey[]> {
    const woken = new Set(await this.#options.store.wake(kind, wakes));
    return wakes
      .filter(({ uid, knownAtFence }) => knownAtFence === undefined || woken.has(uid))
      .map(({ uid }) => ({ resource: resourceName(kind), uid }));
  }

  async #read(): ReturnType<ObjectStore['revisionsAfter']> {
    const { store } = this.#options;
    try {
      return await store.revisionsAfter(this.#cursor, BATCH, { following: true });
    } catch (error) {
      if (!isApiError(error, 'Expired')) throw error;
      await this.#wakeAll();
      return store.revisionsAfter(this.#cursor, BATCH);
    }
  }

  /** The log was cut off beyond the cursor: who should have been woken cannot be known. */
  async #wakeAll(): Promise<void> {
    const { store, registry, logger } = this.#options;
    const version = await store.currentVersion();
    logger.warn('the log was compacted beyond the cursor; waking every object', {
      cursor: this.#cursor,
      version,
    });
    for (const kind of registry.list().filter(({ reconciled }) => reconciled !== undefined)) {
      const { items } = await store.list(kind, {});
      await this.#options.queue.publish(await this.#wake(kind, items));
    }
    this.#cursor = version;
    await this.#saveCursor();
  }

  /** A cursor that is not saved costs repeated wakes after a restart, nothing else. */
  async #saveCursor(): Promise<void> {
    if (this.#cursor === this.#savedCursor) return;
    const cursor = this.#cursor;
    try {
      await this.#options.store.setCursor(NOTIFIER_CURSOR, cursor);
      this.#savedCursor = cursor;
    } catch (error) {
      this.#options.logger.warn('cannot save the cursor', { error: errorChain(error) });
    }
  }
}
