import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { ObjectStore, Revision } from '../store/object-store.js';
import { WatchEvent } from './watch-event.js';

const PAGE = 500;
const MAX_EVENTS = 4_000;
const MAX_BYTES = 16 * 1024 * 1024;
const RETRY_MS = 1_000;

/** Gets every event, in order, each exactly once. Must not throw or wait. */
export type TailListener = (event: WatchEvent) => void;

/**
 * The one reader of the log that all watchers share. Keeps the newest events in memory, up to
 * 4,000 or 16 MiB, so that a watcher that was away for a moment does not go to the store.
 */
export class WatchTail {
  readonly #store: ObjectStore;
  readonly #codec: ObjectCodec;
  readonly #logger: Logger;
  readonly #listeners = new Set<TailListener>();
  #events: WatchEvent[] = [];
  #bytes = 0;
  /** Every event after this version and up to the head is in memory. */
  #floor = 0;
  #head = 0;
  #pumping: Promise<void> | undefined;
  #again = false;
  #stopped = true;
  #unsubscribe: (() => void) | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(options: { store: ObjectStore; codec: ObjectCodec; logger: Logger }) {
    this.#store = options.store;
    this.#codec = options.codec;
    this.#logger = options.logger;
  }

  /** Follows the log from its present end. */
  async start(signal: AbortSignal): Promise<void> {
    if (!this.#stopped) return;
    this.#head = await this.#store.currentVersion();
    this.#floor = this.#head;
    signal.throwIfAborted();
    this.#stopped = false;
    this.#unsubscribe = this.#store.onCommit(() => this.#wake());
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    clearTimeout(this.#retry);
    await this.#pumping;
    this.#listeners.clear();
  }

  /** The version of the newest event that listeners have seen. */
  get head(): number {
    return this.#head;
  }

  /**
   * Joins the stream after `version`: first returns what is in memory since, then calls `listener`
   * for everything that follows; nothing comes between. Undefined when memory does not go back that
   * far: read the store up to a newer version and ask again.
   */
  join(version: number, listener: TailListener): readonly WatchEvent[] | undefined {
    if (version < this.#floor) return undefined;
    this.#listeners.add(listener);
    return version >= this.#head
      ? []
      : this.#events.filter((event) => event.resourceVersion > version);
  }

  leave(listener: TailListener): void {
    this.#listeners.delete(listener);
  }

  /** The object's last event up to a version; undefined when memory does not hold it. */
  lastEvent(uid: string, version: number): WatchEvent | undefined {
    return this.#events.findLast((event) => event.uid === uid && event.resourceVersion <= version);
  }

  /** Events after a version straight from the store, oldest first; whole up to `through`. */
  async readAfter(version: number): Promise<{ events: readonly WatchEvent[]; through: number }> {
    const revisions = await this.#store.revisionsAfter(version, PAGE);
    return {
      events: this.#eventsOf(revisions),
      through: revisions.at(-1)?.resourceVersion ?? version,
    };
  }

  #eventsOf(revisions: readonly Revision[]): WatchEvent[] {
    return revisions.map((revision) => new WatchEvent(revision, this.#codec));
  }

  #wake(): void {
    if (this.#stopped) return;
    if (this.#pumping !== undefined) {
      this.#again = true;
      return;
    }
    this.#pumping = this.#pump().finally(() => {
      this.#pumping = undefined;
      if (this.#again && !this.#stopped) {
        this.#again = false;
        this.#wake();
      }
    });
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        const options = { following: true };
        const revisions = await this.#store.revisionsAfter(this.#head, PAGE, options);
        const last = revisions.at(-1);
        if (last === undefined || this.#stopped) return;
        for (const event of this.#eventsOf(revisions)) this.#publish(event);
        this.#head = last.resourceVersion;
        if (revisions.length < PAGE) return;
      }
    } catch (error) {
      if (this.#stopped) return;
      this.#logger.warn('cannot read the log of the store; watches wait', {
        error: errorChain(error),
      });
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#wake(), RETRY_MS).unref();
    }
  }

  #publish(event: WatchEvent): void {
    this.#events.push(event);
    this.#bytes += event.size;
    // A listener that joins from within another one's call starts after this event.
    this.#head = event.resourceVersion;
    for (const listener of this.#listeners) listener(event);
    event.forget();
    while (
      this.#events.length > MAX_EVENTS ||
      (this.#bytes > MAX_BYTES && this.#events.length > 1)
    ) {
      const dropped = this.#events.shift();
      if (dropped === undefined) break;
      this.#bytes -= dropped.size;
      this.#floor = dropped.resourceVersion;
    }
  }
}
