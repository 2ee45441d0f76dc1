import { ApiError } from '../../sdk/api/errors.js';
import type { ApiObject } from '../../sdk/api/object.js';

/**
 * More than one request makes of an object: two of them do not add up to one that is too large to
 * serve. Twice that for objects on their way out, so that none is too large to be deleted.
 */
const MAX_OBJECT_CHARS = 8 * 1024 * 1024;

/** An object as JSON text in parts, so that it is served by joining strings and never parsed. */
export interface ObjectText {
  /** Every other top-level member without braces, `apiVersion` and `kind` first. Never empty. */
  readonly rest: string;
  /** `metadata` without `resourceVersion`. */
  readonly metadata: string;
  readonly spec: string | null;
  readonly status: string | null;
}

/**
 * Splits an object. `metadata.resourceVersion` is left out: the store alone sets it.
 *
 * @throws ApiError RequestEntityTooLarge for an object of more than 8 Mi characters.
 */
export function encodeObject(object: ApiObject): ObjectText {
  const { apiVersion, kind, metadata, spec, status, ...others } = object;
  const { resourceVersion: _set, ...plainMetadata } = metadata;
  const rest = JSON.stringify({ apiVersion, kind, ...others });
  const text = {
    rest: rest.slice(1, -1),
    metadata: JSON.stringify(plainMetadata),
    spec: spec === undefined ? null : JSON.stringify(spec),
    status: status === undefined ? null : JSON.stringify(status),
  };
  const limit = MAX_OBJECT_CHARS * (metadata.deletionTimestamp === undefined ? 1 : 2);
  if (sizeOfText(text) > limit) {
    throw new ApiError(
      'RequestEntityTooLarge',
      `Request entity too large: the object would have more than ${limit} characters`,
    );
  }
  return text;
}

/** In characters. */
export function sizeOfText({ rest, metadata, spec, status }: ObjectText): number {
  return metadata.length + rest.length + (spec?.length ?? 0) + (status?.length ?? 0);
}

/** The whole object as JSON text, at this version. */
export function joinObject(text: ObjectText, resourceVersion: number): string {
  return (
    `{${text.rest},"metadata":{"resourceVersion":"${resourceVersion}",${text.metadata.slice(1)}` +
    (text.spec === null ? '' : `,"spec":${text.spec}`) +
    (text.status === null ? '' : `,"status":${text.status}`) +
    '}'
  );
}
