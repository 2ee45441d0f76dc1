import type { IncomingMessage } from 'node:http';
import type { AttemptRef } from '../sdk/api/work.js';
import type { RequestSource } from './request-origin.js';

/** Who makes a request, as the authenticator established it. */
export interface RequestUser {
  readonly name: string;
  readonly groups: readonly string[];
  /** A reconciler's request: the attempt that it is part of. */
  readonly attempt?: AttemptRef;
  /** The caller, when the request is made in the name of somebody else. */
  readonly impersonatedBy?: string;
  /** Set for requests that write. */
  readonly source?: RequestSource;
}

/** Reads of health and version need no credential; they are made in this name. */
export const ANONYMOUS: RequestUser = Object.freeze({
  name: 'system:anonymous',
  groups: Object.freeze(['system:unauthenticated']),
});

/** The server itself, as it writes in the background; `part` says which of its parts does. */
export function serverUser(part: string): RequestUser {
  return Object.freeze({
    name: 'system:apiserver',
    groups: Object.freeze(['system:masters']),
    source: Object.freeze({ userAgent: part }),
  });
}

const users = new WeakMap<IncomingMessage, RequestUser>();

/** Notes who makes a request, for routes further down. */
export function setUserOf(request: IncomingMessage, user: RequestUser): void {
  users.set(request, user);
}

/** Who makes this request: set before any route runs. */
export function userOf(request: IncomingMessage): RequestUser {
  return users.get(request) ?? ANONYMOUS;
}
