import { ApiError, shortened } from '../sdk/api/errors.js';
import type { StatusCause } from '../sdk/api/errors.js';
import type { KindDefinition } from '../sdk/api/kind.js';
import { resourceName } from '../sdk/api/kind.js';

/** Why one field is refused: the values that Kubernetes' `StatusCause.reason` takes. */
export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany';

/** One field's fault. `message` is without the path: `Invalid value: "x": must be ...`. */
export interface FieldError {
  readonly reason: FieldErrorReason;
  readonly field: string;
  readonly message: string;
}

/** `Invalid value: <value>: <detail>`. The value is echoed as JSON: never pass a sensitive one. */
export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return {
    reason: 'FieldValueInvalid',
    field,
    message: `Invalid value: ${JSON.stringify(value) ?? 'null'}: ${detail}`,
  };
}

export function requiredValue(field: string, detail = ''): FieldError {
  return {
    reason: 'FieldValueRequired',
    field,
    message: detail === '' ? 'Required value' : `Required value: ${detail}`,
  };
}

export function unsupportedValue(
  field: string,
  value: unknown,
  supported: readonly string[],
): FieldError {
  const list = supported.map((one) => JSON.stringify(one)).join(', ');
  return {
    reason: 'FieldValueNotSupported',
    field,
    message: `Unsupported value: ${JSON.stringify(value) ?? 'null'}: supported values: ${list}`,
  };
}

export function duplicateValue(field: string, value: unknown): FieldError {
  return {
    reason: 'FieldValueDuplicate',
    field,
    message: `Duplicate value: ${JSON.stringify(value) ?? 'null'}`,
  };
}

export function tooMany(field: string, found: number, max: number): FieldError {
  return {
    reason: 'FieldValueTooMany',
    field,
    message: `Too many: ${found}: must have at most ${max} items`,
  };
}

export function forbiddenField(field: string, detail: string): FieldError {
  return { reason: 'FieldValueForbidden', field, message: `Forbidden: ${detail}` };
}

/** More faults than this in one object are counted, not said: nobody reads them, everybody pays. */
const MAX_FAULTS = 50;
/** Of one fault, which quotes the value that is wrong. */
const MAX_FAULT_CHARS = 1_000;

/** 422 in Kubernetes' form: each field's fault, 50 at most, in the message and as `details.causes`. */
export function invalidObject(
  kind: { group: string; kind: string },
  name: string,
  errors: readonly FieldError[],
): ApiError {
  const shown = errors.slice(0, MAX_FAULTS).map(({ reason, field, message }) => ({
    reason,
    field: shortened(field, MAX_FAULT_CHARS),
    message: shortened(message, MAX_FAULT_CHARS),
  }));
  const lines = [...new Set(shown.map((error) => `${error.field}: ${error.message}`))];
  if (errors.length > shown.length) lines.push(`and ${errors.length - shown.length} more faults`);
  const text = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`;
  const qualified = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`;
  const causes: StatusCause[] = shown.map(({ reason, message, field }) => ({
    reason,
    message,
    field,
  }));
  return new ApiError('Invalid', `${qualified} "${name}" is invalid: ${text}`, {
    details: { name, group: kind.group, kind: kind.kind, causes },
  });
}

export function objectNotFound(kind: KindDefinition, name: string): ApiError {
  return new ApiError('NotFound', `${resourceName(kind)} "${name}" not found`, {
    details: detailsOf(kind, name),
  });
}

export function objectExists(
  kind: KindDefinition,
  name: string,
  isBeingDeleted: boolean,
): ApiError {
  const prefix = isBeingDeleted ? 'object is being deleted: ' : '';
  return new ApiError('AlreadyExists', `${prefix}${resourceName(kind)} "${name}" already exists`, {
    details: detailsOf(kind, name),
  });
}

/** Somebody else wrote between the caller's read and this write. */
export function objectModified(kind: KindDefinition, name: string): ApiError {
  return operationConflict(
    kind,
    name,
    'the object has been modified; please apply your changes to the latest version and try again',
  );
}

export function operationConflict(kind: KindDefinition, name: string, why: string): ApiError {
  return new ApiError(
    'Conflict',
    `Operation cannot be fulfilled on ${resourceName(kind)} "${name}": ${why}`,
    { details: detailsOf(kind, name) },
  );
}

export function objectForbidden(
  kind: KindDefinition,
  name: string,
  why: string,
  causes?: StatusCause[],
): ApiError {
  const subject = name === '' ? resourceName(kind) : `${resourceName(kind)} "${name}"`;
  return new ApiError('Forbidden', `${subject} is forbidden: ${why}`, {
    details: { ...detailsOf(kind, name), ...(causes !== undefined && { causes }) },
  });
}

/** 404 for a path that names nothing, in the words that clients look for. */
export function unknownPath(): ApiError {
  return new ApiError('NotFound', 'the server could not find the requested resource', {
    details: {},
  });
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    { details: {} },
  );
}

/** For kinds that Kubernetes' clusters have and a control plane has not. */
export function notMadeHere({ kind, plural }: KindDefinition): ApiError {
  return new ApiError(
    'MethodNotAllowed',
    `there are no ${plural} here: a control plane runs nothing itself; put the ${kind} into a Workload, which runs in a cluster`,
    { details: { kind: plural } },
  );
}

export function badRequest(message: string, cause?: unknown): ApiError {
  return new ApiError('BadRequest', message, cause === undefined ? {} : { cause });
}

function detailsOf(
  kind: KindDefinition,
  name: string,
): { name: string; group: string; kind: string } {
  return { name, group: kind.group, kind: kind.plural };
}
