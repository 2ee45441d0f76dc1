import type { JSONSchemaProps } from '../../sdk/api/zz_generated.types.js';
import type { FieldError } from '../api-errors.js';
import { forbiddenField, invalidValue, requiredValue, unsupportedValue } from '../api-errors.js';
import { isJsonObject } from '../apply/json-object.js';

const TYPES = ['array', 'boolean', 'integer', 'number', 'object', 'string'];
const UNSUPPORTED = [
  'id',
  'additionalItems',
  'patternProperties',
  'definitions',
  'dependencies',
  '$ref',
] as const;
const RESOURCE_FIELDS = ['metadata', 'kind', 'apiVersion'];

/** What the nodes around a node forbid in it. */
interface Surroundings {
  readonly isRoot: boolean;
  /** Within `metadata`, `kind` or `apiVersion` of an object. */
  readonly isInsideMeta: boolean;
  /** Why there may be no defaults here. */
  readonly noDefaults?: string;
}

/**
 * The rules of single keywords of a schema, and of those that belong together, in the words of
 * Kubernetes (apiextensions, pkg/apis/apiextensions/validation).
 */
export function checkKeywords(field: string, schema: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  check(field, schema, { isRoot: true, isInsideMeta: false }, errors);
  return errors;
}

function check(
  field: string,
  schema: JSONSchemaProps,
  around: Surroundings,
  errors: FieldError[],
): void {
  errors.push(...checkStandard(field, schema, around), ...checkExtensions(field, schema));
  const inner: Surroundings = { ...around, isRoot: false };
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isMeta =
      (around.isRoot || schema['x-kubernetes-embedded-resource'] === true) &&
      RESOURCE_FIELDS.includes(name);
    check(
      `${field}.properties[${name}]`,
      property,
      {
        ...inner,
        ...(isMeta && { isInsideMeta: true }),
        ...(isMeta && around.isRoot && { noDefaults: `in top-level ${name}` }),
      },
      errors,
    );
  }
  const additional = schema.additionalProperties as unknown;
  if (isJsonObject(additional)) {
    const noDefaults = around.isInsideMeta
      ? { noDefaults: 'inside additionalProperties applying to object metadata' }
      : {};
    check(`${field}.additionalProperties`, additional, { ...inner, ...noDefaults }, errors);
  }
  if (isJsonObject(schema.items)) check(`${field}.items`, schema.items, inner, errors);
  if (isJsonObject(schema.not)) check(`${field}.not`, schema.not, inner, errors);
  for (const junctor of ['allOf', 'oneOf', 'anyOf'] as const) {
    for (const [i, part] of (schema[junctor] ?? []).entries()) {
      check(`${field}.${junctor}[${i}]`, part, inner, errors);
    }
  }
}

function checkStandard(
  field: string,
  schema: JSONSchemaProps,
  { isInsideMeta, noDefaults }: Surroundings,
): FieldError[] {
  const errors: FieldError[] = [];
  const { type = '' } = schema;
  if (type === 'null') {
    errors.push(
      forbiddenField(`${field}.type`, 'type cannot be set to null, use nullable as an alternative'),
    );
  }
  if (type !== '' && !TYPES.includes(type)) {
    errors.push(unsupportedValue(`${field}.type`, type, TYPES));
  }
  if (schema.default !== undefined && noDefaults !== undefined) {
    errors.push(forbiddenField(`${field}.default`, `must not be set ${noDefaults}`));
  }
  for (const keyword of UNSUPPORTED) {
    const value: unknown = schema[keyword];
    const isThere = isJsonObject(value) ? Object.keys(value).length > 0 : value !== undefined;
    if (isThere && value !== '') {
      errors.push(forbiddenField(`${field}.${keyword}`, `${keyword} is not supported`));
    }
  }
  if (Array.isArray(schema.items)) {
    errors.push(forbiddenField(`${field}.items`, 'items must be a schema object and not an array'));
  }
  if (schema.uniqueItems === true) {
    errors.push(
      forbiddenField(
        `${field}.uniqueItems`,
        'uniqueItems cannot be set to true since the runtime complexity becomes quadratic',
      ),
    );
  }
  const additional = schema.additionalProperties as unknown;
  if (
    additional !== undefined &&
    additional !== true &&
    Object.keys(schema.properties ?? {}).length > 0
  ) {
    errors.push(
      forbiddenField(
        `${field}.additionalProperties`,
        'additionalProperties and properties are mutual exclusive',
      ),
    );
  }
  if (isInsideMeta && schema['x-kubernetes-embedded-resource'] === true) {
    errors.push(
      forbiddenField(
        `${field}.x-kubernetes-embedded-resource`,
        'must not be used inside of resource meta',
      ),
    );
  }
  return errors;
}

function checkExtensions(field: string, schema: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  const preserve = 'x-kubernetes-preserve-unknown-fields';
  if (schema[preserve] === false) {
    errors.push(invalidValue(`${field}.${preserve}`, false, 'must be true or undefined'));
  }
  const mapType = schema['x-kubernetes-map-type'];
  if (mapType !== undefined) {
    errors.push(...checkType(field, schema, 'object', 'x-kubernetes-map-type'));
    if (!['atomic', 'granular'].includes(mapType)) {
      errors.push(
        unsupportedValue(`${field}.x-kubernetes-map-type`, mapType, ['atomic', 'granular']),
      );
    }
  }
  const listType = schema['x-kubernetes-list-type'];
  if (listType !== undefined) {
    errors.push(...checkType(field, schema, 'array', 'x-kubernetes-list-type'));
    if (!['atomic', 'set', 'map'].includes(listType)) {
      errors.push(
        unsupportedValue(`${field}.x-kubernetes-list-type`, listType, ['atomic', 'set', 'map']),
      );
    }
  }
  return [...errors, ...checkListKeys(field, schema), ...checkListItems(field, schema)];
}

function checkType(
  field: string,
  { type = '' }: JSONSchemaProps,
  wanted: string,
  keyword: string,
): FieldError[] {
  if (type === wanted) return [];
  const detail = `must be ${wanted} if ${keyword} is specified`;
  const at = `${field}.type`;
  return [type === '' ? requiredValue(at, detail) : invalidValue(at, type, detail)];
}

/** Items of sets and of list maps are told apart: they cannot be null, nor sets be of open objects. */
function checkListItems(field: string, schema: JSONSchemaProps): FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  const { items } = schema;
  if ((listType !== 'set' && listType !== 'map') || !isJsonObject(items)) return [];
  const errors: FieldError[] = [];
  if (items.nullable === true) {
    errors.push(
      forbiddenField(
        `${field}.items.nullable`,
        `cannot be nullable when x-kubernetes-list-type is ${listType}`,
      ),
    );
  }
  if (listType === 'map') return errors;
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set';
  const inner = items['x-kubernetes-list-type'];
  if (items.type === 'array' && inner !== undefined && inner !== 'atomic') {
    errors.push(invalidValue(`${field}.items.x-kubernetes-list-type`, inner, detail));
  }
  const map = items['x-kubernetes-map-type'];
  if (items.type === 'object' && map !== 'atomic') {
    errors.push(invalidValue(`${field}.items.x-kubernetes-map-type`, map ?? null, detail));
  }
  return errors;
}

function checkListKeys(field: string, schema: JSONSchemaProps): FieldError[] {
  const errors: FieldError[] = [];
  const listType = schema['x-kubernetes-list-type'];
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const at = `${field}.x-kubernetes-list-map-keys`;
  if (keys.length > 0 && listType !== 'map') {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty';
    const where = `${field}.x-kubernetes-list-type`;
    errors.push(
      listType === undefined ? requiredValue(where, detail) : invalidValue(where, listType, detail),
    );
  }
  if (listType !== 'map') return errors;
  if (keys.length === 0) {
    errors.push(requiredValue(at, 'must not be empty if x-kubernetes-list-type is map'));
  }
  if (new Set(keys).size !== keys.length) {
    errors.push(invalidValue(at, keys, 'must not contain duplicate entries'));
  }
  const { items } = schema;
  if (!isJsonObject(items)) {
    errors.push(
      requiredValue(`${field}.items`, 'must have a schema if x-kubernetes-list-type is map'),
    );
    return errors;
  }
  if (items.type !== 'object') {
    errors.push(
      invalidValue(
        `${field}.items.type`,
        items.type ?? '',
        "must be object if parent array's x-kubernetes-list-type is map",
      ),
    );
    return errors;
  }
  for (const key of keys) errors.push(...checkListKey(field, key, keys, items));
  return errors;
}

function checkListKey(
  field: string,
  key: string,
  keys: readonly string[],
  items: JSONSchemaProps,
): FieldError[] {
  const { properties = {} } = items;
  const property = Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (property === undefined) {
    return [
      invalidValue(
        `${field}.x-kubernetes-list-map-keys`,
        keys,
        'entries must all be names of item properties',
      ),
    ];
  }
  const errors: FieldError[] = [];
  const at = `${field}.items.properties[${key}]`;
  if (property.type === 'array' || property.type === 'object') {
    errors.push(
      invalidValue(
        `${at}.type`,
        property.type,
        "must be a scalar type if parent array's x-kubernetes-list-type is map",
      ),
    );
  }
  if (property.default === undefined && items.required?.includes(key) !== true) {
    errors.push(
      requiredValue(
        `${at}.default`,
        'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property',
      ),
    );
  }
  if (property.nullable === true) {
    errors.push(
      forbiddenField(
        `${at}.nullable`,
        'this property is in x-kubernetes-list-map-keys, so it cannot be nullable',
      ),
    );
  }
  return errors;
}
