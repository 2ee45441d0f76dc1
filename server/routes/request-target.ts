import { badRequest } from '../api-errors.js';

/** What one reader takes for part of a path and another for its end, or for a slash. */
const AMBIGUOUS = /#|^[^?]*[^\x21-\x5b\x5d-\x7e?]/;
const SCHEME_AND_HOST = /^https?:\/\/[^/?#]*/i;

/**
 * The target of a request as path and query, so that all who look at it see the same: the form with
 * scheme and host, which HTTP allows, becomes the short one.
 *
 * @throws ApiError BadRequest for a target that is no path, or that could be read in two ways.
 */
export function requestTarget(url: string): string {
  const target = url.startsWith('/') ? url : url.replace(SCHEME_AND_HOST, '');
  if (target.startsWith('/') && !AMBIGUOUS.test(target)) return target;
  throw badRequest(
    'the target of the request must be a path, percent-encoded where it needs to be',
  );
}
