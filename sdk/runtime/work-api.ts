import type {
  ClaimRequest,
  ClaimResponse,
  CompleteRequest,
  CompleteResponse,
  RenewRequest,
  RenewResponse,
} from '../api/work.js';

/**
 * The worker protocol as the runtime calls it; `Client` is one. Every call ends within its time
 * limit, with ApiError when it failed.
 */
export interface WorkApi {
  claim(request: ClaimRequest, options?: WorkCallOptions): Promise<ClaimResponse>;
  complete(request: CompleteRequest, options?: WorkCallOptions): Promise<CompleteResponse>;
  renew(request: RenewRequest, options?: WorkCallOptions): Promise<RenewResponse>;
}

export interface WorkCallOptions {
  readonly timeoutMs?: number;
}
