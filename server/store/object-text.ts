import type { ApiObject } from '../../sdk/api/object.js';

/** An object as JSON text in parts, so that it is served by joining strings and never parsed. */
export interface ObjectText {
  /** Every other top-level member without braces, `apiVersion` and `kind` first. Never empty. */
  readonly rest: string;
  /** `metadata` without `resourceVersion`. */
  readonly metadata: string;
  readonly spec: string | null;
  readonly status: string | null;
}

/** Splits an object. `metadata.resourceVersion` is left out: the store alone sets it. */
export function encodeObject(object: ApiObject): ObjectText {
  const { apiVersion, kind, metadata, spec, status, ...others } = object;
  const { resourceVersion: _set, ...plainMetadata } = metadata;
  const rest = JSON.stringify({ apiVersion, kind, ...others });
  return {
    rest: rest.slice(1, -1),
    metadata: JSON.stringify(plainMetadata),
    spec: spec === undefined ? null : JSON.stringify(spec),
    status: status === undefined ? null : JSON.stringify(status),
  };
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
