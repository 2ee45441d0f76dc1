import type { IncomingHttpHeaders } from 'node:http';
import type { RequestUser } from '../request-user.js';

/** Establishes who calls, from the headers alone: it runs before any byte of a body is read. */
export interface Authenticator {
  /** The user, or undefined when the credential is missing or wrong. */
  authenticate(headers: IncomingHttpHeaders): RequestUser | undefined;
}
