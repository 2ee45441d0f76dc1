import type { RequestHandler } from 'express';
import { methodNotAllowed } from '../api-errors.js';
import type { InFlightLimit } from '../routes/in-flight-limit.js';
import { send, sendError } from '../routes/response.js';
import type { ObjectStore } from '../store/object-store.js';
import { joinLines, labelText, metricHead, metricLine, METRICS_TYPE } from './metric-text.js';
import { ProcessMetrics } from './process-metrics.js';
import type { RequestMetrics } from './request-metrics.js';
import { storeLines } from './store-metrics.js';

const IN_FLIGHT = 'apiserver_current_inflight_requests';

/** All that a server tells of itself, in Prometheus' text format. */
export class ServerMetrics {
  readonly #options: {
    readonly requests: RequestMetrics;
    readonly inFlight: InFlightLimit;
    readonly store: Pick<ObjectStore, 'counts'>;
  };
  readonly #process = new ProcessMetrics();

  constructor(options: {
    readonly requests: RequestMetrics;
    readonly inFlight: InFlightLimit;
    readonly store: Pick<ObjectStore, 'counts'>;
  }) {
    this.#options = options;
  }

  async start(_signal: AbortSignal): Promise<void> {
    this.#process.start();
  }

  async stop(): Promise<void> {
    this.#process.stop();
  }

  text(): Promise<string> {
    return joinLines(this.#lines());
  }

  /** Answers `GET /metrics`. */
  readonly handler: RequestHandler = async (request, response) => {
    if (request.method === 'GET') send(response, 200, await this.text(), METRICS_TYPE);
    else sendError(request, response, methodNotAllowed());
  };

  *#lines(): Iterable<string> {
    const { requests, inFlight, store } = this.#options;
    yield* requests.lines();
    yield metricHead(IN_FLIGHT, 'gauge', 'Requests that are worked on now, watches aside.');
    for (const [kind, count] of Object.entries(inFlight.counts)) {
      yield metricLine(IN_FLIGHT, labelText({ request_kind: kind }), count);
    }
    if (store.counts !== undefined) yield* storeLines(store.counts);
    yield* this.#process.lines();
  }
}
