import { createServer as createHttpServer } from 'node:http';
import type { RequestListener, Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

export interface ListenOptions {
  /** Address to bind, such as `127.0.0.1`. */
  readonly host: string;
  /** 0: any free port; see `address`. */
  readonly port: number;
  /** PEM texts. Absent: plain HTTP. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer };
}

const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 60_000;
const KEEP_ALIVE_MS = 75_000;
const DRAIN_MS = 5_000;
const MAX_HEADER_BYTES = 64 * 1024;
const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How often the time limits are looked at: a slow request has its limit and this much. */
const CHECK_INTERVAL_MS = 2_000;
/** Connections that wait to be taken, if the system lets them; one without a place tries again after seconds. */
const BACKLOG = 4_096;

/** An HTTP or HTTPS server with time limits, and a stop that lets running requests finish. */
export class HttpListener {
  readonly #server: Server;
  readonly #options: ListenOptions;

  constructor(handler: RequestListener, options: ListenOptions) {
    this.#options = options;
    const limits = {
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAlive: true,
      noDelay: true,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
    };
    const tlsLimits = { minVersion: 'TLSv1.2', handshakeTimeout: HANDSHAKE_TIMEOUT_MS } as const;
    this.#server =
      options.tls === undefined
        ? createHttpServer(limits, handler)
        : createHttpsServer({ ...limits, ...options.tls, ...tlsLimits }, handler);
    // Node would pass over all headers after the 2,000th; their size is bounded already.
    this.#server.maxHeadersCount = 0;
    this.#server.on('checkContinue', (request, response) => {
      // The client waits to hear that its body is wanted: once somebody reads it, it is.
      request.once('resume', () => {
        if (!response.headersSent) response.writeContinue();
      });
      handler(request, response);
    });
    this.#server.headersTimeout = HEADERS_TIMEOUT_MS;
    this.#server.requestTimeout = REQUEST_TIMEOUT_MS;
    this.#server.keepAliveTimeout = KEEP_ALIVE_MS;
  }

  /** `http://host:port`; empty until started. */
  get address(): string {
    const bound = this.#server.address() as AddressInfo | null;
    if (bound === null) return '';
    const host = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
    return `${this.#options.tls === undefined ? 'http' : 'https'}://${host}:${bound.port}`;
  }

  /** @throws Error naming the address when it cannot be bound. */
  async start(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { host, port } = this.#options;
    await new Promise<void>((resolve, reject) => {
      const onError = (cause: NodeJS.ErrnoException): void => {
        const advice = cause.code === 'EADDRINUSE' ? '; another process has the port' : '';
        reject(new Error(`cannot listen on ${host}:${port}${advice}`, { cause }));
      };
      this.#server.once('error', onError);
      this.#server.listen({ port, host, backlog: BACKLOG }, () => {
        this.#server.off('error', onError);
        resolve();
      });
    });
  }

  /** Takes no more connections; those in use have 5 s to finish. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), DRAIN_MS);
    await closed;
    clearTimeout(timer);
  }
}
