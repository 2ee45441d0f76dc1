import type { ASTNode } from '@marcbachmann/cel-js';
import { CelError, noSuchOverload } from './cel-error.js';
import type { CelFunction, Evaluate } from './compiled-node.js';
import { ExpressionError } from './expression-error.js';
import { findFunction } from './functions/index.js';
import { regexMethods } from './functions/regex-functions.js';
import { LinearRegex } from './linear-regex.js';
import * as macros from './macros.js';
import {
  binaryOperators,
  elementOf,
  fieldOf,
  hasField,
  negate,
  optionalElement,
} from './operators.js';
import type { BinaryOperation } from './operators.js';
import { HAS } from './type-environment.js';
import type { CelValue } from './values.js';
import { CelList, LiteralMap, MAX_INT, TypeValue } from './values.js';

const TYPE_NAMES = 'int double bool string bytes list map null_type type'.split(' ');
const MESSAGE_TYPES = ['google.protobuf.Timestamp', 'google.protobuf.Duration'];
/** Functions that stand behind a name: `optional.of(x)`. */
const NAMESPACES = ['optional'];

type CallNode = Extract<ASTNode, { op: 'rcall' }>;

/** Turns the parsed form of one expression into functions that count what they do. */
export class ExpressionCompiler {
  readonly #slots = new Map<string, number>();
  #slotCount = 0;
  /** The names of variables that the expression uses. */
  readonly used = new Set<string>();

  constructor(variables: readonly string[]) {
    for (const name of variables) this.#slots.set(name, this.#slotCount++);
  }

  /** @throws ExpressionError for what this language does not have here. */
  compile(node: ASTNode): Evaluate {
    switch (node.op) {
      case 'value':
        return constant(literal(node.args, node));
      case 'id':
        return this.#name(node.args, node);
      case '.':
        return this.#select(node);
      case '.?': {
        const [operand, name] = [this.compile(node.args[0]), node.args[1]];
        return step((frame) => optionalElement(operand(frame), name));
      }
      case '[]':
        return this.#binary(elementOf, node.args);
      case '[?]':
        return this.#binary(optionalElement, node.args);
      case 'list': {
        const items = node.args.map((item) => this.compile(item));
        return step((frame) => new CelList(items.map((item) => item(frame))));
      }
      case 'map':
        return this.#map(node.args);
      case '?:': {
        const [condition, yes, no] = node.args;
        return macros.conditional(this.compile(condition), this.compile(yes), this.compile(no));
      }
      case '&&':
      case '||': {
        const [left, right] = node.args;
        return macros.logical(node.op === '||', this.compile(left), this.compile(right));
      }
      case '!_': {
        const operand = this.compile(node.args);
        return step((frame) => !macros.bool(operand(frame)));
      }
      case '-_':
        return this.#negative(node.args);
      case 'call':
        return this.#call(node.args[0], node.args[1], node);
      case 'rcall':
        return this.#method(node);
      default: {
        const operation = binaryOperators[node.op];
        if (operation === undefined) throw new ExpressionError(`unknown operator ${node.op}`, node);
        return this.#binary(operation, node.args);
      }
    }
  }

  get slotCount(): number {
    return this.#slotCount;
  }

  #name(name: string, node: ASTNode): Evaluate {
    const slot = this.#slots.get(name);
    if (slot === undefined) {
      if (TYPE_NAMES.includes(name)) return constant(new TypeValue(name));
      throw new ExpressionError(`undeclared reference to '${name}' (in container '')`, node);
    }
    this.used.add(name);
    return ({ slots, meter }) => {
      meter.spend(1);
      const value = slots[slot];
      if (value === undefined) throw new CelError('no such attribute', name);
      return value;
    };
  }

  #select(node: Extract<ASTNode, { op: '.' }>): Evaluate {
    const path = qualifiedName(node);
    if (path !== undefined && MESSAGE_TYPES.includes(path)) return constant(new TypeValue(path));
    const [operand, name] = [this.compile(node.args[0]), node.args[1]];
    return step((frame) => fieldOf(operand(frame), name));
  }

  #binary(operation: BinaryOperation, [a, b]: readonly [ASTNode, ASTNode]): Evaluate {
    const [left, right] = [this.compile(a), this.compile(b)];
    return step((frame) => operation(left(frame), right(frame), frame.meter));
  }

  #negative(operand: ASTNode): Evaluate {
    // The least int has no positive counterpart that could be written.
    if (operand.op === 'value' && operand.args === MAX_INT + 1n) return constant(-(MAX_INT + 1n));
    const value = this.compile(operand);
    return step((frame) => negate(value(frame)));
  }

  #map(entries: readonly (readonly [ASTNode, ASTNode])[]): Evaluate {
    const compiled = entries.map(
      ([key, value]) => [this.compile(key), this.compile(value)] as const,
    );
    return step((frame) => {
      const map = new Map<CelValue, CelValue>();
      for (const [key, value] of compiled) {
        const name = key(frame);
        if (!['string', 'bigint', 'boolean'].includes(typeof name)) throw noSuchOverload();
        if (map.has(name)) throw new CelError('insert failed: key already exists', String(name));
        map.set(name, value(frame));
      }
      return new LiteralMap(map);
    });
  }

  #call(name: string, args: readonly ASTNode[], node: ASTNode): Evaluate {
    const [argument] = args;
    if (name === HAS) {
      if (argument?.op !== '.') throw new ExpressionError('invalid argument to has() macro', node);
      const operand = this.compile(argument.args[0]);
      const field = argument.args[1];
      return step((frame) => hasField(operand(frame), field));
    }
    return this.#invoke(name, findFunction(name, args.length), args, node);
  }

  #method(node: CallNode): Evaluate {
    const [name, receiver, args] = node.args;
    const macro = this.#macro(node);
    if (macro !== undefined) return macro;
    if (receiver.op === 'id' && NAMESPACES.includes(receiver.args)) {
      const path = `${receiver.args}.${name}`;
      return this.#invoke(path, findFunction(path, args.length), args, node);
    }
    const key = `.${name}/${args.length}`;
    const method = Object.hasOwn(regexMethods, key) ? regexMethods[key] : undefined;
    const regex = method && literalPattern(args[0]);
    if (regex !== undefined && method !== undefined) {
      const run: CelFunction = (values, meter) => method(regex, values, meter);
      return this.#invoke(name, run, [receiver, ...args], node);
    }
    return this.#invoke(name, findFunction(`.${name}`, args.length), [receiver, ...args], node);
  }

  #invoke(
    name: string,
    run: CelFunction | undefined,
    args: readonly ASTNode[],
    node: ASTNode,
  ): Evaluate {
    if (run === undefined) {
      throw new ExpressionError(`undeclared reference to '${name}' (in container '')`, node);
    }
    const compiled = args.map((argument) => this.compile(argument));
    return step((frame) => {
      const values = compiled.map((argument) => argument(frame));
      return run(values, frame.meter);
    });
  }

  #macro(node: CallNode): Evaluate | undefined {
    const [name, receiver, args] = node.args;
    const [variable, body, third] = args;
    if (receiver.op === 'id' && receiver.args === 'cel' && name === 'bind') {
      if (variable === undefined || body === undefined || third === undefined) return undefined;
      const value = this.compile(body);
      return this.#scoped(variable, (slot) => macros.bind(slot, value, this.compile(third)));
    }
    if ((name === 'orValue' || name === 'or') && variable !== undefined && args.length === 1) {
      return macros.orElse(this.compile(receiver), this.compile(variable), name === 'orValue');
    }
    if (variable === undefined || body === undefined || args.length > 3) return undefined;
    if (args.length === 3 && name !== 'map') return undefined;
    const make = (of: (range: Evaluate, slot: number, body: Evaluate) => Evaluate): Evaluate => {
      const range = this.compile(receiver);
      return this.#scoped(variable, (slot) => of(range, slot, this.compile(body)));
    };
    switch (name) {
      case 'all':
        return make((range, slot, test) => macros.quantifier(false, range, slot, test));
      case 'exists':
        return make((range, slot, test) => macros.quantifier(true, range, slot, test));
      case 'exists_one':
      case 'existsOne':
        return make(macros.existsOne);
      case 'filter':
        return make((range, slot, test) => macros.collect(range, slot, test, undefined));
      case 'map':
        return make((range, slot, second) =>
          third === undefined
            ? macros.collect(range, slot, undefined, second)
            : macros.collect(range, slot, second, this.compile(third)),
        );
      case 'optMap':
      case 'optFlatMap':
        return make((range, slot, transform) =>
          macros.mapOptional(range, slot, transform, name === 'optFlatMap'),
        );
      default:
        return undefined;
    }
  }

  /** Compiles with a variable more, which hides an outer one of its name. */
  #scoped(variable: ASTNode, compile: (slot: number) => Evaluate): Evaluate {
    if (variable.op !== 'id') throw new ExpressionError('argument must be a simple name', variable);
    const name = variable.args;
    const hidden = this.#slots.get(name);
    const slot = this.#slotCount++;
    this.#slots.set(name, slot);
    try {
      return compile(slot);
    } finally {
      if (hidden === undefined) this.#slots.delete(name);
      else this.#slots.set(name, hidden);
    }
  }
}

/** A node that counts itself. */
function step(evaluate: Evaluate): Evaluate {
  return (frame) => {
    frame.meter.spend(1);
    return evaluate(frame);
  };
}

function constant(value: CelValue): Evaluate {
  return () => value;
}

function literal(value: unknown, node: ASTNode): CelValue {
  if (typeof value === 'bigint' && value > MAX_INT) {
    throw new ExpressionError('invalid int literal', node);
  }
  const isKnown = value === null || value instanceof Uint8Array || typeof value !== 'object';
  if (!isKnown) throw new ExpressionError('unsigned ints are not supported', node);
  return value as CelValue;
}

/**
 * A pattern that is written out, compiled once. One that is none is refused with the rule, not with
 * the first object.
 */
function literalPattern(argument: ASTNode | undefined): LinearRegex | undefined {
  if (argument?.op !== 'value' || typeof argument.args !== 'string') return undefined;
  try {
    return new LinearRegex(argument.args);
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    throw new ExpressionError(`invalid matches argument: ${error.message}`, argument);
  }
}

/** `a.b.c` as text; undefined for any other expression. */
function qualifiedName(node: ASTNode): string | undefined {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return undefined;
  const operand = qualifiedName(node.args[0]);
  return operand === undefined ? undefined : `${operand}.${node.args[1]}`;
}
