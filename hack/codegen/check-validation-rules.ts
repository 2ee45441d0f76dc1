import { checkRulesAtOnce } from '../../server/schema/cel/index.js';
import type { SchemaNode } from './load-schemas.js';

/**
 * Refuses `x-validations` that the server could not run.
 *
 * @throws Error naming the first rule at fault by its path, and the fault.
 */
export function checkValidationRules(schema: SchemaNode, sensitive: readonly string[]): void {
  const [fault] = checkRulesAtOnce(schema);
  if (fault !== undefined) throw new Error(`${fault.field}: ${fault.message}`);
  if (sensitive.length > 0 && JSON.stringify(schema).includes('"messageExpression":')) {
    throw new Error(
      'messageExpression is not possible in a kind with x-sensitive fields: no message may show them; use message',
    );
  }
}
