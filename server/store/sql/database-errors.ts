import { ApiError } from '../../../sdk/api/errors.js';

/**
 * What a failed statement means. `serialization`: it was rolled back and may be sent again at once.
 * `connection`: the database was not reached, or the connection was lost. `exhausted`: the database
 * refused for want of something. `data`: these values cannot be stored. `other`: a fault of ours.
 */
export type DatabaseFault = 'serialization' | 'connection' | 'exhausted' | 'data' | 'other';

const SERIALIZATION = new Set(['40001', '40P01']);
const SOCKET_CODES = /^(ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|EACCES)/;
const CONNECTION_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|connection error|timeout expired/i;

export function faultOf(error: unknown): DatabaseFault {
  const code = codeOf(error);
  if (SERIALIZATION.has(code)) return 'serialization';
  if (isConnectionCode(code)) return 'connection';
  if (/^53|^57014$|^58/.test(code)) return 'exhausted';
  if (/^(22|23|54)/.test(code)) return 'data';
  if (error instanceof Error && CONNECTION_MESSAGES.test(error.message)) return 'connection';
  return 'other';
}

/** SQLSTATE or Node's error code; '' when it has none. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}

/** What a caller of the store gets. `what` names the statement, `sent` says whether it left here. */
export function toStoreError(error: unknown, what: string, sent = true): Error {
  if (error instanceof ApiError) return error;
  const fault = faultOf(error);
  if (codeOf(error) === '53100') {
    return unavailable(
      'the disk of the database is full: nothing can be written until space is freed there',
      error,
    );
  }
  if (fault === 'connection') {
    return unavailable(
      sent
        ? 'the connection to the database was lost; a write may or may not have happened'
        : 'the database cannot be reached; nothing was written',
      error,
    );
  }
  if (fault === 'serialization' || fault === 'exhausted') {
    return unavailable('the database is too busy; nothing was written', error);
  }
  return new Error(`cannot execute the statement ${what}`, { cause: error });
}

function unavailable(message: string, cause: unknown): ApiError {
  return new ApiError('ServiceUnavailable', message, { details: { retryAfterSeconds: 1 }, cause });
}

function isConnectionCode(code: string): boolean {
  // 57P01-57P03: shut down, crashed, starting up. 53300: no connection is left.
  return /^08|^57P0|^53300$/.test(code) || SOCKET_CODES.test(code);
}
