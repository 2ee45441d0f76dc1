import { Environment } from '@marcbachmann/cel-js';
import type { ASTNode, TypeDeclaration } from '@marcbachmann/cel-js';
import { ExpressionError } from './expression-error.js';
import { functionSignatures } from './functions/index.js';
import { Cidr, IpAddress } from './ip-address.js';
import { Quantity, Url } from './values.js';
import type { ObjectShape } from './value-shape.js';

/**
 * The longest rule. Kubernetes limits what a rule is estimated to cost instead; the longest of its
 * own and of Gateway API's have some 1,000 characters.
 */
export const MAX_EXPRESSION_LENGTH = 8_192;
/** `a || b || …` is one level deeper with each: more than anybody writes. */
const MAX_DEPTH = 1_000;
const LIMITS = { maxAstNodes: 4_000, maxDepth: 100, maxListElements: 1_000, maxMapEntries: 1_000 };

/** What `has` is called in the parsed form: the library's own takes no `has(a[0].b)`. */
export const HAS = 'hAs';

/** The types and variables that expressions at one place may use. */
export class TypeEnvironment {
  readonly #environment: Environment;

  private constructor(environment: Environment) {
    this.#environment = environment;
  }

  /** Knows these object types beside CEL's own. */
  static withTypes(shapes: readonly ObjectShape[]): TypeEnvironment {
    const environment = BASE.clone();
    for (const { type, fieldTypes } of shapes) {
      environment.registerType(type, { fields: { ...fieldTypes } });
      environment.registerOperator(`${type} == ${type}`, () => true);
    }
    return new TypeEnvironment(environment);
  }

  /** The same with variables, by their types. */
  withVariables(types: Readonly<Record<string, string>>): TypeEnvironment {
    const environment = this.#environment.clone();
    for (const [name, type] of Object.entries(types)) environment.registerVariable(name, type);
    return new TypeEnvironment(environment);
  }

  /**
   * Parses an expression and gives it with its type.
   *
   * @throws ExpressionError when it is none, or does not fit the types.
   */
  check(text: string): { readonly node: ASTNode; readonly type: string } {
    if (text.length > MAX_EXPRESSION_LENGTH) {
      throw new ExpressionError(`must be no longer than ${MAX_EXPRESSION_LENGTH} characters`);
    }
    try {
      const { ast } = this.#environment.parse(text);
      const parsed = this.#environment.parse(renameHas(text, calls(ast, 'has')));
      const { type, error } = parsed.check();
      if (type === undefined) throw error ?? new Error('no type');
      return { node: parsed.ast, type };
    } catch (error) {
      throw expressionError(error);
    }
  }
}

/** Puts another name of the same length in the place of each of these calls of `has`. */
function renameHas(text: string, found: readonly ASTNode[]): string {
  let renamed = '';
  let end = 0;
  for (const start of found.map((node) => node.start).sort((a, b) => a - b)) {
    renamed += text.slice(end, start) + HAS;
    end = start + HAS.length;
  }
  return renamed + text.slice(end);
}

/**
 * The calls of a function, wherever they stand.
 *
 * @throws ExpressionError when the expression is so deep that nobody should follow it.
 */
function calls(root: ASTNode, name: string): ASTNode[] {
  const found: ASTNode[] = [];
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new ExpressionError('expression is nested too deeply');
    const next: unknown[] = [];
    for (const item of level.flat(2)) {
      if (!isNode(item)) continue;
      if (item.op === 'call' && item.args[0] === name) found.push(item);
      next.push(item.args);
    }
    level = next;
  }
  return found;
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function expressionError(error: unknown): ExpressionError {
  if (error instanceof ExpressionError) return error;
  if (!(error instanceof Error)) throw error;
  const { summary, code, range } = error as Error & {
    summary?: string;
    code?: string;
    range?: { start: number };
  };
  const message = inWordsOfCel(
    code,
    (summary ?? error.message).replace(/\bObject\d+\b/g, 'object'),
  );
  return new ExpressionError(message.replaceAll(HAS, 'has'), range);
}

function inWordsOfCel(code: string | undefined, summary: string): string {
  const name = /: (.*)$/s.exec(summary)?.[1] ?? '';
  if (code === 'unknown_variable') return `undeclared reference to '${name}' (in container '')`;
  if (code === 'no_such_key') return `undefined field '${name}'`;
  return summary;
}

interface TypeChecker {
  check(node: unknown, context: unknown): TypeDeclaration;
  readonly registry: { getOptionalType(type: TypeDeclaration): TypeDeclaration };
}

/** The types of `optMap` and `optFlatMap`, which the library does not have. */
function optionalMacro(
  isFlat: boolean,
): (call: { args: readonly ASTNode[]; receiver: ASTNode }) => object {
  return ({ args, receiver }) => ({
    typeCheck(
      checker: TypeChecker,
      _macro: unknown,
      context: { forkWithVariable(name: string, type: TypeDeclaration): unknown },
    ): TypeDeclaration {
      const [variable, transform] = args;
      const optional = checker.check(receiver, context);
      if (variable?.op !== 'id' || optional.valueType === undefined) {
        throw new ExpressionError('optMap() needs an optional value and a simple name', receiver);
      }
      const inner = context.forkWithVariable(variable.args, optional.valueType);
      const result = checker.check(transform, inner);
      return isFlat ? result : checker.registry.getOptionalType(result);
    },
    evaluate(): never {
      throw new Error('the library only checks types');
    },
  });
}

/** The functions run in our own evaluator, which counts; here they only have types. */
function never(): never {
  throw new Error('the library only checks types');
}

function createBase(): Environment {
  const environment = new Environment({
    enableOptionalTypes: true,
    // What `format` takes has items of several types.
    homogeneousAggregateLiterals: false,
    limits: LIMITS,
  })
    .registerType('kubernetes.URL', Url)
    .registerType('kubernetes.Quantity', Quantity)
    .registerType('net.IP', IpAddress)
    .registerType('net.CIDR', Cidr)
    .registerFunction(`${HAS}(dyn): bool`, never)
    .registerFunction('optional.optMap(ast, ast): optional<dyn>', optionalMacro(false))
    .registerFunction('optional.optFlatMap(ast, ast): optional<dyn>', optionalMacro(true));
  for (const type of ['kubernetes.URL', 'kubernetes.Quantity', 'net.IP', 'net.CIDR']) {
    environment.registerOperator(`${type} == ${type}`, never);
  }
  for (const signature of functionSignatures) environment.registerFunction(signature, never);
  return environment;
}

const BASE = createBase();
