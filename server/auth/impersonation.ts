import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../../sdk/api/errors.js';
import { badRequest } from '../api-errors.js';
import type { RequestUser } from '../request-user.js';
import type { AccessVerb, Authorizer } from './authorizer.js';

const PREFIX = 'impersonate-';

/**
 * The user in whose name a request is made: the caller, or whom its `Impersonate-User` and
 * `Impersonate-Group` headers name (`kubectl --as`). Only who may do everything may be somebody else.
 *
 * @throws ApiError Forbidden for anybody else; BadRequest when groups come without a user.
 */
export async function actingUser(
  caller: RequestUser,
  headers: IncomingHttpHeaders,
  authorizer: Authorizer,
): Promise<RequestUser> {
  if (!Object.keys(headers).some((name) => name.startsWith(PREFIX))) return caller;
  const name = headers[`${PREFIX}user`];
  if (typeof name !== 'string' || name === '') {
    throw badRequest('requested impersonation without naming a user in Impersonate-User');
  }
  const verb = 'impersonate' as AccessVerb;
  const place = { path: '', subresource: '', namespace: '', name };
  if (!(await authorizer.isAllowed({ user: caller, verb, ...place }))) {
    throw new ApiError(
      'Forbidden',
      `users "${name}" is forbidden: User "${caller.name}" cannot impersonate resource "users" in API group "" at the cluster scope`,
      { details: { name, kind: 'users' } },
    );
  }
  // Node joins what comes more than once with commas, which no name of a group has.
  const groups = String(headers[`${PREFIX}group`] ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '');
  return { name, groups: [...groups, 'system:authenticated'], impersonatedBy: caller.name };
}
