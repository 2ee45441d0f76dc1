import { isApiError } from '../../sdk/api/errors.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import type { ObjectStore, Revision } from '../store/object-store.js';

/** What can be followed: a store, or who follows one and lets others read after it. */
export type LogSource = Pick<ObjectStore, 'currentVersion' | 'revisionsAfter' | 'onCommit'>;

export interface LogFollowerOptions {
  readonly store: LogSource;
  readonly logger: Logger;
  /** Who follows, for the log of the process. */
  readonly follower: string;
  /** Where it goes on after a restart; absent: at the end that the log then has. */
  readonly place?: LogPlace;
  /**
   * Takes entries, oldest first, 500 at most; also called at the start, with those that are there or
   * none. When it throws, the same entries come again after a pause, so doing them twice must do no
   * harm. Answers after how many ms to call again though nothing came; undefined: only when something does.
   * `signal` aborts when the follower is to stop: throw then, and the entries come after the restart.
   */
  handle(revisions: readonly Revision[], signal: AbortSignal): Promise<number | undefined>;
  /**
   * The log no longer goes back to the place: what has changed since cannot be known. Entries come
   * again from after `version` on.
   */
  resync(signal: AbortSignal, version: number): Promise<void>;
  /** The place is kept this long after it moved, at the latest. Default 5,000. */
  readonly savePlaceMs?: number;
}

/** Where in the log to begin. */
export interface LogPlace {
  read(): Promise<number>;
  /** Entries up to this version are done. Absent: the place does not outlive the process. */
  save?(version: number): Promise<void>;
}

const BATCH = 500;
const SAVE_PLACE_MS = 5_000;
const FIRST_RETRY_MS = 100;
const LONGEST_RETRY_MS = 5_000;

/** The place that the store keeps under this name. */
export function cursorPlace(
  store: Pick<ObjectStore, 'cursor' | 'setCursor'>,
  name: string,
): LogPlace {
  return {
    read: () => store.cursor(name),
    save: (version) => store.setCursor(name, version),
  };
}

/**
 * Hands the log to one reader, batch by batch and never two at once: when something was committed,
 * and after a fault of reader or store again and again, less and less often. The place is kept some
 * time after the entries are done, so that a crash repeats some and loses none; it is not written
 * while nothing changes.
 */
export class LogFollower implements Part {
  readonly #options: LogFollowerOptions;
  readonly #abort = new AbortController();
  #position = 0;
  #saved = 0;
  /** True until the reader was called although nothing came. */
  #isCallDue = true;
  #hasMore = false;
  #running: Promise<void> | undefined;
  #unsubscribe: () => void = () => undefined;
  #retryMs = FIRST_RETRY_MS;
  #retryTimer: NodeJS.Timeout | undefined;
  #callTimer: NodeJS.Timeout | undefined;
  #saveTimer: NodeJS.Timeout | undefined;
  #saving: Promise<void> | undefined;

  constructor(options: LogFollowerOptions) {
    this.#options = options;
  }

  /** Waits for nothing but the place to be read. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { store, place } = this.#options;
    this.#position = await (place === undefined ? store.currentVersion() : place.read());
    this.#saved = this.#position;
    this.#unsubscribe = store.onCommit(() => this.#runSoon());
    this.#runSoon();
  }

  /** Waits until the reader is done, then keeps the place. Idempotent. */
  async stop(): Promise<void> {
    if (this.#abort.signal.aborted) return;
    this.#abort.abort();
    this.#unsubscribe();
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#callTimer);
    clearTimeout(this.#saveTimer);
    await this.#running;
    await this.#saving;
    await this.#save();
  }

  /** Entries up to this version are done. */
  get position(): number {
    return this.#position;
  }

  /** Resolves when what is there is done, or a fault makes it wait. */
  async caughtUp(): Promise<void> {
    await this.#running;
  }

  #runSoon(): void {
    this.#hasMore = true;
    if (this.#abort.signal.aborted || this.#running !== undefined) return;
    clearTimeout(this.#retryTimer);
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    try {
      while (this.#hasMore && !signal.aborted) {
        this.#hasMore = false;
        if (await this.#step()) this.#hasMore = true;
      }
      this.#retryMs = FIRST_RETRY_MS;
    } catch (error) {
      if (signal.aborted) return;
      const { logger, follower } = this.#options;
      logger.warn('cannot follow the log; trying on', { follower, error: errorChain(error) });
      this.#retryTimer = setTimeout(() => this.#runSoon(), this.#retryMs);
      this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
    }
  }

  /** One batch. True when there may be more. */
  async #step(): Promise<boolean> {
    const revisions = await this.#read();
    const last = revisions.at(-1);
    if (last === undefined && !this.#isCallDue) return false;
    clearTimeout(this.#callTimer);
    this.#isCallDue = true;
    const againMs = await this.#options.handle(revisions, this.#abort.signal);
    this.#isCallDue = false;
    if (againMs !== undefined && !this.#abort.signal.aborted) {
      this.#callTimer = setTimeout(() => {
        this.#isCallDue = true;
        this.#runSoon();
      }, againMs).unref();
    }
    if (last === undefined) return false;
    this.#position = last.resourceVersion;
    this.#saveLater();
    return revisions.length === BATCH;
  }

  async #read(): Promise<readonly Revision[]> {
    const { store, logger, follower } = this.#options;
    try {
      return await store.revisionsAfter(this.#position, BATCH, { following: true });
    } catch (error) {
      if (!isApiError(error, 'Expired')) throw error;
    }
    const version = await store.currentVersion();
    const place = this.#position;
    logger.warn('was away for longer than the log goes back', { follower, place, version });
    await this.#options.resync(this.#abort.signal, version);
    this.#position = version;
    this.#saveLater();
    return store.revisionsAfter(this.#position, BATCH);
  }

  #saveLater(): void {
    if (this.#options.place?.save === undefined || this.#abort.signal.aborted) return;
    // One after the other, or an older place could be the last to be kept.
    this.#saveTimer ??= setTimeout(() => {
      this.#saving = this.#save().finally(() => {
        this.#saveTimer = undefined;
        if (this.#position !== this.#saved) this.#saveLater();
      });
    }, this.#options.savePlaceMs ?? SAVE_PLACE_MS).unref();
  }

  /** A place that is not kept costs work done twice after a restart, nothing else. */
  async #save(): Promise<void> {
    const { place, logger, follower } = this.#options;
    const position = this.#position;
    if (place?.save === undefined || position === this.#saved) return;
    try {
      await place.save(position);
      this.#saved = position;
    } catch (error) {
      logger.warn('cannot keep the place in the log', { follower, error: errorChain(error) });
    }
  }
}
