import { ApiError } from '../../sdk/api/errors.js';
import { EMPTY_FIELD_SET, fieldSet, SELF_FIELD_SET, withSelf, type FieldSet } from './field-set.js';
import { isJsonObject } from './json-object.js';
import { fieldElement, formatPath, itemElement, missingItemKey } from './path-element.js';
import type { SchemaNode } from './schema-walk.js';

/**
 * The fields that somebody who applies `value` says something about: leaves, list items and keys of
 * free-form maps. Fields that the schema names and that hold other fields are not members
 * themselves: several managers fill them together.
 *
 * Throws ApiError Invalid for an item of a list-map that lacks a key and for two items of one list
 * with the same key or value. `subject` begins the message.
 */
export function fieldsOfObject(value: unknown, node: SchemaNode, subject: string): FieldSet {
  return fieldsOf(value, node, [], subject);
}

function fieldsOf(value: unknown, node: SchemaNode, path: string[], subject: string): FieldSet {
  if (Array.isArray(value)) {
    return node.listType === 'atomic' ? SELF_FIELD_SET : fieldsOfList(value, node, path, subject);
  }
  if (!isJsonObject(value) || node.isAtomicMap) return SELF_FIELD_SET;
  const children = new Map<string, FieldSet>();
  for (const key of Object.keys(value)) {
    const item = value[key];
    const element = fieldElement(key);
    path.push(element);
    let below = fieldsOf(item, node.field(key), path, subject);
    path.pop();
    if (isEmptyMap(item) || !node.isNamedField(key)) below = withSelf(below);
    if (below !== EMPTY_FIELD_SET) children.set(element, below);
  }
  return fieldSet(false, children);
}

function fieldsOfList(
  items: readonly unknown[],
  node: SchemaNode,
  path: string[],
  subject: string,
): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const [index, item] of items.entries()) {
    const element = itemElement(node, item);
    if (element === undefined) {
      throw invalidItem(
        'FieldValueRequired',
        `${subject}: ${formatPath(path)}: element ${index}: associative list with keys has an element that omits key field ${JSON.stringify(missingItemKey(node, item) ?? '')} (and doesn't have default value)`,
        path,
      );
    }
    if (children.has(element)) {
      throw invalidItem(
        'FieldValueDuplicate',
        `${subject}: ${formatPath(path)}: duplicate entries for key ${formatPath([element])}`,
        path,
      );
    }
    path.push(element);
    children.set(element, withSelf(fieldsOf(item, node.items, path, subject)));
    path.pop();
  }
  return fieldSet(false, children);
}

function isEmptyMap(value: unknown): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}

function invalidItem(reason: string, message: string, path: readonly string[]): ApiError {
  const field = formatPath(path).replace(/^\./, '');
  return new ApiError('Invalid', message, { details: { causes: [{ reason, message, field }] } });
}
