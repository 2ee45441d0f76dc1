import { badRequest } from '../api-errors.js';

export interface ListPosition {
  readonly namespace: string;
  readonly name: string;
}

const VERSION = 1;

/** An opaque text for `metadata.continue`: the key after which the next page begins. */
export function encodeContinue({ namespace, name }: ListPosition): string {
  return Buffer.from(JSON.stringify([VERSION, namespace, name])).toString('base64url');
}

/** @throws ApiError BadRequest for a text that `encodeContinue` did not make. */
export function decodeContinue(token: string): ListPosition {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch (error) {
    throw badRequest('continue key is not valid', error);
  }
  const [version, namespace, name] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
  if (version !== VERSION || typeof namespace !== 'string' || typeof name !== 'string') {
    throw badRequest('continue key is not valid');
  }
  return { namespace, name };
}
