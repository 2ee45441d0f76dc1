import type { JsonSchema } from '../../../sdk/api/kind.js';
import type { FieldError } from '../../api-errors.js';
import { compileRules } from './rule-tree.js';

export { validateRules } from './validate-rules.js';
export type { RuleSubject } from './validate-rules.js';
export { parseDuration } from './time-values.js';

/**
 * What is wrong with the rules of a schema: those that do not parse, that name what is not there, or
 * that do not fit the types. `path` leads to the schema, such as
 * `spec.versions[0].schema.openAPIV3Schema`.
 */
export function checkRules(schema: JsonSchema, path = ''): readonly FieldError[] {
  return compileRules(schema, path).faults;
}
