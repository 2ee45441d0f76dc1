import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { METRICS_TYPE } from './metrics/metric-text.js';
import type { Part } from './process.js';

export interface HealthServerOptions {
  /** Address to bind, such as `127.0.0.1`. Nobody is asked for a credential. */
  readonly host: string;
  /** 0: any free port; see `address`. */
  readonly port: number;
  /** What `/metrics` says, line by line. */
  readonly metrics: () => Iterable<string>;
  /** What a restart may mend. */
  readonly isLive: () => boolean;
  /** Whether it can do its work now. */
  readonly isReady: () => boolean;
}

const MAX_CONNECTIONS = 64;
const REQUEST_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 65_000;
const STOP_TIMEOUT_MS = 1_000;

/**
 * Listens for a kubelet and a Prometheus: `/livez`, `/readyz` and `/healthz` (both) say `ok` with 200
 * or `not ok` with 503, `/metrics` tells the metrics. For processes that serve nothing else.
 */
export class HealthServer implements Part {
  readonly #options: HealthServerOptions;
  readonly #server: Server;

  constructor(options: HealthServerOptions) {
    this.#options = options;
    this.#server = createServer((request, response) => this.#answer(request, response));
    this.#server.maxConnections = MAX_CONNECTIONS;
    this.#server.headersTimeout = REQUEST_TIMEOUT_MS;
    this.#server.requestTimeout = REQUEST_TIMEOUT_MS;
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
  }

  /** `http://127.0.0.1:9090`; '' until started. */
  get address(): string {
    const bound = this.#server.address() as AddressInfo | null;
    if (bound === null) return '';
    return `http://${bound.family === 'IPv6' ? `[${bound.address}]` : bound.address}:${bound.port}`;
  }

  /** @throws Error naming the address when it cannot be bound. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (cause) =>
        reject(new Error(`cannot listen on ${host}:${port} for metrics and health`, { cause })),
      );
      this.#server.listen({ host, port }, resolve);
    });
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), STOP_TIMEOUT_MS);
    await closed;
    clearTimeout(timer);
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { isLive, isReady } = this.#options;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      // Whatever comes as a body is not read.
      response.setHeader('connection', 'close');
      send(response, 405, 'method not allowed\n');
      return;
    }
    switch (request.url?.split('?', 1)[0]) {
      case '/metrics':
        send(response, 200, [...this.#options.metrics()].join(''), METRICS_TYPE);
        return;
      case '/livez':
        sendHealth(response, isLive());
        return;
      case '/readyz':
        sendHealth(response, isReady());
        return;
      case '/healthz':
        sendHealth(response, isLive() && isReady());
        return;
      default:
        send(response, 404, 'not found\n');
    }
  }
}

function sendHealth(response: ServerResponse, isGood: boolean): void {
  send(response, isGood ? 200 : 503, isGood ? 'ok' : 'not ok');
}

function send(
  response: ServerResponse,
  code: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(code, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
  });
  response.end(text);
}
