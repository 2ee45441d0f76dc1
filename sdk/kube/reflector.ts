import { setTimeout as delay } from 'node:timers/promises';

import { ApiError, fromStatus, isApiError } from '../api/errors.js';
import type { ApiObject } from '../api/object.js';
import { formatKey, objectKeyOf } from '../api/object.js';
import { childOf } from './child-signal.js';
import { idleGuarded } from './idle-guarded.js';

/** One page of a list. `continueToken` is absent on the last one. */
export interface ObjectPage {
  readonly items: readonly ApiObject[];
  readonly resourceVersion: string;
  readonly continueToken?: string;
}

/** One event as it came over the wire: of an ERROR, `object` is a Status. */
export interface RawWatchEvent {
  readonly type: string;
  readonly object: object;
}

/** Where a reflector reads one collection. Errors are ApiError where the server has answered. */
export interface ListWatch {
  /** `limit` is left out to ask for everything at once. */
  list(page: {
    readonly signal: AbortSignal;
    readonly limit?: number;
    readonly continueToken?: string;
  }): Promise<ObjectPage>;
  watch(from: {
    readonly signal: AbortSignal;
    readonly resourceVersion: string;
    readonly timeoutSeconds: number;
    readonly idleTimeoutMs: number;
  }): AsyncIterable<RawWatchEvent>;
}

/** What happened to one key, `namespace/name`. One of `before` and `after` is there at least. */
export interface Change<K> {
  readonly key: string;
  readonly before?: K;
  readonly after?: K;
}

/** `sinceMs` is `performance.now()` at the first of the failures in a row. */
export interface ReflectorFailure {
  readonly sinceMs: number;
  readonly error: unknown;
}

export interface ReflectorOptions<K> {
  readonly source: ListWatch;
  /** What is cached of an object; the object itself is let go at once. */
  readonly keep: (object: ApiObject) => K;
  /** Called after the cache has changed, with everything that changed together. Must not throw. */
  readonly onChange?: (changes: readonly Change<K>[]) => void;
  /** Called when `synced` or `failure` has changed. Must not throw. */
  readonly onState?: () => void;
  /** Objects asked for at a time. Default 500. */
  readonly pageSize?: number;
  /** The server is asked to end a watch after this long, ±10 %. Default 290,000. */
  readonly watchTimeoutMs?: number;
  /**
   * A watch that says nothing for so long is given up. Default: 150,000 once the server has shown
   * that it sends bookmarks (it does so about every minute), else 15 s more than `watchTimeoutMs`.
   */
  readonly idleTimeoutMs?: number;
  /** A watch that was open for so long works, even if nothing happened. Default 2,000. */
  readonly settledAfterMs?: number;
  /** Pause after the first failure (doubles, with jitter) and the longest one. Default 200 / 10,000. */
  readonly minBackoffMs?: number;
  readonly maxBackoffMs?: number;
}

interface Cached<K> {
  readonly resourceVersion: string | undefined;
  readonly kept: K;
}

const IDLE_WITH_BOOKMARKS_MS = 150_000;

/**
 * Keeps a copy of one collection: lists it, watches it from there, resumes a watch that ended from
 * the last version seen, and lists again when that version has expired or the server was away (it
 * may have come back with another history). It never gives up; failures only show in `failure`.
 * What is cached stays while the server cannot be reached: it is stale then, and `failure` says so.
 */
export class Reflector<K> {
  readonly #options: ReflectorOptions<K>;
  readonly #cache = new Map<string, Cached<K>>();
  #version: string | undefined;
  #synced = false;
  #failure: ReflectorFailure | undefined;
  #failuresInRow = 0;
  #sendsBookmarks = false;
  #retry = new AbortController();

  constructor(options: ReflectorOptions<K>) {
    this.#options = options;
  }

  /** True once the whole collection was read; stays true. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Why the copy may be stale, from the first failure until the server is read again. */
  get failure(): ReflectorFailure | undefined {
    return this.#failure;
  }

  get size(): number {
    return this.#cache.size;
  }

  /** By `namespace/name`, or the name alone of a cluster-scoped object. */
  get(key: string): K | undefined {
    return this.#cache.get(key)?.kept;
  }

  *values(): IterableIterator<K> {
    for (const { kept } of this.#cache.values()) yield kept;
  }

  /** Ends a pause between tries: there is reason to believe that the server is back. */
  retryNow(): void {
    this.#retry.abort();
  }

  /** Works until the signal aborts, then resolves with every connection closed. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        this.#version ??= await this.#list(signal);
        await this.#watch(signal, this.#version);
      } catch (error) {
        if (signal.aborted) return;
        await this.#failed(error, signal);
      }
    }
  }

  async #list(signal: AbortSignal): Promise<string> {
    const pages = await this.#readPages(signal);
    signal.throwIfAborted();
    const changes: Change<K>[] = [];
    const present = new Set<string>();
    for (const page of pages) {
      for (const object of page.items) {
        present.add(formatKey(objectKeyOf(object)));
        const change = this.#put(object);
        if (change !== undefined) changes.push(change);
      }
    }
    for (const key of this.#cache.keys()) {
      if (!present.has(key)) changes.push(...this.#remove(key));
    }
    const first = !this.#synced;
    this.#synced = true;
    if (changes.length > 0) this.#options.onChange?.(changes);
    if (!this.#cleared() && first) this.#options.onState?.();
    return pages[0]?.resourceVersion ?? '';
  }

  /** All pages of one list; in one go when a page expired before it was asked for. */
  async #readPages(signal: AbortSignal): Promise<ObjectPage[]> {
    const { source, pageSize: limit = 500 } = this.#options;
    const pages = [await source.list({ signal, limit })];
    try {
      for (;;) {
        const continueToken = pages.at(-1)?.continueToken;
        if (continueToken === undefined) return pages;
        pages.push(await source.list({ signal, limit, continueToken }));
      }
    } catch (error) {
      if (!isApiError(error, 'Expired')) throw error;
      return [await source.list({ signal })];
    }
  }

  async #watch(signal: AbortSignal, resourceVersion: string): Promise<void> {
    const { source, settledAfterMs = 2_000, watchTimeoutMs = 290_000 } = this.#options;
    const lengthMs = watchTimeoutMs * (0.9 + Math.random() * 0.2);
    const idleTimeoutMs =
      this.#options.idleTimeoutMs ??
      (this.#sendsBookmarks ? IDLE_WITH_BOOKMARKS_MS : lengthMs + 15_000);
    const session = childOf(signal);
    let works = false;
    const worked = (): void => {
      works = true;
      this.#failuresInRow = 0;
      this.#cleared();
    };
    const settled = setTimeout(worked, settledAfterMs);
    try {
      const events = source.watch({
        signal: session.signal,
        resourceVersion,
        timeoutSeconds: Math.max(1, Math.round(lengthMs / 1000)),
        idleTimeoutMs,
      });
      const silent = (): Error =>
        new ApiError('Timeout', `the watch said nothing for ${Math.round(idleTimeoutMs / 1000)} s`);
      for await (const event of idleGuarded(events, idleTimeoutMs, silent)) {
        if (signal.aborted) return;
        this.#apply(event);
        worked();
      }
    } finally {
      clearTimeout(settled);
      session.end();
    }
    if (!works) throw new ApiError('ServiceUnavailable', 'the watch ended as soon as it began');
  }

  #apply(event: RawWatchEvent): void {
    if (event.type === 'ERROR') {
      throw fromStatus((event.object as { code?: number }).code ?? 500, event.object);
    }
    const object = event.object as ApiObject;
    let changes: readonly Change<K>[] = [];
    if (event.type === 'DELETED') {
      changes = this.#remove(formatKey(objectKeyOf(object)));
    } else if (event.type === 'BOOKMARK') {
      this.#sendsBookmarks = true;
    } else {
      const change = this.#put(object);
      changes = change === undefined ? [] : [change];
    }
    this.#version = object.metadata.resourceVersion ?? this.#version;
    if (changes.length > 0) this.#options.onChange?.(changes);
  }

  #put(object: ApiObject): Change<K> | undefined {
    const key = formatKey(objectKeyOf(object));
    const { resourceVersion } = object.metadata;
    const before = this.#cache.get(key);
    if (before !== undefined && before.resourceVersion === resourceVersion) return undefined;
    const after = this.#options.keep(object);
    this.#cache.set(key, { resourceVersion, kept: after });
    return before === undefined ? { key, after } : { key, before: before.kept, after };
  }

  #remove(key: string): Change<K>[] {
    const before = this.#cache.get(key);
    this.#cache.delete(key);
    return before === undefined ? [] : [{ key, before: before.kept }];
  }

  async #failed(failure: unknown, signal: AbortSignal): Promise<void> {
    this.#failuresInRow++;
    const expired = isApiError(failure, 'Expired');
    if (expired || this.#failuresInRow > 1) this.#version = undefined;
    // An expired version is nothing wrong, so that the list follows at once; but only once.
    if (expired && this.#failuresInRow === 1) return;
    this.#failure = { sinceMs: this.#failure?.sinceMs ?? performance.now(), error: failure };
    this.#options.onState?.();

    const { minBackoffMs = 200, maxBackoffMs = 10_000 } = this.#options;
    const capMs = Math.min(maxBackoffMs, minBackoffMs * 2 ** (this.#failuresInRow - 1));
    this.#retry = new AbortController();
    const pause = childOf(signal, this.#retry.signal);
    await delay(capMs * (0.5 + Math.random() / 2), undefined, { signal: pause.signal }).catch(
      () => undefined,
    );
    pause.end();
  }

  /** Whether there was a failure, which is over now. */
  #cleared(): boolean {
    if (this.#failure === undefined) return false;
    this.#failure = undefined;
    this.#options.onState?.();
    return true;
  }
}
