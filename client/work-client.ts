import type {
  ClaimRequest,
  ClaimResponse,
  CompleteRequest,
  CompleteResponse,
  ReadRequest,
  ReadResponse,
  RenewRequest,
  RenewResponse,
  ReportRequest,
  ReportResponse,
} from '../sdk/api/work.js';
import type { Transport } from './transport.js';
import { decodeFailure } from './transport.js';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Default: the client's. */
  readonly timeoutMs?: number;
}

/**
 * The worker's and the agent's calls, `/threeport/v1/`. A call whose connection fails
 * is made again: a repeated completion is `fenced`, a claim whose answer was lost waits for its
 * lease to end.
 */
export interface WorkClient {
  claim(request: ClaimRequest, options?: CallOptions): Promise<ClaimResponse>;
  complete(request: CompleteRequest, options?: CallOptions): Promise<CompleteResponse>;
  renew(request: RenewRequest, options?: CallOptions): Promise<RenewResponse>;
  read(request: ReadRequest, options?: CallOptions): Promise<ReadResponse>;
  report(request: ReportRequest, options?: CallOptions): Promise<ReportResponse>;
}

export function createWorkClient(transport: Transport): WorkClient {
  async function post<T>(path: string, body: unknown, options: CallOptions = {}): Promise<T> {
    const answer = await transport.send({
      method: 'POST',
      path,
      body,
      idempotent: true,
      ...options,
    });
    if (answer.statusCode >= 300) throw decodeFailure(answer.statusCode, answer.text);
    return JSON.parse(answer.text) as T;
  }
  return {
    claim: (request, options) => post('/threeport/v1/claim', request, options),
    complete: (request, options) => post('/threeport/v1/complete', request, options),
    renew: (request, options) => post('/threeport/v1/renew', request, options),
    read: (request, options) => post('/threeport/v1/read', request, options),
    report: (request, options) => post('/threeport/v1/report', request, options),
  };
}
