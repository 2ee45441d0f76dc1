import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Tracer } from '../../sdk/tracing/tracer.js';
import type { CountedRequest } from '../metrics/request-metrics.js';
import { isTraceparent } from '../request-origin.js';

/** Of no interest to who follows a request, unless the request says so. */
const QUIET = /^\/(?:healthz|livez|readyz|version|metrics|threeport\/v1\/)/;
/** They last for as long as their clients like. */
const WATCH = /[?&]watch=(?:1|t|true)\b/i;

/** A span for each request: below that of its client, if that names one, else the first of a trace. */
export class RequestTraces {
  readonly #tracer: Tracer;

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  /** `what` tells what was asked for, once the request is over. */
  async follow(
    request: IncomingMessage,
    response: ServerResponse,
    what: () => CountedRequest,
    serve: () => Promise<void>,
  ): Promise<void> {
    const { method = 'GET', url = '', headers } = request;
    const { traceparent } = headers;
    const parent = isTraceparent(traceparent) ? traceparent : undefined;
    if (WATCH.test(url) || (parent === undefined && QUIET.test(url))) return serve();
    const span = this.#tracer.begin({
      name: method,
      kind: 'server',
      ...(parent !== undefined && { parent }),
      attributes: { 'http.request.method': method, 'url.path': url.split('?', 1)[0] ?? '' },
    });
    // The log keeps it as where a write comes from: what the write leads to goes on from here.
    headers['traceparent'] = span.traceparent;
    response.once('close', () => {
      const { verb, kind } = what();
      const { statusCode } = response;
      if (kind !== undefined) span.rename(`${verb} ${kind.plural}`);
      span.set({ 'http.response.status_code': statusCode });
      span.end(statusCode >= 500 ? String(statusCode) : undefined);
    });
    await this.#tracer.within(span, serve);
  }
}
