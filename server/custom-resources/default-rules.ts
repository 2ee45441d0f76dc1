import type { JSONSchemaProps } from '../../sdk/api/zz_generated.types.js';
import type { FieldError } from '../api-errors.js';
import { invalidValue } from '../api-errors.js';
import { deepEqual } from '../apply/deep-equal.js';
import { isJsonObject } from '../apply/json-object.js';
import type { SchemaValidator } from '../schema/schema-validator.js';
import { pruneUnknownFields } from '../schema/unknown-fields.js';

/**
 * Whether each default is a value that its own schema takes, and has no field that it does not know.
 * Defaults below `additionalProperties` are the author's business, as in Kubernetes.
 */
export function checkDefaults(
  field: string,
  schema: JSONSchemaProps,
  validator: Pick<SchemaValidator, 'validateValue'>,
): FieldError[] {
  const errors: FieldError[] = [];
  const value: unknown = schema.default;
  if (value !== undefined && value !== null) {
    const at = `${field}.default`;
    const node = schema as Record<string, unknown>;
    const pruned = structuredClone(value);
    if (isJsonObject(pruned)) pruneUnknownFields(pruned, node);
    if (!deepEqual(pruned, value)) {
      errors.push(invalidValue(at, value, 'must not have unknown fields'));
    }
    errors.push(...validator.validateValue(node, value, at));
  }
  if (isJsonObject(schema.items)) {
    errors.push(...checkDefaults(`${field}.items`, schema.items, validator));
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...checkDefaults(`${field}.properties[${name}]`, property, validator));
  }
  return errors;
}
