import type { Logger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import { LogFollower, type LogSource } from '../background/log-follower.js';
import type { ObjectCodec } from '../resource/object-codec.js';
import type { ObjectStore, Revision, StoredObject } from '../store/object-store.js';
import { expired } from '../store/store-errors.js';
import { EventWindow } from './event-window.js';
import { WatchEvent } from './watch-event.js';
import type { TailListener } from './watch-fanout.js';
import { WatchFanout } from './watch-fanout.js';

const PAGE = 500;
/** So many events from before the start: clients of a server that was restarted find theirs here. */
const LOOK_BACK = 1_000;

/**
 * The one reader of the log that all watchers share. Keeps the newest events in memory, up to
 * 4,000 or 16 MiB, so that a watcher that was away for a moment does not go to the store. Who must
 * not be ahead of the watches follows the log here instead of in the store.
 */
export class WatchTail implements Part, LogSource {
  readonly #store: ObjectStore;
  readonly #codec: ObjectCodec;
  readonly #window = new EventWindow();
  readonly #fanout = new WatchFanout(this.#window);
  readonly #loads = new Map<number, Promise<StoredObject | undefined>>();
  readonly #follower: LogFollower;
  readonly #listeners = new Set<() => void>();

  constructor(options: { store: ObjectStore; codec: ObjectCodec; logger: Logger }) {
    this.#store = options.store;
    this.#codec = options.codec;
    this.#follower = new LogFollower({
      ...options,
      follower: 'watches',
      place: { read: () => this.#begin() },
      handle: async (revisions) => this.#take(revisions),
      resync: async (_signal, version) => this.#endAll(version),
    });
  }

  /** Follows the log from a little before its present end. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#follower.start(signal);
    await this.#follower.caughtUp();
  }

  async stop(): Promise<void> {
    await this.#follower.stop();
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

  /** As `head`. */
  async currentVersion(): Promise<number> {
    return this.head;
  }

  /** Entries of the log, up to the head. */
  async revisionsAfter(version: number, limit: number): Promise<readonly Revision[]> {
    if (version >= this.#window.floor) {
      return this.#window.after(version, limit).map(({ revision }) => revision);
    }
    const revisions = await this.#store.revisionsAfter(version, limit);
    return revisions.filter(({ resourceVersion }) => resourceVersion <= this.head);
  }

  /** Calls back when the head has moved. */
  onCommit(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #eventsOf(revisions: readonly Revision[]): WatchEvent[] {
    return revisions.map((revision) => new WatchEvent(revision, this.#codec));
  }

  async #begin(): Promise<number> {
    const oldest = await this.#store.oldestVersion();
    this.#window.restart(Math.max(oldest, (await this.#store.currentVersion()) - LOOK_BACK));
    return this.head;
  }

  #take(revisions: readonly Revision[]): undefined {
    if (revisions.length === 0) return;
    for (const event of this.#eventsOf(revisions)) this.#window.push(event);
    this.#moved();
  }

  /** Those who follow are told that they missed something; the tail goes on from `version`. */
  #endAll(version: number): void {
    const error = expired(this.head, version);
    const listeners = this.#fanout.clear();
    this.#window.restart(version);
    for (const listener of listeners) listener.expired(error);
    this.#moved();
  }

  #moved(): void {
    this.#fanout.wake();
    for (const listener of this.#listeners) listener();
  }
}
