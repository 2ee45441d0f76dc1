import { isNotFound } from '../api/errors.js';
import type { ApiObject, StoredApiObject } from '../api/object.js';

/** `default/web`, or `web` where there is no namespace. */
export function nameOf(key: { readonly namespace?: string; readonly name: string }): string {
  return key.namespace === undefined || key.namespace === ''
    ? key.name
    : `${key.namespace}/${key.name}`;
}

/** `apps/v1 Deployment default/web`. */
export function describeRef(ref: {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}): string {
  return `${ref.apiVersion} ${ref.kind} ${nameOf(ref)}`;
}

export function describeObject({ apiVersion, kind, metadata }: ApiObject): string {
  return `${apiVersion} ${kind} ${nameOf(metadata)}`;
}

/**
 * What a dry run says; where it cannot say, since the namespace or the kind would have come just
 * before: the object as it is wanted, new and without an identity.
 */
export async function asIfNew<O extends ApiObject>(
  object: O,
  dryRun: Promise<O & StoredApiObject>,
): Promise<O & StoredApiObject> {
  try {
    return await dryRun;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const unknown = { uid: '', resourceVersion: '', generation: 1 };
    return { ...object, metadata: { ...object.metadata, ...unknown } } as O & StoredApiObject;
  }
}
