import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { ErrorReason } from '../sdk/api/errors.js';
import { ApiError } from '../sdk/api/errors.js';
import { sendError } from '../server/routes/response.js';

/**
 * How a request fails:
 *
 * - `refuse`: answered with this reason, and nothing is done; what Kubernetes says of it, unless
 *   `message` says something else
 * - `reset`: the connection is cut, and nothing is done
 * - `reset-after`: it takes effect, and the connection is cut before the answer
 * - `truncate`: it takes effect, and the answer is cut in half
 * - `hang`: it is never answered, and nothing is done
 * - `slow`: it is begun after `delayMs`
 * - `silence`: of a watch, nothing is sent any more; those that are open fall silent too
 */
export interface RequestFault {
  readonly action: 'refuse' | 'reset' | 'reset-after' | 'truncate' | 'hang' | 'slow' | 'silence';
  /** Absent: all. */
  readonly methods?: readonly string[];
  /** A part of path and query, such as `/configmaps` or `watch=true`. Absent: any. */
  readonly path?: string;
  /** So many requests fail. Absent: all until the faults are set anew. */
  readonly times?: number;
  /** For `refuse`. Default InternalError. */
  readonly reason?: ErrorReason;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
  /** For `slow`. Default 1,000. */
  readonly delayMs?: number;
}

const WORDS: Partial<Record<ErrorReason, string>> = {
  Unauthorized: 'Unauthorized',
  TooManyRequests: 'the server has received too many requests and has asked us to try again later',
  InternalError: 'Internal error occurred: etcdserver: request timed out',
  ServiceUnavailable: 'the server is currently unable to handle the request',
  Expired: 'too old resource version',
};

/** Failures on purpose of the requests to a simulated cluster. The first fault that fits is taken. */
export class RequestFaults {
  #faults: { readonly fault: RequestFault; left: number }[] = [];

  /** From now on these, instead of those before. */
  set(faults: readonly RequestFault[]): void {
    this.#faults = faults.map((fault) => ({ fault, left: fault.times ?? Infinity }));
  }

  get(): readonly RequestFault[] {
    return this.#faults.filter(({ left }) => left > 0).map(({ fault }) => fault);
  }

  /** The same answers but for the faults. */
  around(handle: RequestListener): RequestListener {
    return (request, response) => {
      if (isWatch(request)) this.#silenceInTime(request, response);
      const fault = this.#take(request, 'silence');
      if (fault === undefined) handle(request, response);
      else fail(fault, request, response, () => handle(request, response));
    };
  }

  #take(request: IncomingMessage, except: RequestFault['action']): RequestFault | undefined {
    const entry = this.#faults.find(
      ({ fault, left }) => left > 0 && fault.action !== except && fits(fault, request),
    );
    if (entry !== undefined) entry.left -= 1;
    return entry?.fault;
  }

  #silenceInTime(request: IncomingMessage, response: ServerResponse): void {
    const write = response.write.bind(response) as ServerResponse['write'];
    const isSilent = (): boolean =>
      this.#faults.some(({ fault }) => fault.action === 'silence' && fits(fault, request));
    response.write = ((...args: Parameters<ServerResponse['write']>) =>
      isSilent() ? true : write(...args)) as ServerResponse['write'];
  }
}

function fail(
  fault: RequestFault,
  request: IncomingMessage,
  response: ServerResponse,
  answer: () => void,
): void {
  switch (fault.action) {
    case 'refuse':
      return sendError(request, response, refusal(fault));
    case 'reset':
      return void request.socket.destroy();
    case 'reset-after':
      response.end = () => {
        request.socket.destroy();
        return response;
      };
      return answer();
    case 'truncate':
      truncate(response);
      return answer();
    case 'slow': {
      const timer = setTimeout(answer, fault.delayMs ?? 1_000);
      return void response.once('close', () => clearTimeout(timer));
    }
    case 'hang':
    case 'silence':
      return undefined;
  }
}

function refusal({ reason = 'InternalError', message, retryAfterSeconds }: RequestFault): ApiError {
  return new ApiError(reason, message ?? WORDS[reason] ?? reason, {
    ...(retryAfterSeconds !== undefined && { details: { retryAfterSeconds } }),
  });
}

/** Half of the content in an answer that is well-formed HTTP. */
function truncate(response: ServerResponse): void {
  const end = response.end.bind(response) as (content?: Buffer) => ServerResponse;
  const writeHead = response.writeHead.bind(response) as (
    statusCode: number,
    headers?: Record<string, unknown>,
  ) => ServerResponse;
  response.writeHead = ((statusCode: number, headers: Record<string, unknown> = {}) => {
    const { 'Content-Length': _length, ...others } = headers;
    return writeHead(statusCode, others);
  }) as ServerResponse['writeHead'];
  response.end = ((content?: string | Buffer) => {
    const bytes = Buffer.from(content ?? '');
    return end(bytes.subarray(0, bytes.length / 2));
  }) as ServerResponse['end'];
}

function isWatch({ url = '' }: IncomingMessage): boolean {
  return url.includes('watch=true') || url.includes('watch=1');
}

function fits(
  { methods, path }: RequestFault,
  { method = '', url = '' }: IncomingMessage,
): boolean {
  return (methods?.includes(method) ?? true) && (path === undefined || url.includes(path));
}
