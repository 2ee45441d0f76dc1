import type { JsonSchema } from '../../../sdk/api/kind.js';
import type { FieldError } from '../../api-errors.js';
import { atOnce, inTurns } from './in-turns.js';
import { compileRules } from './rule-tree.js';

export { validateRules } from './validate-rules.js';
export type { RuleSubject } from './validate-rules.js';
export { parseDuration } from './time-values.js';

/**
 * What is wrong with the rules of a schema: those that do not parse, that name what is not there, or
 * that do not fit the types. `path` leads to the schema, such as
 * `spec.versions[0].schema.openAPIV3Schema`.
 */
export async function checkRules(schema: JsonSchema, path = ''): Promise<readonly FieldError[]> {
  return (await inTurns(compileRules(schema, path))).faults;
}

/** As `checkRules`, at once. */
export function checkRulesAtOnce(schema: JsonSchema): readonly FieldError[] {
  return atOnce(compileRules(schema)).faults;
}
