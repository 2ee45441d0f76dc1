import { isJsonObject, type JsonObject } from './json-object.js';
import {
  comparePathElements,
  EMPTY_FIELD_SET,
  fieldSet,
  SELF_FIELD_SET,
  type FieldSet,
} from './field-set.js';

const PATH_ELEMENT = /^[fkvi]:/;

/** The FieldsV1 JSON of a set. Keys come in a fixed order, so equal sets give equal text. */
export function toFieldsV1(set: FieldSet): JsonObject {
  const fields: JsonObject = {};
  if (set.children.size === 0) return fields;
  if (set.self) fields['.'] = {};
  for (const element of [...set.children.keys()].toSorted(comparePathElements)) {
    fields[element] = toFieldsV1(set.children.get(element) ?? EMPTY_FIELD_SET);
  }
  return fields;
}

/** True when every key leads to an object, however deep. */
export function isFieldsV1(fields: unknown): fields is JsonObject {
  return isJsonObject(fields) && Object.values(fields).every(isFieldsV1);
}

/**
 * The set that FieldsV1 JSON says. Keys that are no path elements are passed over, as it comes from
 * clients too; anything but an object gives the empty set.
 */
export function fromFieldsV1(fields: unknown): FieldSet {
  return isJsonObject(fields) ? parseChildren(fields, Object.hasOwn(fields, '.')) : EMPTY_FIELD_SET;
}

function parseChildren(fields: JsonObject, self: boolean): FieldSet {
  const children = new Map<string, FieldSet>();
  for (const element of Object.keys(fields)) {
    const below = fields[element];
    if (!PATH_ELEMENT.test(element) || !isJsonObject(below)) continue;
    const child = parseNode(below);
    if (child !== EMPTY_FIELD_SET) children.set(element, child);
  }
  return fieldSet(self, children);
}

function parseNode(fields: JsonObject): FieldSet {
  for (const key in fields) {
    if (Object.hasOwn(fields, key)) return parseChildren(fields, Object.hasOwn(fields, '.'));
  }
  return SELF_FIELD_SET;
}
