import type { RequestListener } from 'node:http';
import inject from 'light-my-request';
import type { Transport, TransportResponse } from '../../client/transport.js';
import { ApiError } from '../../sdk/api/errors.js';
import type { Network } from '../kernel/network.js';
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
  readonly endpoint: () => Endpoint | undefined;
  readonly token: string;
}): Transport {
  const { network, endpoint, token } = options;
  return {
    server: 'sim://server',
    async send(request) {
      const { method, path, query = {}, headers, body, signal } = request;
      signal?.throwIfAborted();
      const to = endpoint();
      if (to === undefined) throw new ApiError('ServiceUnavailable', 'no server is there');
      const pairs = Object.entries(query).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, String(value)] as [string, string]],
      );
      const payload = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
      const call = network.call(to.process, `${method} ${path}`, async () => {
        const answer = await inject(to.handle, {
          method,
          url: pairs.length === 0 ? path : `${path}?${new URLSearchParams(pairs)}`,
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${token}`,
            ...(payload !== undefined && { 'content-type': 'application/json' }),
            ...headers,
          },
          ...(payload !== undefined && { payload }),
        });
        return { statusCode: answer.statusCode, headers: answer.headers, text: answer.payload };
      });
      try {
        return (await withLimit(
          call,
          request.timeoutMs ?? TIMEOUT_MS,
          signal,
        )) as TransportResponse;
      } catch (error) {
        if (signal?.aborted === true) throw signal.reason;
        if (error instanceof ApiError) throw error;
        throw new ApiError('ServiceUnavailable', 'cannot reach the server', { cause: error });
      }
    },
    stream: () => Promise.reject(new Error('watches are not simulated')),
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
