import { ApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';

/** Names an object in an error: by name, or by uid where only that is known. */
export interface ErrorSubject {
  readonly kind: KindDefinition;
  readonly name?: string;
  readonly uid?: string;
}

export function alreadyExists(subject: ErrorSubject): ApiError {
  return new ApiError('AlreadyExists', `${label(subject)} already exists`, details(subject));
}

export function notFound(subject: ErrorSubject): ApiError {
  return new ApiError('NotFound', `${label(subject)} not found`, details(subject));
}

/** In the words of Kubernetes, which clients know. */
export function conflict(subject: ErrorSubject): ApiError {
  return new ApiError(
    'Conflict',
    `Operation cannot be fulfilled on ${label(subject)}: the object has been modified; ` +
      'please apply your changes to the latest version and try again',
    details(subject),
  );
}

export function referenced(subject: ErrorSubject): ApiError {
  return new ApiError(
    'Conflict',
    `Operation cannot be fulfilled on ${label(subject)}: it is still used by other objects`,
    details(subject),
  );
}

/** In the words of Kubernetes: the client lists again and watches from there. */
export function expired(version: number, oldest: number): ApiError {
  return new ApiError('Expired', `too old resource version: ${version} (${oldest})`);
}

/** Kubernetes' words for a version that is yet to come; clients retry on the cause. */
export function tooLargeVersion(version: number, current: number): ApiError {
  const message = `Timeout: Too large resource version: ${version}, current: ${current}`;
  return new ApiError('Timeout', message, {
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  });
}

export function unknownField(
  kind: KindDefinition,
  path: string,
  known: readonly string[],
): ApiError {
  return new ApiError(
    'BadRequest',
    `field label not supported: ${path}; ${resourceName(kind)} can be selected by ${known.join(', ')}`,
  );
}

/** A programming error: the layer above gives every object its uid before it comes here. */
export function uidOf(object: { kind: string; metadata: { name: string; uid?: string } }): string {
  const { uid } = object.metadata;
  if (uid === undefined || uid === '') {
    throw new Error(
      `cannot store ${object.kind} "${object.metadata.name}": it has no metadata.uid`,
    );
  }
  return uid;
}

function label({ kind, name, uid }: ErrorSubject): string {
  return `${resourceName(kind)} "${name ?? uid ?? ''}"`;
}

function details({ kind, name, uid }: ErrorSubject) {
  return {
    details: {
      group: kind.group,
      kind: kind.plural,
      ...(name !== undefined && { name }),
      ...(uid !== undefined && { uid }),
    },
  };
}
