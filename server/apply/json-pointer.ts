import { ApiError } from '../../sdk/api/errors.js';

/**
 * The tokens of an RFC 6901 JSON pointer; none for '', the whole document. Throws ApiError
 * BadRequest for what is no pointer and for the name '__proto__', which no field has; `where`
 * begins the message.
 */
export function parseJsonPointer(pointer: string, where: string): string[] {
  if (pointer === '') return [];
  if (!pointer.startsWith('/')) {
    throw new ApiError('BadRequest', `${where}: the path must be empty or start with "/"`);
  }
  return pointer
    .slice(1)
    .split('/')
    .map((token) => {
      if (/~(?![01])/.test(token)) {
        throw new ApiError('BadRequest', `${where}: "~" in a path must be written "~0", "/" "~1"`);
      }
      const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
      if (name === '__proto__') {
        throw new ApiError('BadRequest', `${where}: no field can be named "__proto__"`);
      }
      return name;
    });
}
