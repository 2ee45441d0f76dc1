import type { IncomingMessage } from 'node:http';
import type { AttemptRef } from '../sdk/api/work.js';

/** Who makes a request, as the authenticator established it. */
export interface RequestUser {
  readonly name: string;
  readonly groups: readonly string[];
  /** A reconciler's request: the attempt that it is part of. */
  readonly attempt?: AttemptRef;
}

/** Reads of health and version need no credential; they are made in this name. */
export const ANONYMOUS: RequestUser = Object.freeze({
  name: 'system:anonymous',
  groups: Object.freeze(['system:unauthenticated']),
});

/** The server's own background work (garbage collection, namespaces) writes in this name. */
export const SERVER_USER: RequestUser = Object.freeze({
  name: 'system:apiserver',
  groups: Object.freeze(['system:masters']),
});

const users = new WeakMap<IncomingMessage, RequestUser>();

/** Notes who makes a request, for routes further down. */
export function setUserOf(request: IncomingMessage, user: RequestUser): void {
  users.set(request, user);
}

/** Who makes this request: set before any route runs. */
export function userOf(request: IncomingMessage): RequestUser {
  return users.get(request) ?? ANONYMOUS;
}
