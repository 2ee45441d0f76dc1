import type { IncomingMessage } from 'node:http';
import type { RevisionOrigin } from '../sdk/api/origin.js';
import type { RequestUser } from './request-user.js';

/** What a request says of itself, beside who makes it. */
export type RequestSource = Pick<RevisionOrigin, 'verb' | 'address' | 'userAgent' | 'traceparent'>;

const MAX_USER = 256;
const MAX_USER_AGENT = 200;
const MAX_ADDRESS = 64;
/** Control and format characters: they could rewrite the terminal on which an origin is read. */
const PLAIN = /^[ -~]*$/;
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}]/gu;
/** https://www.w3.org/TR/trace-context/#traceparent-header */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}$/;

/** True for what W3C Trace Context allows in the header. */
export function isTraceparent(text: unknown): text is string {
  return typeof text === 'string' && TRACEPARENT.test(text);
}

/** Where a request that asks for `verb` comes from. */
export function sourceOf(request: IncomingMessage, verb: string): RequestSource {
  const { 'user-agent': userAgent = '', traceparent } = request.headers;
  // Absent where requests come without a connection.
  const address = (request.socket as Partial<IncomingMessage['socket']> | undefined)?.remoteAddress;
  return {
    verb,
    ...(address !== undefined && { address: shortened(withoutPrefix(address), MAX_ADDRESS) }),
    ...(userAgent !== '' && { userAgent: shortened(userAgent, MAX_USER_AGENT) }),
    ...(isTraceparent(traceparent) && { traceparent }),
  };
}

/** What the log keeps of a write that this user makes. */
export function originOf(user: RequestUser): RevisionOrigin {
  const { name, impersonatedBy, source } = user;
  return {
    user: shortened(name, MAX_USER),
    ...(impersonatedBy !== undefined && { impersonatedBy: shortened(impersonatedBy, MAX_USER) }),
    ...source,
  };
}

/** An IPv4 address as such where the listener takes IPv6 too. */
function withoutPrefix(address: string): string {
  return address.startsWith('::ffff:') ? address.slice('::ffff:'.length) : address;
}

function shortened(text: string, maxLength: number): string {
  const short = text.slice(0, maxLength);
  return PLAIN.test(short) ? short : short.replace(UNPRINTABLE, '');
}
