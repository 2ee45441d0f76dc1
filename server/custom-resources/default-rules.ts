import type { JSONSchemaProps } from '../../sdk/api/zz_generated.types.js';
import type { FieldError } from '../api-errors.js';
import { invalidValue } from '../api-errors.js';
import { deepEqual } from '../apply/deep-equal.js';
import { isJsonObject } from '../apply/json-object.js';
import type { SchemaValidator } from '../schema/schema-validator.js';
import { pruneUnknownFields } from '../schema/unknown-fields.js';
import { TimeSlice } from '../turns.js';

/**
 * Whether each default is a value that its own schema takes, and has no field that it does not know.
 * Defaults below `additionalProperties` are the author's business, as in Kubernetes.
 */
export async function checkDefaults(
  field: string,
  schema: JSONSchemaProps,
  validator: Pick<SchemaValidator, 'validateValue'>,
): Promise<FieldError[]> {
  const errors: FieldError[] = [];
  const slice = new TimeSlice();
  for (const { at, node } of defaultsIn(field, schema)) {
    const value: unknown = node['default'];
    const pruned = structuredClone(value);
    if (isJsonObject(pruned)) pruneUnknownFields(pruned, node);
    if (!deepEqual(pruned, value)) {
      errors.push(invalidValue(at, value, 'must not have unknown fields'));
    }
    errors.push(...validator.validateValue(node, value, at));
    await slice.breathe();
  }
  return errors;
}

/** The nodes that have one. */
function* defaultsIn(
  field: string,
  schema: JSONSchemaProps,
): Generator<{ readonly at: string; readonly node: Record<string, unknown> }> {
  const value: unknown = schema.default;
  if (value !== undefined && value !== null) {
    yield { at: `${field}.default`, node: schema as Record<string, unknown> };
  }
  if (isJsonObject(schema.items)) yield* defaultsIn(`${field}.items`, schema.items);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    yield* defaultsIn(`${field}.properties[${name}]`, property);
  }
}
