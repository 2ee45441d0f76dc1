import type { JsonObject } from '../../apply/json-object.js';
import { isJsonObject } from '../../apply/json-object.js';
import type { FieldErrorReason } from '../../api-errors.js';

/** One item of `x-kubernetes-validations`. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: FieldErrorReason;
  /** Of the field at fault, below the rule's place: `.spec.size`. */
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** The reasons that a rule may give. */
export const RULE_REASONS: readonly string[] = [
  'FieldValueInvalid',
  'FieldValueForbidden',
  'FieldValueRequired',
  'FieldValueDuplicate',
];

export const RULES_KEYWORD = 'x-kubernetes-validations';

/** The rules of a schema node; what has not the form of a rule becomes one without text. */
export function rulesOf(schema: JsonObject): readonly ValidationRule[] {
  const rules = schema[RULES_KEYWORD];
  if (!Array.isArray(rules)) return [];
  return rules.map((given: unknown): ValidationRule => {
    const rule = isJsonObject(given) ? given : {};
    return {
      rule: textOf(rule['rule']) ?? '',
      ...textual(rule, 'message'),
      ...textual(rule, 'messageExpression'),
      ...textual(rule, 'fieldPath'),
      ...(typeof rule['reason'] === 'string' && { reason: rule['reason'] as FieldErrorReason }),
      ...(typeof rule['optionalOldSelf'] === 'boolean' && {
        optionalOldSelf: rule['optionalOldSelf'],
      }),
    };
  });
}

function textual(rule: JsonObject, name: string): Record<string, string> {
  const text = textOf(rule[name]);
  return text === undefined ? {} : { [name]: text };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
