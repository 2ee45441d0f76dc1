import type { IncomingHttpHeaders } from 'node:http';
import { ATTEMPT_HEADER, parseAttempt } from '../../sdk/api/work.js';
import { badRequest } from '../api-errors.js';
import type { RequestUser } from '../request-user.js';

const RECONCILERS = 'threeport:reconcilers';

/**
 * The user, with the attempt that a reconciler says its request is part of.
 *
 * @throws ApiError BadRequest when a reconciler's header names no attempt.
 */
export function withAttempt(user: RequestUser, headers: IncomingHttpHeaders): RequestUser {
  const text = headers[ATTEMPT_HEADER];
  if (typeof text !== 'string' || !user.groups.includes(RECONCILERS)) return user;
  const attempt = parseAttempt(text);
  if (attempt === undefined) throw badRequest(`${ATTEMPT_HEADER}: want <uid>/<fence>`);
  return { ...user, attempt };
}
