import type { IncomingHttpHeaders, IncomingMessage, RequestListener } from 'node:http';
import { PassThrough } from 'node:stream';
import inject from 'light-my-request';
import type { Transport, TransportRequest, TransportResponse } from '../../client/transport.js';
import { decodeFailure } from '../../client/transport.js';
import { ApiError } from '../../sdk/api/errors.js';
import type { Network } from '../kernel/network.js';
import type { Scheduler } from '../kernel/scheduler.js';
import type { SimProcess } from '../kernel/sim-process.js';

/** A process that answers requests. */
export interface Endpoint {
  readonly process: SimProcess;
  readonly handle: RequestListener;
}

const TIMEOUT_MS = 30_000;

/** HTTP without sockets: requests go to one of the servers, whichever it is at the moment. */
export function simTransport(options: {
  readonly network: Network;
  readonly scheduler: Scheduler;
  readonly endpoint: () => Endpoint | undefined;
  readonly token: string;
}): Transport {
  const { network, scheduler, token } = options;
  const endpoint = (): Endpoint => {
    const found = options.endpoint();
    if (found === undefined) throw new ApiError('ServiceUnavailable', 'no server is there');
    return found;
  };

  /** Runs in the server. */
  async function begin(to: Endpoint, request: TransportRequest, payloadAsStream: boolean) {
    const { method, path, query = {}, headers, body } = request;
    const pairs = Object.entries(query).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, String(value)] as [string, string]],
    );
    const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const handle: RequestListener = (incoming, response) => {
      // There is no socket that chunks could be written to past the response.
      response.useChunkedEncodingByDefault = false;
      to.handle(incoming, response);
    };
    return inject(handle, {
      method,
      url: pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`,
      headers: {
        accept: 'application/json',
        authorization: `Bearer ${token}`,
        ...(payload !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(payload !== undefined && { payload }),
      payloadAsStream,
    });
  }

  async function answered<T>(request: TransportRequest, call: Promise<T>): Promise<T> {
    try {
      return await withLimit(call, request.timeoutMs ?? TIMEOUT_MS, request.signal);
    } catch (error) {
      if (request.signal?.aborted === true) throw request.signal.reason;
      if (error instanceof ApiError) throw error;
      throw new ApiError('ServiceUnavailable', 'cannot reach the server', { cause: error });
    }
  }

  return {
    server: 'sim://server',
    async send(request) {
      request.signal?.throwIfAborted();
      const to = endpoint();
      const call = network.call(
        to.process,
        `${request.method} ${request.path}`,
        async (): Promise<TransportResponse> => {
          const { statusCode, headers, payload } = await begin(to, request, false);
          return { statusCode, headers: headers as IncomingHttpHeaders, text: payload };
        },
      );
      return answered(request, call);
    },
    async stream(request) {
      request.signal?.throwIfAborted();
      const to = endpoint();
      const from = scheduler.current;
      const call = network.call(to.process, `WATCH ${request.path}`, () =>
        begin(to, request, true),
      );
      const { statusCode, headers, stream, raw } = await answered(request, call);
      const channel = network.channel(to.process, from, `events ${request.path}`);
      const incoming = new PassThrough();
      channel.onBreak(from, () => incoming.destroy(new Error('ECONNRESET')));
      channel.onBreak(to.process, () => raw.res.destroy());
      incoming.once('close', () => channel.break());
      request.signal?.addEventListener('abort', () => incoming.destroy(), { once: true });
      let text = '';
      stream()
        .on('data', (chunk: Buffer) => channel.send(() => incoming.write(chunk)))
        .on('end', () => channel.send(() => incoming.end()))
        .on('error', () => channel.break());
      if (statusCode >= 300) {
        for await (const chunk of incoming) text += String(chunk);
        throw decodeFailure(statusCode, text);
      }
      return Object.assign(incoming, { statusCode, headers }) as unknown as IncomingMessage;
    },
    close: () => undefined,
  };
}

function withLimit<T>(
  call: Promise<T>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new ApiError('Timeout', `no answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const abort = (): void => reject(signal?.reason as Error);
    signal?.addEventListener('abort', abort, { once: true });
    call.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    });
  });
}
