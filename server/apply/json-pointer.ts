import { ApiError } from '../../sdk/api/errors.js';

/**
 * The tokens of an RFC 6901 JSON pointer; none for '', the whole document. A "~" that begins no escape
 * stands for itself, as in Kubernetes. Throws ApiError BadRequest for what is no pointer and for the
 * name '__proto__', which no field has; `where` begins the message.
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
      const name = token.replaceAll('~1', '/').replaceAll('~0', '~');
      if (name === '__proto__') {
        throw new ApiError('BadRequest', `${where}: no field can be named "__proto__"`);
      }
      return name;
    });
}
