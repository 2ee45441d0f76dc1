import type { JsonSchema } from '../../../sdk/api/kind.js';
import { isJsonObject } from '../../apply/json-object.js';
import type { FieldError } from '../../api-errors.js';
import { invalidValue, requiredValue } from '../../api-errors.js';
import { propertiesOf } from '../served-schema.js';
import type { ValidationRule } from './validation-rule.js';
import { RULE_REASONS } from './validation-rule.js';

const MAX_MESSAGE_LENGTH = 2_048;
const PATH_STEP = /\.([A-Za-z_][A-Za-z0-9_-]*)|\['([^'\]]+)'\]/y;
const MAX_FIELD_PATH_LENGTH = 1_000;

/** The faults of a rule that show without its expression, in Kubernetes' words where it has some. */
export function checkRuleForm(
  rule: ValidationRule,
  schema: JsonSchema,
  path: string,
): FieldError[] {
  const faults: FieldError[] = [];
  const { message, messageExpression, reason, fieldPath } = rule;
  if (rule.rule.trim() === '') {
    faults.push(requiredValue(`${path}.rule`, 'rule is not specified'));
  }
  if (message !== undefined) {
    const fault = messageFault(message);
    if (fault !== undefined) faults.push(invalidValue(`${path}.message`, message, fault));
  } else if (messageExpression === undefined && rule.rule.trim().includes('\n')) {
    const detail = 'message must be specified if rule contains line breaks';
    faults.push(requiredValue(`${path}.message`, detail));
  }
  if (messageExpression !== undefined && messageExpression.trim() === '') {
    const detail = 'messageExpression must be non-empty if specified';
    faults.push(requiredValue(`${path}.messageExpression`, detail));
  }
  if (reason !== undefined && !RULE_REASONS.includes(reason)) {
    const supported = RULE_REASONS.map((one) => JSON.stringify(one)).join(', ');
    faults.push({
      reason: 'FieldValueNotSupported',
      field: `${path}.reason`,
      message: `Unsupported value: ${JSON.stringify(reason)}: supported values: ${supported}`,
    });
  }
  if (fieldPath !== undefined && !leadsToField(schema, fieldPath)) {
    const detail = 'fieldPath must be a valid path';
    faults.push(invalidValue(`${path}.fieldPath`, fieldPath.slice(0, 200), detail));
  }
  return faults;
}

function messageFault(message: string): string | undefined {
  if (message.trim() === '') return 'message must be non-empty if specified';
  if (message.includes('\n')) return 'message must not contain line breaks';
  if (message.length > MAX_MESSAGE_LENGTH) {
    return `message must be no longer than ${MAX_MESSAGE_LENGTH} characters`;
  }
  return undefined;
}

/** Whether a path such as `.spec.size` or `.labels['a/b']` leads to a field that the schema names. */
function leadsToField(schema: JsonSchema, path: string): boolean {
  if (path === '' || path.length > MAX_FIELD_PATH_LENGTH) return false;
  let node: unknown = schema;
  PATH_STEP.lastIndex = 0;
  while (PATH_STEP.lastIndex < path.length) {
    const match = PATH_STEP.exec(path);
    const name = match?.[1] ?? match?.[2];
    if (name === undefined || !isJsonObject(node)) return false;
    const properties = propertiesOf(node);
    node = Object.hasOwn(properties, name) ? properties[name] : node['additionalProperties'];
  }
  return isJsonObject(node);
}
