import type { JsonSchema } from '../../sdk/api/kind.js';
import { propertiesOf, resolveSchema } from './served-schema.js';

/**
 * Whether every value has the JSON type that the schema says and every required field is there, so
 * that code may rely on its types. Formats and ranges are not looked at.
 */
export function hasSchemaShape(value: unknown, node: unknown, root: JsonSchema): boolean {
  const schema = resolveSchema(node, root);
  if (schema === undefined || (value === null && schema['nullable'] === true)) return true;
  switch (schema['type']) {
    case 'array':
      return (
        Array.isArray(value) && value.every((item) => hasSchemaShape(item, schema['items'], root))
      );
    case 'object':
      return isPlainObject(value) && hasFieldShapes(value, schema, root);
    case 'integer':
    case 'number':
      return typeof value === 'number';
    case 'string':
    case 'boolean':
      return typeof value === schema['type'];
    default:
      return true;
  }
}

function hasFieldShapes(
  value: Record<string, unknown>,
  schema: JsonSchema,
  root: JsonSchema,
): boolean {
  const properties = propertiesOf(schema);
  const additional = schema['additionalProperties'];
  const required = (schema['required'] ?? []) as readonly string[];
  if (!required.every((name) => Object.hasOwn(value, name))) return false;
  return Object.entries(value).every(([name, field]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : additional;
    return (
      property === undefined ||
      typeof property !== 'object' ||
      hasSchemaShape(field, property, root)
    );
  });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
