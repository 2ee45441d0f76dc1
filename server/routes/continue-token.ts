import { badRequest } from '../api-errors.js';
import { isStorableText } from '../schema/storable-text.js';

/** Where a list goes on, and of which version its first page was. */
export interface ListPosition {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: number;
}

const FORMAT = 2;

/** An opaque text for `metadata.continue`: the key after which the next page begins. */
export function encodeContinue({ namespace, name, resourceVersion }: ListPosition): string {
  const parts = [FORMAT, resourceVersion, namespace, name];
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
  const [format, version, namespace, name] = Array.isArray(parsed) ? (parsed as unknown[]) : [];
  const isOurs =
    format === FORMAT &&
    Number.isSafeInteger(version) &&
    [namespace, name].every((part) => typeof part === 'string' && isStorableText(part));
  if (!isOurs) throw badRequest('continue key is not valid');
  return {
    namespace: String(namespace),
    name: String(name),
    resourceVersion: Number(version),
  };
}
