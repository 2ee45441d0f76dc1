import type { FieldError } from '../../api-errors.js';
import { forbiddenField, invalidValue, requiredValue } from '../../api-errors.js';
import { CelError } from './cel-error.js';
import type { CompiledExpression } from './compiled-expression.js';
import { CostExceeded, CostMeter, MAX_CALL_COST } from './cost-meter.js';
import { ExpressionError } from './expression-error.js';
import type { CompiledRule, RuleNode } from './rule-tree.js';
import type { CelValue } from './values.js';
import { OptionalValue } from './values.js';
import type { ValidationRule } from './validation-rule.js';

/** More faults than this in one object are not looked for. */
const MAX_ERRORS = 50;
/** As Kubernetes: longer messages are not used. */
const MAX_MESSAGE_LENGTH = 5 * 1024;
const ROOT = '<nil>';

/** A part of the object that has rules. */
export interface JudgedPart {
  readonly value: unknown;
  readonly old: unknown;
  readonly path: string;
  /** True when the write leaves this part as it was. */
  readonly isSame: boolean;
}

/** The rules of one write: what they found and what they may still cost. */
export class RuleRun {
  readonly errors: FieldError[] = [];
  #left: number;
  #isStopped = false;
  readonly #isSensitive: boolean;

  /** `isSensitive`: nothing of the object may show in a message. */
  constructor(options: { readonly maxCost: number; readonly isSensitive: boolean }) {
    this.#left = options.maxCost;
    this.#isSensitive = options.isSensitive;
  }

  /** True when no more rules are to be run. */
  get isOver(): boolean {
    return this.#isStopped || this.errors.length >= MAX_ERRORS;
  }

  check({ source, condition, message }: CompiledRule, node: RuleNode, part: JudgedPart): void {
    const add = (detail: string, field = part.path === '' ? ROOT : part.path): void => {
      this.errors.push(invalidValue(field, node.type, detail));
    };
    if (condition instanceof ExpressionError) {
      add(`rule compile error: compilation failed: ${condition.display(source.rule)}`);
      return;
    }
    const isTransition = condition.usesOldSelf;
    if (isTransition && source.optionalOldSelf !== true && part.old === undefined) return;
    if (!isTransition && part.isSame) return;
    try {
      if (this.#evaluate(condition, source, node, part) === true) return;
    } catch (error) {
      this.#explain(error, source, add);
      return;
    }
    const detail = this.#message(message, source, node, part);
    const field = `${part.path}${source.fieldPath ?? ''}`.replace(/^\./, '');
    this.errors.push(fault(field === '' ? ROOT : field, node.type, detail, source));
  }

  /** @throws CelError, CostExceeded. */
  #evaluate(
    expression: CompiledExpression,
    { optionalOldSelf }: ValidationRule,
    { shape }: RuleNode,
    { value, old }: JudgedPart,
  ): CelValue {
    if (shape === undefined) throw new CelError('no such overload');
    const meter = new CostMeter(Math.min(MAX_CALL_COST, this.#left));
    try {
      const self = shape.read(value, meter);
      if (!expression.usesOldSelf) return expression.evaluate(self, undefined, meter);
      const before = old === undefined ? undefined : shape.read(old, meter);
      const oldSelf = optionalOldSelf === true ? new OptionalValue(before) : before;
      return expression.evaluate(self, oldSelf, meter);
    } finally {
      this.#left -= meter.spent;
    }
  }

  #explain(error: unknown, source: ValidationRule, add: (detail: string) => void): void {
    const rule = (source.message ?? source.rule).trim();
    if (error instanceof CostExceeded) {
      this.#isStopped = true;
      add(
        this.#left <= 0
          ? 'validation failed due to running out of cost budget, no further validation rules will be run'
          : `'operation cancelled: ${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${rule}`,
      );
    } else if (error instanceof CelError && error.reason === 'no such overload') {
      add(
        `'no such overload': call arguments did not match a supported operator, function or macro signature for rule: ${rule}`,
      );
    } else if (error instanceof CelError) {
      add(`${this.#isSensitive ? error.reason : error.message} evaluating rule: ${rule}`);
    } else if (error instanceof RangeError) {
      add(`expression is nested too deeply evaluating rule: ${rule}`);
    } else {
      throw error;
    }
  }

  #message(
    expression: CompiledExpression | undefined,
    source: ValidationRule,
    node: RuleNode,
    part: JudgedPart,
  ): string {
    const given = source.message?.trim() ?? `failed rule: ${source.rule.trim()}`;
    if (expression === undefined || this.#isSensitive) return given;
    try {
      const text = this.#evaluate(expression, source, node, part);
      const isUsable =
        typeof text === 'string' &&
        text.trim() !== '' &&
        !text.includes('\n') &&
        text.length <= MAX_MESSAGE_LENGTH;
      return isUsable ? text.trim() : given;
    } catch (error) {
      if (error instanceof CelError || error instanceof CostExceeded) return given;
      throw error;
    }
  }
}

/** `type` stands where Kubernetes names a value: the type of the part, never the part itself. */
function fault(
  field: string,
  type: string,
  detail: string,
  { reason = 'FieldValueInvalid' }: ValidationRule,
): FieldError {
  switch (reason) {
    case 'FieldValueForbidden':
      return forbiddenField(field, detail);
    case 'FieldValueRequired':
      return requiredValue(field, detail);
    case 'FieldValueDuplicate':
      return { reason, field, message: `Duplicate value: ${JSON.stringify(type)}: ${detail}` };
    default:
      return invalidValue(field, type, detail);
  }
}
