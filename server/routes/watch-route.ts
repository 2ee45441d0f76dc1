import type { ServerResponse } from 'node:http';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { RequestMetrics } from '../metrics/request-metrics.js';
import type { ResourceService } from '../resource-service.js';
import { ObjectWatch } from '../watch/object-watch.js';
import type { ObjectFormat } from '../watch/watch-event.js';
import type { WatchFilter } from '../watch/watch-selection.js';
import type { WatchTail } from '../watch/watch-tail.js';
import { watchRequest } from './list-options.js';
import { watchSink } from './watch-sink.js';

const BOOKMARK_INTERVAL_MS = 30_000;
const STALL_TIMEOUT_MS = 60_000;
const MIN_TIMEOUT_MS = 30 * 60_000;
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** Serves watches and keeps account of them, so that they can be ended together. */
export class WatchRoute {
  readonly #tail: WatchTail;
  readonly #service: ResourceService;
  readonly #metrics: RequestMetrics | undefined;
  readonly #bookmarkIntervalMs: number;
  readonly #stallTimeoutMs: number;
  readonly #watches = new Map<ObjectWatch, KindDefinition>();

  constructor(options: {
    tail: WatchTail;
    service: ResourceService;
    metrics?: RequestMetrics;
    /** Default: 30 s. */
    bookmarkIntervalMs?: number;
    /** A client that takes nothing of what is on its way for so long is cut off. Default: 60 s. */
    stallTimeoutMs?: number;
  }) {
    this.#tail = options.tail;
    this.#service = options.service;
    this.#metrics = options.metrics;
    this.#bookmarkIntervalMs = options.bookmarkIntervalMs ?? BOOKMARK_INTERVAL_MS;
    this.#stallTimeoutMs = options.stallTimeoutMs ?? STALL_TIMEOUT_MS;
  }

  /**
   * Answers with a stream of events until the client goes, the time is up or the server stops.
   *
   * @throws ApiError for options that cannot be met; every later fault, a version that is too old
   * among them, is the last event of the stream, as a kube-apiserver has it.
   */
  async serve(
    response: ServerResponse,
    query: URLSearchParams,
    options: { readonly filter: WatchFilter; readonly format: ObjectFormat },
  ): Promise<void> {
    const { version, timeoutMs, wantsBookmarks, sendInitialEvents } = watchRequest(query);
    const { kind } = options.filter;
    response.writeHead(200, {
      'Content-Type': 'application/json',
      'Cache-Control': 'no-cache, private',
    });
    response.flushHeaders();
    const watch = new ObjectWatch(
      { tail: this.#tail, service: this.#service },
      {
        ...options,
        after: version === 0 ? undefined : version,
        sendInitial: sendInitialEvents ?? version === 0,
        markInitialEnd: sendInitialEvents === true && wantsBookmarks,
        sink: watchSink(response, (count) => this.#metrics?.watchEventsSent(kind, count)),
        stallTimeoutMs: this.#stallTimeoutMs,
      },
    );
    this.#watches.set(watch, kind);
    this.#metrics?.watchOpened(kind);
    const bookmarks = wantsBookmarks
      ? setInterval(() => watch.bookmark(), this.#bookmarkIntervalMs).unref()
      : undefined;
    const end = setTimeout(
      () => {
        if (wantsBookmarks) watch.bookmark();
        watch.close();
      },
      Math.min(timeoutMs || MIN_TIMEOUT_MS * (1 + Math.random()), MAX_TIMEOUT_MS),
    ).unref();
    response.once('close', () => {
      clearInterval(bookmarks);
      clearTimeout(end);
      this.#watches.delete(watch);
      this.#metrics?.watchClosed(kind);
      watch.close();
    });
    await watch.run();
  }

  /** Ends, in good order, the watches of kinds that are no longer served as they were. */
  closeWatchesOf(kinds: readonly KindDefinition[]): void {
    for (const [watch, kind] of this.#watches) if (kinds.includes(kind)) watch.close();
  }

  /** Ends every watch in good order; clients resume elsewhere. */
  closeAll(): void {
    for (const watch of this.#watches.keys()) watch.close();
  }
}
