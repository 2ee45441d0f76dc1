import type { ApiError } from '../../sdk/api/errors.js';
import { isApiError } from '../../sdk/api/errors.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { ObjectStore, Revision, StoredObject } from '../store/object-store.js';
import { EventWindow } from './event-window.js';
import { WatchEvent } from './watch-event.js';
import type { TailListener } from './watch-fanout.js';
import { WatchFanout } from './watch-fanout.js';

const PAGE = 500;
const RETRY_MS = 1_000;
/** So many events from before the start: clients of a server that was restarted find theirs here. */
const LOOK_BACK = 1_000;

/**
 * The one reader of the log that all watchers share. Keeps the newest events in memory, up to
 * 4,000 or 16 MiB, so that a watcher that was away for a moment does not go to the store.
 */
export class WatchTail {
  readonly #store: ObjectStore;
  readonly #codec: ObjectCodec;
  readonly #logger: Logger;
  readonly #window = new EventWindow();
  readonly #fanout = new WatchFanout(this.#window);
  readonly #loads = new Map<number, Promise<StoredObject | undefined>>();
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

  /** Follows the log from a little before its present end. */
  async start(signal: AbortSignal): Promise<void> {
    if (!this.#stopped) return;
    const oldest = await this.#store.oldestVersion();
    this.#window.restart(Math.max(oldest, (await this.#store.currentVersion()) - LOOK_BACK));
    signal.throwIfAborted();
    this.#stopped = false;
    this.#unsubscribe = this.#store.onCommit(() => this.#wake());
    this.#wake();
    await this.#pumping;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    clearTimeout(this.#retry);
    await this.#pumping;
    this.#fanout.clear();
  }

  /** The version of the newest event here. */
  get head(): number {
    return this.#window.head;
  }

  /**
   * Joins the stream after `version`, or after the head if that is lower; what follows comes once the
   * caller is done. False when memory does not go back that far: read the store up to a newer version
   * and ask again.
   */
  join(version: number, listener: TailListener): boolean {
    if (version < this.#window.floor) return false;
    this.#fanout.add(listener, Math.min(version, this.head));
    return true;
  }

  /** Gives the listener what is here for it, before its turn. */
  flush(listener: TailListener): void {
    this.#fanout.flush(listener);
  }

  leave(listener: TailListener): void {
    this.#fanout.remove(listener);
  }

  /** Finds out how the object of the event was before, if memory tells. False: ask `loadPrevious`. */
  findPrevious(event: WatchEvent): boolean {
    event.previous ??= this.#window.before(event)?.encoded;
    return event.previous !== undefined;
  }

  /** As `findPrevious`, from the store; all who wait for the same event share one look. */
  async loadPrevious(event: WatchEvent): Promise<void> {
    const { resourceVersion } = event;
    let load = this.#loads.get(resourceVersion);
    if (load === undefined) {
      load = this.#store
        .stateBefore(resourceVersion)
        .finally(() => this.#loads.delete(resourceVersion));
      this.#loads.set(resourceVersion, load);
    }
    // Where nobody knows it any more the object as it is has to do.
    event.previous = (await load) ?? event.encoded;
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
        const revisions = await this.#store.revisionsAfter(this.head, PAGE, options);
        if (revisions.length === 0 || this.#stopped) return;
        for (const event of this.#eventsOf(revisions)) this.#window.push(event);
        this.#fanout.wake();
        if (revisions.length < PAGE) return;
      }
    } catch (error) {
      if (this.#stopped) return;
      if (isApiError(error, 'Expired')) await this.#endAll(error).catch(() => undefined);
      this.#logger.warn('cannot read the log of the store; watches wait', {
        error: errorChain(error),
      });
      clearTimeout(this.#retry);
      this.#retry = setTimeout(() => this.#wake(), RETRY_MS).unref();
    }
  }

  /** Those who follow are told that they missed something; the tail goes on from now. */
  async #endAll(error: ApiError): Promise<void> {
    const current = await this.#store.currentVersion();
    const listeners = this.#fanout.clear();
    this.#window.restart(current);
    for (const listener of listeners) listener.expired(error);
  }
}
