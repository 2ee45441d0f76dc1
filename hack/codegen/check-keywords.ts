import type { SchemaNode } from './load-schemas.js';

const FIELD_KEYWORDS = [
  'x-ref',
  'x-indexed',
  'x-immutable',
  'x-sensitive',
  'x-list-type',
  'x-list-map-keys',
  'x-map-type',
  'x-validations',
  'x-output',
];
const KUBERNETES_PREFIX = 'x-kubernetes-';
const NODE_KEYWORDS = ['items', 'additionalProperties', 'not'];
const LIST_KEYWORDS = ['allOf', 'anyOf', 'oneOf'];

/**
 * Refuses every `x-…` keyword at or below a node that nobody reads; `$ref` is not followed.
 *
 * @throws Error naming the keyword, the field's path below `path` and the keywords that are known.
 */
export function checkKeywords(node: SchemaNode, path: string): void {
  for (const [keyword, value] of Object.entries(node)) {
    if (keyword === 'properties') {
      for (const [name, property] of Object.entries((value ?? {}) as object)) {
        checkValue(property, path === '' ? name : `${path}.${name}`);
      }
    } else if (NODE_KEYWORDS.includes(keyword)) {
      checkValue(value, `${path}${keyword === 'items' ? '[]' : keyword === 'not' ? '' : '.*'}`);
    } else if (LIST_KEYWORDS.includes(keyword) && Array.isArray(value)) {
      for (const part of value) checkValue(part, path);
    } else if (!isKnown(keyword)) {
      throw new Error(
        `${keyword} on ${path === '' ? 'the root' : path} is not known; known are ${FIELD_KEYWORDS.join(', ')} and ${KUBERNETES_PREFIX}*`,
      );
    }
  }
}

function checkValue(value: unknown, path: string): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    checkKeywords(value as SchemaNode, path);
  }
}

function isKnown(keyword: string): boolean {
  return (
    !keyword.startsWith('x-') ||
    keyword.startsWith(KUBERNETES_PREFIX) ||
    FIELD_KEYWORDS.includes(keyword)
  );
}
