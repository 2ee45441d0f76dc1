/**
 * Why an API call failed: Kubernetes' `Status.reason` values, a closed set. `statusCodeOf` is the
 * one place that maps them to HTTP.
 */
export type ErrorReason =
  | 'BadRequest'
  | 'Unauthorized'
  | 'Forbidden'
  | 'NotFound'
  | 'MethodNotAllowed'
  | 'NotAcceptable'
  | 'AlreadyExists'
  | 'Conflict'
  | 'Expired'
  | 'RequestEntityTooLarge'
  | 'UnsupportedMediaType'
  | 'Invalid'
  | 'TooManyRequests'
  | 'InternalError'
  | 'ServiceUnavailable'
  | 'Timeout';

const STATUS_CODES: Readonly<Record<ErrorReason, number>> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
};

/** One field's fault. `field` is a path such as `spec.ports[0].name`. */
export interface StatusCause {
  reason?: string;
  message: string;
  field?: string;
}

export interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  uid?: string;
  causes?: StatusCause[];
  retryAfterSeconds?: number;
}

/** Kubernetes' `Status` object: the body of every failed call. */
export interface StatusObject {
  kind: 'Status';
  apiVersion: 'v1';
  metadata: Record<string, unknown>;
  status: 'Success' | 'Failure';
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code: number;
}

/**
 * The one error that crosses an API boundary, in both directions. `message` is public: it is sent
 * to the caller as it is and must not hold a secret; whatever is only for the log goes in `cause`.
 */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly reason: ErrorReason;
  readonly details: StatusDetails | undefined;
  /** `metadata.continue`: how to go on with a list that failed. */
  readonly continue: string | undefined;

  constructor(
    reason: ErrorReason,
    message: string,
    options: { details?: StatusDetails; continue?: string; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.details = options.details;
    this.continue = options.continue;
  }
}

export function statusCodeOf(reason: ErrorReason): number {
  return STATUS_CODES[reason];
}

export function isApiError(error: unknown, reason?: ErrorReason): error is ApiError {
  return error instanceof ApiError && (reason === undefined || error.reason === reason);
}

export function isNotFound(error: unknown): boolean {
  return isApiError(error, 'NotFound');
}

export function isAlreadyExists(error: unknown): boolean {
  return isApiError(error, 'AlreadyExists');
}

export function isConflict(error: unknown): boolean {
  return isApiError(error, 'Conflict');
}

/** What an error quotes may be as large as a request; nobody reads that, everybody would carry it. */
const MAX_MESSAGE_CHARS = 32_768;
const MAX_NAME_CHARS = 1_024;

/** The text, or its beginning and an ellipsis. */
export function shortened(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : `${text.slice(0, maxChars)}…`;
}

/**
 * The body that says this error, some 100 kB at most. Unknown errors become a bare InternalError:
 * nothing leaks.
 */
export function toStatus(error: unknown): StatusObject {
  const apiError = isApiError(error)
    ? error
    : new ApiError('InternalError', 'internal error; the log of the server has the cause');
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: apiError.continue === undefined ? {} : { continue: apiError.continue },
    status: 'Failure',
    message: shortened(apiError.message, MAX_MESSAGE_CHARS),
    reason: apiError.reason,
    ...(apiError.details !== undefined && { details: shortDetails(apiError.details) }),
    code: statusCodeOf(apiError.reason),
  };
}

function shortDetails(details: StatusDetails): StatusDetails {
  const { name } = details;
  return name === undefined ? details : { ...details, name: shortened(name, MAX_NAME_CHARS) };
}

/**
 * The error that an answer says. A body that is no `Status` (a proxy's page, say) becomes an error
 * with the reason of its status code and the first 200 characters of the body.
 */
export function fromStatus(statusCode: number, body: unknown): ApiError {
  const status = typeof body === 'object' && body !== null ? (body as Partial<StatusObject>) : {};
  const reason =
    status.reason !== undefined && status.reason in STATUS_CODES
      ? (status.reason as ErrorReason)
      : reasonOfCode(statusCode);
  const message =
    status.message ??
    `the server answered ${statusCode}${typeof body === 'string' && body !== '' ? `: ${body.slice(0, 200)}` : ''}`;
  return new ApiError(
    reason,
    message,
    status.details === undefined ? {} : { details: status.details },
  );
}

function reasonOfCode(code: number): ErrorReason {
  if (code === 409) return 'Conflict';
  const exact = (Object.keys(STATUS_CODES) as ErrorReason[]).find(
    (reason) => STATUS_CODES[reason] === code,
  );
  if (exact !== undefined) return exact;
  return code >= 500 ? 'InternalError' : 'BadRequest';
}
