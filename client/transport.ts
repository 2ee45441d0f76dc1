import http from 'node:http';
import https from 'node:https';
import { addAbortSignal } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiError, fromStatus } from '../sdk/api/errors.js';

/** How an API server is reached. PEM text, not file names. */
export interface TransportOptions {
  /** `https://127.0.0.1:6443`; a path in it goes in front of every request's. */
  readonly server: string;
  /** Trusted for this server instead of the system's. */
  readonly ca?: string;
  /** Bearer token. */
  readonly token?: string;
  /** Client certificate and its key. */
  readonly cert?: string;
  readonly key?: string;
  /** Skips the check of the server's certificate. Default false. */
  readonly insecure?: boolean;
  /** Limit of one call, retries included. Default 30,000. */
  readonly timeoutMs?: number;
  readonly userAgent?: string;
  /** Names the trace that a request is part of, when it is sent: W3C Trace Context. */
  readonly traceparent?: () => string | undefined;
}

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `server`, encoded, without query. */
  readonly path: string;
  /** Absent values are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; a string as it is. */
  readonly body?: unknown;
  /** Sending it twice does no harm: tried again when the connection fails. Default: GET only. */
  readonly idempotent?: boolean;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

export interface TransportResponse {
  readonly statusCode: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly text: string;
}

/** One API server over kept-alive connections: at most 16, and one more for every open stream. */
export interface Transport {
  readonly server: string;
  /**
   * The whole answer, whatever its status code.
   *
   * @throws ApiError ServiceUnavailable when the server cannot be reached, Timeout when it does not
   * answer in time; the signal's reason when aborted.
   */
  send(request: TransportRequest): Promise<TransportResponse>;
  /**
   * The answer as it comes in, without time limit once its headers are there. Destroy it when done.
   *
   * @throws as `send`, and ApiError for a status code of 300 or more.
   */
  stream(request: TransportRequest): Promise<http.IncomingMessage>;
  /** Closes idle connections and those of streams. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 30_000;
const RETRY_DELAYS_MS = [50, 250, 1_000];
const CONNECTION_ERRORS = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT']);

/** Does no I/O. @throws Error when `server` is no http or https URL. */
export function createTransport(options: TransportOptions): Transport {
  const base = parseServer(options.server);
  const secure = base.protocol === 'https:';
  const prefix = base.pathname.replace(/\/+$/, '');
  const tls = {
    ...(options.ca !== undefined && { ca: options.ca }),
    ...(options.cert !== undefined && { cert: options.cert }),
    ...(options.key !== undefined && { key: options.key }),
    ...(options.insecure === true && { rejectUnauthorized: false }),
  };
  const Agent = secure ? https.Agent : http.Agent;
  const calls = new Agent({ ...tls, keepAlive: true, maxSockets: 16, scheduling: 'lifo' });
  const streams = new Agent({ ...tls, keepAlive: false });

  /** Resolves with the headers; rejects with whatever node says. */
  function open(
    request: TransportRequest,
    agent: http.Agent,
    signal: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const body = request.body === undefined ? undefined : encode(request.body);
    const traceparent = options.traceparent?.();
    return new Promise((resolve, reject) => {
      const outgoing = (secure ? https : http).request(
        {
          agent,
          signal,
          method: request.method,
          hostname: base.hostname.replace(/^\[|\]$/g, ''),
          port: base.port === '' ? (secure ? 443 : 80) : Number(base.port),
          path: `${prefix}${request.path}${queryOf(request.query)}`,
          headers: {
            accept: 'application/json',
            'user-agent': options.userAgent ?? 'threeport-client',
            ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
            ...(body !== undefined && {
              'content-type': 'application/json',
              'content-length': Buffer.byteLength(body),
            }),
            ...(traceparent !== undefined && { traceparent }),
            ...request.headers,
          },
        },
        resolve,
      );
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  async function once(
    request: TransportRequest,
    agent: http.Agent,
    signal: AbortSignal,
  ): Promise<TransportResponse> {
    const incoming = await open(request, agent, signal);
    return {
      statusCode: incoming.statusCode ?? 0,
      headers: incoming.headers,
      text: await textOf(incoming),
    };
  }

  async function attempt<T>(
    request: TransportRequest,
    signal: AbortSignal,
    work: () => Promise<T>,
  ): Promise<T> {
    const idempotent = request.idempotent ?? request.method === 'GET';
    for (let tries = 0; ; tries++) {
      try {
        return await work();
      } catch (error) {
        const wait = RETRY_DELAYS_MS[tries];
        if (signal.aborted || !idempotent || wait === undefined || !isConnectionError(error)) {
          throw error;
        }
        await delay(wait, undefined, { signal });
      }
    }
  }

  function explain(error: unknown, request: TransportRequest, limit: TimeLimit): unknown {
    if (error instanceof ApiError) return error;
    if (request.signal?.aborted === true) return request.signal.reason;
    if (limit.signal.aborted) {
      const where = `${request.method} ${base.origin}${prefix}${request.path}`;
      return new ApiError('Timeout', `${where}: no answer within ${limit.timeoutMs} ms`);
    }
    const said = error instanceof Error ? error.message || codeOf(error) : String(error);
    return new ApiError('ServiceUnavailable', `cannot reach ${base.origin}: ${said}`, {
      cause: error,
    });
  }

  const timeLimit = (request: TransportRequest): TimeLimit =>
    withTimeout(request.signal, request.timeoutMs ?? options.timeoutMs ?? DEFAULT_TIMEOUT_MS);

  return {
    server: options.server,
    async send(request) {
      const limit = timeLimit(request);
      try {
        return await attempt(request, limit.signal, () => once(request, calls, limit.signal));
      } catch (error) {
        throw explain(error, request, limit);
      } finally {
        limit.clear();
      }
    },
    async stream(request) {
      const limit = timeLimit(request);
      try {
        const incoming = await attempt(request, limit.signal, () =>
          open(request, streams, limit.signal),
        );
        const statusCode = incoming.statusCode ?? 0;
        if (statusCode >= 300) throw decodeFailure(statusCode, await textOf(incoming));
        if (request.signal !== undefined) addAbortSignal(request.signal, incoming);
        return incoming;
      } catch (error) {
        throw explain(error, request, limit);
      } finally {
        limit.clear();
      }
    },
    close() {
      calls.destroy();
      streams.destroy();
    },
  };
}

/** The error that a failed answer says. */
export function decodeFailure(statusCode: number, text: string): ApiError {
  try {
    return fromStatus(statusCode, JSON.parse(text));
  } catch {
    return fromStatus(statusCode, text);
  }
}

function parseServer(server: string): URL {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new Error(`server "${server}" is no http or https URL`);
  }
  return url;
}

function encode(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function queryOf(query: TransportRequest['query']): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) pairs.append(name, String(value));
  }
  return pairs.size === 0 ? '' : `?${pairs.toString()}`;
}

async function textOf(incoming: http.IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** A signal that a timer aborts too. Unlike AbortSignal.any it leaves nothing on a long-lived signal. */
interface TimeLimit {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  clear(): void;
}

function withTimeout(signal: AbortSignal | undefined, timeoutMs: number): TimeLimit {
  const abort = new AbortController();
  const onAbort = (): void => abort.abort(signal?.reason);
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort, { once: true });
  const timer = setTimeout(() => abort.abort(new Error('timeout')), timeoutMs);
  return {
    signal: abort.signal,
    timeoutMs,
    clear() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    },
  };
}

function isConnectionError(error: unknown): boolean {
  return error instanceof Error && CONNECTION_ERRORS.has(codeOf(error));
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}
