import { ApiError } from '../../sdk/api/errors.js';
import { badRequest } from '../api-errors.js';
import { isStorableText } from '../schema/storable-text.js';

/** Where a list goes on. */
export interface ListPosition {
  readonly namespace: string;
  readonly name: string;
  /** Of the first page; NEWEST when that can no longer be had and the client goes on all the same. */
  readonly resourceVersion: number;
  /** How many there are from here on: it is not counted again. Absent: not known. */
  readonly left?: number;
}

/** In a token as Kubernetes has it: go on with things as they are. */
export const NEWEST = -1;

const FORMAT = 2;

/** An opaque text for `metadata.continue`: the key after which the next page begins. */
export function encodeContinue({ namespace, name, resourceVersion, left }: ListPosition): string {
  const parts = [FORMAT, resourceVersion, namespace, name, left];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** @throws ApiError BadRequest for a text that `encodeContinue` did not make. */
export function decodeContinue(token: string): ListPosition {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch (error) {
    throw badRequest('continue key is not valid', error);
  }
  const [format, version, namespace, name, left = null] = Array.isArray(parsed)
    ? (parsed as unknown[])
    : [];
  const isOurs =
    format === FORMAT &&
    Number.isSafeInteger(version) &&
    Number(version) >= NEWEST &&
    (left === null || (Number.isSafeInteger(left) && Number(left) > 0)) &&
    [namespace, name].every((part) => typeof part === 'string' && isStorableText(part));
  if (!isOurs) throw badRequest('continue key is not valid');
  return {
    namespace: String(namespace),
    name: String(name),
    resourceVersion: Number(version),
    ...(left !== null && { left: Number(left) }),
  };
}

/**
 * What a client is told, in Kubernetes' words, whose list is too old to go on: it may use the token in
 * the answer's metadata for a rest that is not of one version with what it has.
 */
export function continueExpired({ namespace, name }: ListPosition, cause: unknown): ApiError {
  return new ApiError(
    'Expired',
    'The provided continue parameter is too old to display a consistent list result. You can start a ' +
      'new list without the continue parameter, or use the continue token in this response to ' +
      'retrieve the remainder of the results. Continuing with the provided token results in an ' +
      'inconsistent list - objects that were created, modified, or deleted between the time the ' +
      'first chunk was returned and now may show up in the list.',
    { continue: encodeContinue({ namespace, name, resourceVersion: NEWEST }), cause },
  );
}
