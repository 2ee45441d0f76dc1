import type { FieldError } from '../api-errors.js';
import { badRequest, forbiddenField, unsupportedValue } from '../api-errors.js';
import type { ListVersion } from '../resource/list-at.js';
import type { ListOptions } from '../store/object-store.js';
import type { ListPosition } from './continue-token.js';
import { decodeContinue, NEWEST } from './continue-token.js';
import { assertNoFaults, isSet, resourceVersion, wholeNumber } from './request-options.js';

/** A list request's page, and of which version it must be. */
export interface ListRequest {
  readonly page: Pick<ListOptions, 'limit' | 'after' | 'left'>;
  readonly version: ListVersion;
  /** Set for all pages but the first. */
  readonly position?: ListPosition;
}

/**
 * The page that a list request asks for and its version, by Kubernetes' rules.
 *
 * @throws ApiError Invalid or BadRequest for options that cannot be read or contradict each other.
 */
export function listRequest(query: URLSearchParams): ListRequest {
  const limit = wholeNumber(query, 'limit') ?? 0;
  // A list takes as long as it takes; what cannot be read is refused all the same.
  wholeNumber(query, 'timeoutSeconds');
  const match = query.get('resourceVersionMatch') ?? '';
  const version = resourceVersion(query);
  const token = query.get('continue') ?? '';
  assertListOptions(query, match);
  const page = limit > 0 ? { limit } : {};
  if (token === '') {
    if (version === undefined || version === 0) return { page, version: { type: 'newest' } };
    // A limit alone makes a list exact, a rule from before there was a resourceVersionMatch.
    const isExact = match === 'Exact' || (match === '' && limit > 0);
    return { page, version: { type: isExact ? 'exact' : 'notOlderThan', version } };
  }
  const position = decodeContinue(token);
  if (version !== undefined && version > 0) {
    throw badRequest('specifying resource version is not allowed when using continue');
  }
  const { namespace, name, resourceVersion: began, left } = position;
  return {
    page: { ...page, after: { namespace, name }, ...(left !== undefined && { left }) },
    version: began === NEWEST ? { type: 'newest' } : { type: 'exact', version: began },
    position,
  };
}

function assertListOptions(query: URLSearchParams, match: string): void {
  const faults: FieldError[] = [];
  const forbid = (field: string, text: string): void =>
    void faults.push(forbiddenField(field, text));
  const field = 'resourceVersionMatch';
  const version = query.get('resourceVersion') ?? '';
  if (match !== '') {
    if (version === '') forbid(field, `${field} is forbidden unless resourceVersion is provided`);
    if (query.has('continue')) forbid(field, `${field} is forbidden when continue is provided`);
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      faults.push(unsupportedValue(field, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && version === '0') {
      forbid(field, `${field} "exact" is forbidden for resourceVersion "0"`);
    }
  }
  if (query.has('sendInitialEvents')) {
    forbid('sendInitialEvents', 'sendInitialEvents is forbidden for list');
  }
  assertNoFaults('ListOptions', faults);
}

/** What a watch request asks for beside its selection. */
export interface WatchRequest {
  /** 0: any, which is what is there now. */
  readonly version: number;
  /** 0: as long as the server likes. */
  readonly timeoutMs: number;
  readonly wantsBookmarks: boolean;
  /** Absent: by the version. */
  readonly sendInitialEvents: boolean | undefined;
}

/**
 * The options of a watch, by Kubernetes' rules.
 *
 * @throws ApiError Invalid or BadRequest for options that cannot be read or contradict each other.
 */
export function watchRequest(query: URLSearchParams): WatchRequest {
  const match = query.get('resourceVersionMatch') ?? '';
  const sendsInitial = query.has('sendInitialEvents');
  const faults: FieldError[] = [];
  const forbid = (text: string): void =>
    void faults.push(forbiddenField('resourceVersionMatch', text));
  if (sendsInitial && match !== 'NotOlderThan') {
    forbid('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  }
  if (match !== '') {
    if (!sendsInitial) {
      forbid('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
    }
    if (match !== 'NotOlderThan') {
      faults.push(unsupportedValue('resourceVersionMatch', match, ['NotOlderThan']));
    }
    if (query.has('continue')) {
      forbid('resourceVersionMatch is forbidden when continue is provided');
    }
  }
  assertNoFaults('ListOptions', faults);
  return {
    version: resourceVersion(query) ?? 0,
    timeoutMs: (wholeNumber(query, 'timeoutSeconds') ?? 0) * 1000,
    wantsBookmarks: isSet(query, 'allowWatchBookmarks'),
    sendInitialEvents: sendsInitial ? isSet(query, 'sendInitialEvents') : undefined,
  };
}
