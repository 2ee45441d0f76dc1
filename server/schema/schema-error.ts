import type { ErrorObject } from 'ajv';
import type { FieldError } from '../api-errors.js';
import { LARGE_ENUM } from './ajv-schema.js';
import { fieldPath, itemPath } from './field-path.js';
import type { UnchangedParts } from './unchanged-parts.js';

const REDACTED = '"<hidden>"';
const MAX_ERRORS = 50;
const MAX_SHOWN_VALUES = 100;

/**
 * Ajv's faults in the words of Kubernetes' CRD validation, one per field and fault. Faults inside
 * the branches of `anyOf`, `oneOf` and the like are left to the fault of the whole. At most 50: nobody
 * reads more, everybody pays for them.
 */
export function translateSchemaErrors(
  errors: readonly ErrorObject[],
  sensitivePaths: readonly string[],
  options: {
    /** Where the value is. Default: it is the object. */
    readonly root?: string;
    /** What is not judged. Default: nothing. */
    readonly unchanged?: UnchangedParts;
  } = {},
): FieldError[] {
  const { root = '', unchanged } = options;
  const translated = new Map<string, FieldError>();
  for (const error of errors) {
    if (translated.size >= MAX_ERRORS) break;
    if (/\/(anyOf|oneOf|not|if|then|else)\//.test(error.schemaPath)) continue;
    const names = pointerNames(error.instancePath);
    if (unchanged?.has(names) === true) continue;
    const isSensitive = sensitivePaths.some((path) => matchesPath(names, path));
    const result = translate(error, pathOf(names, root), isSensitive);
    translated.set(`${result.field} ${result.message}`, result);
  }
  return [...translated.values()];
}

function translate(error: ErrorObject, field: string, isSensitive: boolean): FieldError {
  const { keyword, params, data } = error;
  const value = isSensitive ? REDACTED : (JSON.stringify(data) ?? 'null');
  const invalid = (what: string, shown = value): FieldError => ({
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${shown}: ${field} in body ${what}`,
  });
  switch (keyword) {
    case 'required':
      return {
        reason: 'FieldValueRequired',
        field: fieldPath(field, String(params['missingProperty'])),
        message: 'Required value',
      };
    case 'type': {
      const found = JSON.stringify(typeName(data));
      const wanted = [params['type']]
        .flat()
        .filter((type) => type !== 'null')
        .join(',');
      return {
        reason: 'FieldValueTypeInvalid',
        field: field === '' ? '<root>' : field,
        message: `Invalid value: ${found}: ${field} in body must be of type ${wanted}: ${found}`,
      };
    }
    case 'enum':
    case LARGE_ENUM: {
      const values = error.schema as unknown[];
      const shown = values.slice(0, MAX_SHOWN_VALUES).map((one) => JSON.stringify(one));
      const allowed = [...shown, ...(values.length > shown.length ? ['...'] : [])].join(', ');
      return {
        reason: 'FieldValueNotSupported',
        field,
        message: `Unsupported value: ${value}: supported values: ${allowed}`,
      };
    }
    case 'pattern':
      return invalid(`should match '${String(params['pattern'])}'`);
    case 'format':
      return invalid(`must be of type ${String(params['format'])}: ${value}`);
    case 'minimum':
      return invalid(`should be greater than or equal to ${String(params['limit'])}`);
    case 'exclusiveMinimum':
      return invalid(`should be greater than ${String(params['limit'])}`);
    case 'maximum':
      return invalid(`should be less than or equal to ${String(params['limit'])}`);
    case 'exclusiveMaximum':
      return invalid(`should be less than ${String(params['limit'])}`);
    case 'multipleOf':
      return invalid(`should be a multiple of ${String(params['multipleOf'])}`);
    case 'minLength':
      return invalid(`should be at least ${String(params['limit'])} chars long`);
    case 'minItems':
      return invalid(`should have at least ${String(params['limit'])} items`, sizeOf(data));
    case 'minProperties':
      return invalid(`should have at least ${String(params['limit'])} properties`, sizeOf(data));
    case 'maxLength':
      return {
        reason: 'FieldValueTooLong',
        field,
        message: `Too long: may not be more than ${String(params['limit'])} bytes`,
      };
    case 'maxItems':
    case 'maxProperties':
      return {
        reason: 'FieldValueTooMany',
        field,
        message: `Too many: ${sizeOf(data)}: must have at most ${String(params['limit'])} items`,
      };
    case 'uniqueItems':
      return {
        reason: 'FieldValueDuplicate',
        field: itemPath(field, Number(params['i'])),
        message: 'Duplicate value',
      };
    case 'x-kubernetes-list-map-keys':
      return {
        reason: 'FieldValueDuplicate',
        field: itemPath(field, Number(params['index'])),
        message: `Duplicate value: ${JSON.stringify(params['key'])}`,
      };
    case 'x-kubernetes-list-type':
      return {
        reason: 'FieldValueDuplicate',
        field: itemPath(field, Number(params['index'])),
        message: `Duplicate value: ${isSensitive ? REDACTED : JSON.stringify(params['item'])}`,
      };
    default:
      return invalid(`is refused by the rule "${keyword}"`, isSensitive ? REDACTED : '""');
  }
}

function typeName(data: unknown): string {
  if (data === null) return 'null';
  if (Array.isArray(data)) return 'array';
  if (typeof data === 'number') return Number.isInteger(data) ? 'integer' : 'number';
  return typeof data;
}

function sizeOf(data: unknown): string {
  if (Array.isArray(data)) return String(data.length);
  return String(Object.keys((data ?? {}) as object).length);
}

function pointerNames(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function pathOf(names: readonly string[], root: string): string {
  return names.reduce(
    (path, name) =>
      /^\d+$/.test(name) && path !== '' ? itemPath(path, Number(name)) : fieldPath(path, name),
    root,
  );
}

/** True at a sensitive path, and above it: the value there holds the secret one. */
function matchesPath(names: readonly string[], path: string): boolean {
  const wanted = path.split('.');
  const shared = Math.min(names.length, wanted.length);
  if (names.length === 0) return true;
  return names
    .slice(0, shared)
    .every((name, index) => wanted[index] === '*' || wanted[index] === name);
}
