import type { RequestHandler } from 'express';
import { labelText, metricHead, metricLine, METRICS_TYPE } from '../../sdk/metrics/metric-text.js';
import { ProcessMetrics } from '../../sdk/metrics/process-metrics.js';
import { methodNotAllowed } from '../api-errors.js';
import type { InFlightLimit } from '../routes/in-flight-limit.js';
import { send, sendError } from '../routes/response.js';
import type { ObjectStore } from '../store/object-store.js';
import { joinLines } from './join-lines.js';
import type { RequestMetrics } from './request-metrics.js';
import { storeLines } from './store-metrics.js';

/** Metrics of another part. */
export interface MetricSource {
  /** Looks anew at what must be asked for; ends soon, whatever happens. Never rejects. */
  refresh?(): Promise<void>;
  lines(): Iterable<string>;
}

const IN_FLIGHT = 'apiserver_current_inflight_requests';

export interface ServerMetricsOptions {
  readonly requests: RequestMetrics;
  readonly inFlight: InFlightLimit;
  readonly store: Pick<ObjectStore, 'counts'>;
  readonly more: readonly MetricSource[];
}

/** All that a server tells of itself, in Prometheus' text format. */
export class ServerMetrics {
  readonly #options: ServerMetricsOptions;
  readonly #process = new ProcessMetrics();

  constructor(options: ServerMetricsOptions) {
    this.#options = options;
  }

  async start(_signal: AbortSignal): Promise<void> {
    this.#process.start();
  }

  async stop(): Promise<void> {
    this.#process.stop();
  }

  async text(): Promise<string> {
    await Promise.all(this.#options.more.map((source) => source.refresh?.()));
    return joinLines(this.#lines());
  }

  /** Answers `GET /metrics`. */
  readonly handler: RequestHandler = async (request, response) => {
    if (request.method === 'GET') send(response, 200, await this.text(), METRICS_TYPE);
    else sendError(request, response, methodNotAllowed());
  };

  *#lines(): Iterable<string> {
    const { requests, inFlight, store, more } = this.#options;
    yield* requests.lines();
    yield metricHead(IN_FLIGHT, 'gauge', 'Requests that are worked on now, watches aside.');
    for (const [kind, count] of Object.entries(inFlight.counts)) {
      yield metricLine(IN_FLIGHT, labelText({ request_kind: kind }), count);
    }
    if (store.counts !== undefined) yield* storeLines(store.counts);
    for (const source of more) yield* source.lines();
    yield* this.#process.lines();
  }
}
