import { ApiError } from '../../sdk/api/errors.js';

/** No document is nested deeper. */
const MAX_TOKENS = 100;

/**
 * The tokens of an RFC 6901 JSON pointer; none for '', the whole document. A "~" that begins no escape
 * stands for itself, as in Kubernetes. Throws ApiError BadRequest for what is no pointer, for more than 100 tokens and for the
 * name '__proto__', which no field has; `where` begins the message.
 */
export function parseJsonPointer(pointer: string, where: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) {
    throw new ApiError('BadRequest', `${where}: the path must be empty or start with "/"`);
  }
  const tokens = pointer.slice(1).split('/', MAX_TOKENS + 1);
  if (tokens.length > MAX_TOKENS) {
    throw new ApiError('BadRequest', `${where}: the path has more than ${MAX_TOKENS} steps`);
  }
  return tokens.map((token) => {
    const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
    if (name === '__proto__') {
      throw new ApiError('BadRequest', `${where}: no field can be named "__proto__"`);
    }
    return name;
  });
}
