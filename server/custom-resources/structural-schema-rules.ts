import type { JSONSchemaProps } from '../../sdk/api/zz_generated.types.js';
import type { FieldError } from '../api-errors.js';
import { forbiddenField, invalidValue, requiredValue } from '../api-errors.js';
import { deepEqual } from '../apply/deep-equal.js';
import { isJsonObject } from '../apply/json-object.js';
import { patternFault, patternSize } from '../schema/linear-pattern.js';

/** Where a node stands, which decides what it may say. */
type Level = 'root' | 'item' | 'field';

const INT_OR_STRING = [{ type: 'integer' }, { type: 'string' }];
/** About 0.2 s of compiling. Kubernetes' own definitions have a tenth of it. */
const MAX_PATTERNS_SIZE = 20_000;
const JUNCTORS = ['allOf', 'anyOf', 'oneOf'] as const;

/** What a node within allOf, anyOf, oneOf or not must leave to the node outside, and how it is said. */
const ONLY_OUTSIDE: readonly (readonly [keyword: keyof JSONSchemaProps, detail: string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['externalDocs', 'must be undefined to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
];

/**
 * Whether a schema is structural, so that it alone says what each field is: each has a type, and what
 * stands within allOf, anyOf, oneOf and not only narrows what stands outside. In the words of
 * Kubernetes (apiextensions, pkg/apiserver/schema).
 */
export function checkStructure(field: string, schema: JSONSchemaProps): FieldError[] {
  const errors = new StructureCheck();
  errors.checkNode(field, schema, 'root');
  errors.checkCompleteness(field, field, schema, schema);
  return errors.list;
}

class StructureCheck {
  readonly list: FieldError[] = [];
  /** Those that were looked at: many fields have the same. */
  readonly #patterns = new Set<string>();
  #patternsSize = 0;

  checkNode(field: string, schema: JSONSchemaProps, level: Level): void {
    const items = schema.items as unknown;
    if (schema.type === 'array' && items === undefined) {
      this.list.push(requiredValue(`${field}.items`, 'must be specified'));
    }
    if (isJsonObject(items)) this.checkNode(`${field}.items`, items, 'item');
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      this.checkNode(`${field}.properties[${name}]`, property, 'field');
    }
    const additional = schema.additionalProperties as unknown;
    if (additional !== undefined) {
      if (level === 'root') {
        this.list.push(
          forbiddenField(`${field}.additionalProperties`, 'must not be used at the root'),
        );
      }
      if (isJsonObject(additional)) {
        this.checkNode(`${field}.additionalProperties`, additional, 'field');
      }
    }
    this.#checkExtensions(field, schema);
    this.#checkType(field, schema, level);
    this.#checkResource(field, schema, level);
    this.#checkValues(field, schema, level, {
      skipAnyOf: isIntOrString(schema.anyOf),
      skipFirstAllOf: isIntOrString(schema.allOf?.[0]?.anyOf),
    });
  }

  /** Every field that a narrowing names must be there outside, where its type is. */
  checkCompleteness(
    field: string,
    where: string,
    schema: JSONSchemaProps | undefined,
    narrowing: JSONSchemaProps,
  ): void {
    if (schema === undefined) {
      this.list.push(requiredValue(field, `because it is defined in ${where}`));
      return;
    }
    const isOutside = schema === narrowing;
    if (!isOutside) {
      if (isJsonObject(narrowing.items)) {
        this.checkCompleteness(
          `${field}.items`,
          `${where}.items`,
          isJsonObject(schema.items) ? schema.items : undefined,
          narrowing.items,
        );
      }
      for (const [name, property] of Object.entries(narrowing.properties ?? {})) {
        const step = `.properties[${name}]`;
        const outside =
          schema.properties !== undefined && Object.hasOwn(schema.properties, name)
            ? schema.properties[name]
            : undefined;
        this.checkCompleteness(field + step, where + step, outside, property);
      }
    }
    if (isJsonObject(narrowing.not)) {
      this.checkCompleteness(field, `${where}.not`, schema, narrowing.not);
    }
    for (const junctor of JUNCTORS) {
      for (const [i, part] of (narrowing[junctor] ?? []).entries()) {
        this.checkCompleteness(field, `${where}.${junctor}[${i}]`, schema, part);
      }
    }
  }

  #checkExtensions(field: string, schema: JSONSchemaProps): void {
    if (schema['x-kubernetes-int-or-string'] !== true) return;
    for (const other of [
      'x-kubernetes-preserve-unknown-fields',
      'x-kubernetes-embedded-resource',
    ] as const) {
      if (schema[other] !== true) continue;
      this.list.push(
        invalidValue(
          `${field}.${other}`,
          true,
          'must be false if x-kubernetes-int-or-string is true',
        ),
      );
    }
  }

  #checkType(field: string, schema: JSONSchemaProps, level: Level): void {
    const { type = '' } = schema;
    const at = `${field}.type`;
    const isOpen =
      schema['x-kubernetes-int-or-string'] === true ||
      schema['x-kubernetes-preserve-unknown-fields'] === true;
    if (schema['x-kubernetes-embedded-resource'] === true && type !== 'object') {
      const detail = 'must be object if x-kubernetes-embedded-resource is true';
      this.list.push(type === '' ? requiredValue(at, detail) : invalidValue(at, type, detail));
    } else if (type === '' && !isOpen) {
      const detail = {
        root: 'must not be empty at the root',
        item: 'must not be empty for specified array items',
        field: 'must not be empty for specified object fields',
      }[level];
      this.list.push(requiredValue(at, detail));
    }
    if (level === 'root' && type !== '' && type !== 'object') {
      this.list.push(invalidValue(at, type, 'must be object at the root'));
    }
  }

  /** The fields that every API object has, at the root and in embedded resources. */
  #checkResource(field: string, schema: JSONSchemaProps, level: Level): void {
    const isEmbedded = schema['x-kubernetes-embedded-resource'] === true;
    const properties = schema.properties ?? {};
    if (level === 'root' || isEmbedded) {
      for (const [name, wanted] of [
        ['kind', 'string'],
        ['apiVersion', 'string'],
        ['metadata', 'object'],
      ] as const) {
        const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
        if (property === undefined || property.type === wanted) continue;
        this.list.push(
          invalidValue(
            `${field}.properties[${name}].type`,
            property.type ?? '',
            `must be ${wanted}`,
          ),
        );
      }
    }
    if (level === 'root' && properties['metadata'] !== undefined) {
      this.#checkRootMetadata(`${field}.properties[metadata]`, properties['metadata']);
    }
    if (!isEmbedded) return;
    if (schema.additionalProperties !== undefined) {
      this.list.push(
        forbiddenField(
          `${field}.additionalProperties`,
          'must not be used if x-kubernetes-embedded-resource is set',
        ),
      );
    }
    const isOpen = schema['x-kubernetes-preserve-unknown-fields'] === true;
    if (!isOpen && Object.keys(properties).length === 0) {
      this.list.push(
        requiredValue(
          `${field}.properties`,
          'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields',
        ),
      );
    }
  }

  #checkRootMetadata(field: string, metadata: JSONSchemaProps): void {
    const { type: _type, properties = {}, default: _default, ...others } = metadata;
    const names = Object.keys(properties);
    // What narrows the values is allowed; what would say more of the structure is not.
    const structural = Object.keys(others).filter(
      (keyword) =>
        keyword.startsWith('x-kubernetes-') ||
        ['items', 'additionalProperties', 'description', 'title', 'nullable'].includes(keyword),
    );
    if (structural.length === 0 && names.every((name) => ['name', 'generateName'].includes(name))) {
      return;
    }
    this.list.push(
      forbiddenField(
        field,
        'must not specify anything other than name and generateName, but metadata is implicitly specified',
      ),
    );
  }

  #checkValues(
    field: string,
    schema: JSONSchemaProps,
    level: Level,
    skip: { readonly skipAnyOf: boolean; readonly skipFirstAllOf: boolean },
  ): void {
    for (const junctor of JUNCTORS) {
      if (junctor === 'anyOf' && skip.skipAnyOf) continue;
      for (const [i, part] of (schema[junctor] ?? []).entries()) {
        const skipAnyOf = junctor === 'allOf' && i === 0 && skip.skipFirstAllOf;
        this.#checkNarrowing(`${field}.${junctor}[${i}]`, part, level, skipAnyOf);
      }
    }
    if (isJsonObject(schema.not)) this.#checkNarrowing(`${field}.not`, schema.not, level);
    if (schema.pattern === undefined || schema.pattern === '') return;
    const fault = this.#patternFault(schema.pattern);
    if (fault === undefined) return;
    this.list.push(
      invalidValue(
        `${field}.pattern`,
        schema.pattern,
        `must be a valid regular expression, but isn't: ${fault}`,
      ),
    );
  }

  #patternFault(pattern: string): string | undefined {
    if (this.#patterns.has(pattern)) return undefined;
    this.#patterns.add(pattern);
    const size = patternSize(pattern);
    if (Number.isFinite(size)) this.#patternsSize += size;
    return this.#patternsSize > MAX_PATTERNS_SIZE
      ? 'the patterns of the schema are too large together'
      : patternFault(pattern);
  }

  #checkNarrowing(field: string, schema: JSONSchemaProps, level: Level, skipAnyOf = false): void {
    this.#checkValues(field, schema, level, { skipAnyOf, skipFirstAllOf: false });
    if (isJsonObject(schema.items)) {
      this.#checkNarrowing(`${field}.items`, schema.items, level);
    }
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      this.#checkNarrowing(`${field}.properties[${name}]`, property, 'field');
    }
    for (const [keyword, detail] of ONLY_OUTSIDE) {
      if (!isEmpty(schema[keyword])) this.list.push(forbiddenField(`${field}.${keyword}`, detail));
    }
    if (schema.properties !== undefined && Object.hasOwn(schema.properties, 'metadata')) {
      this.list.push(
        forbiddenField(
          `${field}.properties[metadata]`,
          'must not be specified in a nested context',
        ),
      );
    }
  }
}

function isIntOrString(parts: JSONSchemaProps['anyOf']): boolean {
  return deepEqual(parts, INT_OR_STRING);
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === false ||
    value === '' ||
    (Array.isArray(value) && value.length === 0)
  );
}
