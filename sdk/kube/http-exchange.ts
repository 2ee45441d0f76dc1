import http from 'node:http';
import https from 'node:https';

import { ApiError } from '../api/errors.js';

/** Where to send a request, and as whom. */
export interface HttpTarget {
  /** `https://host:port[/prefix]`, without a trailing slash. */
  readonly endpoint: string;
  readonly agent: http.Agent;
  readonly headers: Readonly<Record<string, string>>;
}

export interface HttpExchange {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly timeoutMs: number;
  /** Send once more when a kept connection turns out to be closed by the other side. */
  readonly retryStale: boolean;
}

/** An answer whose headers are there. It must be read to its end or destroyed. */
export interface OpenResponse {
  readonly statusCode: number;
  /** Parsed when it says it is JSON, else text. */
  readAll(): Promise<unknown>;
  chunks(): AsyncIterable<string>;
  destroy(): void;
}

const MAX_BODY_CHARS = 256 * 1024 * 1024;

/**
 * Sends a request and reads the whole answer within `timeoutMs`.
 *
 * @throws ApiError ServiceUnavailable or Timeout naming the endpoint; the signal's reason if aborted.
 */
export async function exchange(
  target: HttpTarget,
  request: HttpExchange,
): Promise<{ statusCode: number; body: unknown; retryAfterSeconds?: number }> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(timeoutError(target, request)), request.timeoutMs);
  const signal =
    request.signal === undefined ? limit.signal : AbortSignal.any([request.signal, limit.signal]);
  try {
    const response = await sendTwiceIfStale(target, { ...request, signal });
    const body = await readAll(target, response, signal);
    const retryAfterSeconds = secondsOf(response.headers['retry-after']);
    return {
      statusCode: response.statusCode ?? 0,
      body,
      ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sends a request and returns once the headers of the answer are there, which `timeoutMs` limits;
 * the body has no limit.
 *
 * @throws ApiError as `exchange` does.
 */
export async function openResponse(
  target: HttpTarget,
  request: HttpExchange & { readonly signal: AbortSignal },
): Promise<OpenResponse> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(timeoutError(target, request)), request.timeoutMs);
  const signal = AbortSignal.any([request.signal, limit.signal]);
  try {
    const response = await sendTwiceIfStale(target, { ...request, signal });
    return {
      statusCode: response.statusCode ?? 0,
      readAll: () => readAll(target, response, request.signal),
      chunks: () => readChunks(target, response, request.signal),
      destroy: () => response.destroy(),
    };
  } finally {
    clearTimeout(timer);
  }
}

class StaleConnectionError extends Error {}

async function sendTwiceIfStale(
  target: HttpTarget,
  request: HttpExchange & { readonly signal: AbortSignal },
): Promise<http.IncomingMessage> {
  for (;;) {
    try {
      return await send(target, request);
    } catch (error) {
      // Each try takes a dead connection out of the pool, and a fresh one is never stale.
      if (!(error instanceof StaleConnectionError)) throw error;
      if (!request.retryStale) throw unreachable(target, error.cause);
    }
  }
}

function send(
  target: HttpTarget,
  request: HttpExchange & { readonly signal: AbortSignal },
): Promise<http.IncomingMessage> {
  const { signal } = request;
  if (signal.aborted) return Promise.reject(abortReason(signal));
  const url = new URL(target.endpoint + request.path);
  const transport = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const sent = transport.request(
      url,
      {
        method: request.method,
        agent: target.agent,
        signal,
        headers: {
          ...target.headers,
          ...request.headers,
          'user-agent': 'threeport',
          ...(request.body !== undefined && { 'content-length': Buffer.byteLength(request.body) }),
        },
      },
      (response) => {
        response.setEncoding('utf8');
        resolve(response);
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      if (signal.aborted) reject(abortReason(signal));
      else if (sent.reusedSocket && (error.code === 'ECONNRESET' || error.code === 'EPIPE')) {
        reject(new StaleConnectionError('stale connection', { cause: error }));
      } else reject(unreachable(target, error));
    });
    sent.end(request.body);
  });
}

async function readAll(
  target: HttpTarget,
  response: http.IncomingMessage,
  signal: AbortSignal,
): Promise<unknown> {
  let text = '';
  for await (const chunk of readChunks(target, response, signal)) {
    text += chunk;
    if (text.length > MAX_BODY_CHARS) {
      throw new ApiError('RequestEntityTooLarge', `the answer of ${target.endpoint} is too long`);
    }
  }
  if (!(response.headers['content-type'] ?? '').includes('json')) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ApiError('ServiceUnavailable', `${target.endpoint} sent JSON that does not parse`, {
      cause: error,
    });
  }
}

async function* readChunks(
  target: HttpTarget,
  response: http.IncomingMessage,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const abort = (): void => void response.destroy(abortReason(signal));
  signal.addEventListener('abort', abort, { once: true });
  try {
    if (signal.aborted) throw abortReason(signal);
    for await (const chunk of response) yield chunk as string;
  } catch (error) {
    throw signal.aborted ? abortReason(signal) : unreachable(target, error);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** Of a `Retry-After` in seconds, as API servers send it. */
function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,9}$/.test(header) ? Number(header) : undefined;
}

function timeoutError(target: HttpTarget, request: HttpExchange): ApiError {
  return new ApiError(
    'Timeout',
    `${target.endpoint} did not answer ${request.method} within ${request.timeoutMs / 1000} s`,
  );
}

/** No `cause`: its message, which the chain would repeat, is all there is to say. */
function unreachable(target: HttpTarget, error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  const message = `cannot reach ${target.endpoint}: ${networkMessage(error)}`;
  return new ApiError('ServiceUnavailable', message);
}

/** What Node says of a certificate that the authorities given do not vouch for. */
const UNTRUSTED = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

/** Node gives an AggregateError without a message when every address of a name refuses. */
function networkMessage(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return networkMessage(error.errors[0]);
  }
  if (!(error instanceof Error)) return String(error);
  return UNTRUSTED.has((error as NodeJS.ErrnoException).code ?? '')
    ? `${error.message}; \`certificate-authority-data\` of the kubeconfig does not vouch for its certificate`
    : error.message;
}

function abortReason(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error('aborted');
}
