import type { JsonSchema } from '../../../sdk/api/kind.js';
import { isJsonObject } from '../../apply/json-object.js';
import type { FieldError } from '../../api-errors.js';
import { invalidValue } from '../../api-errors.js';
import { propertiesOf } from '../served-schema.js';
import { checkRuleForm } from './check-rule-form.js';
import { CompiledExpression } from './compiled-expression.js';
import { ExpressionError } from './expression-error.js';
import { MAX_EXPRESSION_LENGTH } from './expression-parser.js';
import { RuleCosts } from './rule-costs.js';
import type { ValidationRule } from './validation-rule.js';
import { RULES_KEYWORD, rulesOf } from './validation-rule.js';
import type { ValueShape } from './value-shape.js';
import { ShapeBuilder } from './value-shape.js';
import { occurrencesPerRequest } from './request-limits.js';

/** More rules than this in one schema are refused: each is compiled and run. */
const MAX_RULES = 1_000;
/** Longer rules than this together are refused: to check them would hold up everything else. */
const MAX_RULES_LENGTH = 256 * 1024;

export interface CompiledRule {
  readonly source: ValidationRule;
  /** Or why it cannot run. */
  readonly condition: CompiledExpression | ExpressionError;
  readonly message?: CompiledExpression;
}

/** The nodes of a schema on the way to its rules; nodes without rules at or below are left out. */
export interface RuleNode {
  /** The schema's `type`, which errors name in the place of a value. */
  readonly type: string;
  readonly shape: ValueShape | undefined;
  readonly rules: readonly CompiledRule[];
  readonly properties: ReadonlyMap<string, RuleNode>;
  readonly additional: RuleNode | undefined;
  readonly items: RuleNode | undefined;
  /** The fields by which an item is found in the old list; without them items have no old value. */
  readonly itemKeys: readonly string[] | undefined;
  /** False where a change replaces the whole: what is below has no old value. */
  readonly isGranular: boolean;
}

export interface RuleTree {
  /** Undefined when the schema has no rules. */
  readonly root: RuleNode | undefined;
  /** What is wrong with the rules; such rules refuse every object. */
  readonly faults: readonly FieldError[];
}

/** Where the walk is. */
interface Position {
  readonly path: string;
  /** The path of the list or map that is replaced as a whole, when there is one above. */
  readonly replacedAt?: string;
  /** How many values can be here in one object; undefined where no schema above limits them. */
  readonly cardinality: number | undefined;
}

/**
 * Compiles the rules of a schema, one at each step. `$ref` is not followed: structural schemas have none, and our own
 * have been resolved.
 */
export function* compileRules(schema: JsonSchema, path = ''): Generator<void, RuleTree> {
  if (!hasRules(schema)) return { root: undefined, faults: [] };
  return yield* new TreeBuilder().build(schema, path);
}

class TreeBuilder {
  readonly #shapes = new ShapeBuilder();
  readonly #faults: FieldError[] = [];
  readonly #costs = new RuleCosts();
  #count = 0;
  #length = 0;

  *build(schema: JsonSchema, path: string): Generator<void, RuleTree> {
    const root = yield* this.#node(schema, this.#shapes.ofRoot(schema), { path, cardinality: 1 });
    return { root, faults: [...this.#faults, ...this.#costs.faults(path)] };
  }

  *#node(
    schema: JsonSchema,
    shape: ValueShape | undefined,
    position: Position,
  ): Generator<void, RuleNode | undefined> {
    const { path } = position;
    const rules: CompiledRule[] = [];
    for (const [index, rule] of rulesOf(schema).entries()) {
      const at = below(path, `${RULES_KEYWORD}[${index}]`);
      this.#faults.push(...checkRuleForm(rule, schema, at));
      rules.push(this.#rule(rule, shape, at, position));
      yield;
    }
    const isGranular = schema['x-kubernetes-map-type'] !== 'atomic';
    const inside = (at: string, isReplaced: boolean, limit?: unknown): Position => {
      const replacedAt = position.replacedAt ?? (isReplaced ? path : undefined);
      return {
        path: below(path, at),
        ...(replacedAt !== undefined && { replacedAt }),
        cardinality: at.startsWith('properties') ? position.cardinality : times(position, limit),
      };
    };
    const properties = new Map<string, RuleNode>();
    for (const [name, property] of Object.entries(propertiesOf(schema))) {
      const node = yield* this.#child(property, inside(`properties[${name}]`, !isGranular));
      if (node !== undefined) properties.set(name, node);
    }
    const additional = yield* this.#child(
      schema['additionalProperties'],
      inside('additionalProperties', !isGranular, schema['maxProperties']),
    );
    const itemKeys = listMapKeys(schema);
    const items = yield* this.#child(
      schema['items'],
      inside('items', itemKeys === undefined, schema['maxItems']),
    );
    if (rules.length + properties.size === 0 && (additional ?? items) === undefined) {
      return undefined;
    }
    const type = typeof schema['type'] === 'string' ? schema['type'] : '';
    return { type, shape, rules, properties, additional, items, itemKeys, isGranular };
  }

  *#child(schema: unknown, position: Position): Generator<void, RuleNode | undefined> {
    if (!isJsonObject(schema)) return undefined;
    return yield* this.#node(schema, this.#shapes.of(schema), position);
  }

  #rule(
    source: ValidationRule,
    shape: ValueShape | undefined,
    path: string,
    { replacedAt, cardinality }: Position,
  ): CompiledRule {
    const condition = this.#compile(source.rule, source, shape);
    const rulePath = below(path, 'rule');
    if (condition instanceof ExpressionError) {
      if (source.rule.trim() !== '') this.#refuse(rulePath, source.rule, condition);
      return { source, condition };
    }
    const occurrences = cardinality ?? occurrencesPerRequest(shape?.minBytes ?? 0);
    this.#costs.add(rulePath, 'rule', condition.maxCost * occurrences);
    if (condition.type.name !== 'bool') {
      this.#faults.push(
        invalidValue(rulePath, source.rule, 'cel expression must evaluate to a bool'),
      );
    }
    if (condition.usesOldSelf && replacedAt !== undefined) {
      const detail = `oldSelf cannot be used on the uncorrelatable portion of the schema within ${replacedAt}`;
      this.#faults.push(invalidValue(rulePath, source.rule, detail));
    }
    if (source.optionalOldSelf !== undefined && !condition.usesOldSelf) {
      const detail = 'may not be set if oldSelf is not used in rule';
      const field = below(path, 'optionalOldSelf');
      this.#faults.push(invalidValue(field, source.optionalOldSelf, detail));
    }
    if (source.messageExpression === undefined) return { source, condition };
    const message = this.#compile(source.messageExpression, source, shape);
    const messagePath = below(path, 'messageExpression');
    if (message instanceof ExpressionError) {
      this.#refuse(messagePath, source.messageExpression, message);
      return { source, condition };
    }
    this.#costs.add(messagePath, 'messageExpression', message.maxCost);
    if (message.type.name !== 'string') {
      const detail = 'messageExpression must evaluate to a string';
      this.#faults.push(invalidValue(messagePath, source.messageExpression, detail));
    }
    return { source, condition, message };
  }

  #compile(
    text: string,
    { optionalOldSelf }: ValidationRule,
    shape: ValueShape | undefined,
  ): CompiledExpression | ExpressionError {
    if (text.length <= MAX_EXPRESSION_LENGTH) this.#length += text.length;
    if (++this.#count > MAX_RULES || this.#length > MAX_RULES_LENGTH) {
      const limits = `${MAX_RULES} rules and ${MAX_RULES_LENGTH} characters`;
      return new ExpressionError(`the rules of a schema must be no more than ${limits} together`);
    }
    if (shape === undefined) {
      return new ExpressionError('the schema says no type that a rule could read here');
    }
    try {
      return new CompiledExpression(text, shape, optionalOldSelf);
    } catch (error) {
      if (error instanceof ExpressionError) return error;
      throw error;
    }
  }

  #refuse(path: string, text: string, error: ExpressionError): void {
    const shown = text.length > 1_000 ? `${text.slice(0, 1_000)}...` : text;
    this.#faults.push(invalidValue(path, shown, `compilation failed: ${error.display(text)}`));
  }
}

function hasRules(schema: JsonSchema): boolean {
  return rulesOf(schema).length > 0 || children(schema).some(hasRules);
}

/** How many values can be in a list or map at this place; undefined where nothing limits them. */
function times({ cardinality }: Position, limit: unknown): number | undefined {
  if (cardinality === undefined || typeof limit !== 'number') return undefined;
  return cardinality * Math.max(limit, 0);
}

function children(schema: JsonSchema): JsonSchema[] {
  const nodes = [
    ...Object.values(propertiesOf(schema)),
    schema['additionalProperties'],
    schema['items'],
  ];
  return nodes.filter(isJsonObject);
}

function listMapKeys(schema: JsonSchema): readonly string[] | undefined {
  const keys = schema['x-kubernetes-list-map-keys'];
  const isMap = schema['x-kubernetes-list-type'] === 'map';
  return isMap && Array.isArray(keys) ? keys.map(String) : undefined;
}

function below(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}
