import { CelError } from './cel-error.js';
import type { CelFunction, Evaluate } from './compiled-node.js';
import { ExpressionError } from './expression-error.js';
import type { ASTNode, MethodCall } from './expression-parser.js';
import { literalValue, qualifiedName } from './expression-parser.js';
import { findFunction, overloads } from './functions/index.js';
import { patternMethods } from './functions/regex-functions.js';
import { compilePattern } from '../linear-pattern.js';
import type { MacroCall } from './macro-calls.js';
import { macroOf } from './macro-calls.js';
import * as macros from './macros.js';
import { binaryOperators, fieldOf, hasField, negate, optionalElement } from './operators.js';
import type { BinaryOperation } from './operators.js';
import { TYPE_NAMES } from './types.js';
import type { CelValue } from './values.js';
import { CelList, LiteralMap, MAX_INT, TypeValue } from './values.js';

/**
 * Turns the parsed form of one expression, whose types were checked, into functions that count what
 * they do.
 */
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
        return constant(literalValue(node));
      case 'id':
        return this.#name(node.args, node);
      case '.':
        return this.#select(node);
      case '.?': {
        const [operand, name] = [this.compile(node.args[0]), node.args[1]];
        return step((frame) => optionalElement(operand(frame), name, frame.meter));
      }
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
      throw new ExpressionError(`undeclared reference to '${name}'`, node);
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
    const path = qualifiedName(node) ?? '';
    const isVariable = this.#slots.has(path.split('.', 1)[0] ?? '');
    if (!isVariable && TYPE_NAMES.includes(path)) return constant(new TypeValue(path));
    const [operand, name] = [this.compile(node.args[0]), node.args[1]];
    return step((frame) => fieldOf(operand(frame), name, frame.meter));
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
    return step(
      (frame) =>
        new LiteralMap(compiled.map(([key, value]) => [key(frame), value(frame)] as const)),
    );
  }

  #call(name: string, args: readonly ASTNode[], node: ASTNode): Evaluate {
    const [argument] = args;
    if (name === 'has' && argument?.op === '.') {
      const operand = this.compile(argument.args[0]);
      const field = argument.args[1];
      return step((frame) => hasField(operand(frame), field, frame.meter));
    }
    return this.#invoke(name, args, node);
  }

  #method(node: MethodCall): Evaluate {
    const macro = macroOf(node);
    if (macro !== undefined) return this.#macro(macro);
    const [name, receiver, args] = node.args;
    const [argument] = args;
    if ((name === 'orValue' || name === 'or') && argument !== undefined) {
      return macros.orElse(this.compile(receiver), this.compile(argument), name === 'orValue');
    }
    if (receiver.op === 'id' && !this.#slots.has(receiver.args)) {
      const path = `${receiver.args}.${name}`;
      if (overloads.has(path)) return this.#invoke(path, args, node);
    }
    return this.#invoke(`.${name}`, [receiver, ...args], node);
  }

  /** A method's receiver is its first argument. */
  #invoke(name: string, args: readonly ASTNode[], node: ASTNode): Evaluate {
    const count = name.startsWith('.') ? args.length - 1 : args.length;
    const run = this.#withPattern(`${name}/${count}`, args[1]) ?? findFunction(name, count);
    if (run === undefined) throw new ExpressionError(`undeclared reference to '${name}'`, node);
    const compiled = args.map((argument) => this.compile(argument));
    return step((frame) => {
      const values = compiled.map((argument) => argument(frame));
      return run(values, frame.meter);
    });
  }

  /** For a pattern that is written out: it is compiled once, and free of cost. */
  #withPattern(key: string, argument: ASTNode | undefined): CelFunction | undefined {
    const method = Object.hasOwn(patternMethods, key) ? patternMethods[key] : undefined;
    if (method === undefined || argument?.op !== 'value') return undefined;
    if (typeof argument.args !== 'string') return undefined;
    const pattern = compilePattern(argument.args);
    return (values, meter) => method(pattern, values, meter);
  }

  #macro({ name, range, variable, test, body }: MacroCall): Evaluate {
    const items = this.compile(range);
    return this.#scoped(variable, (slot) => {
      const result = this.compile(body);
      switch (name) {
        case 'all':
          return macros.quantifier(false, items, slot, result);
        case 'exists':
          return macros.quantifier(true, items, slot, result);
        case 'exists_one':
          return macros.existsOne(items, slot, result);
        case 'filter':
          return macros.collect(items, slot, result, undefined);
        case 'map':
          return macros.collect(items, slot, test && this.compile(test), result);
        case 'bind':
          return macros.bind(slot, items, result);
        case 'optMap':
        case 'optFlatMap':
          return macros.mapOptional(items, slot, result, name === 'optFlatMap');
      }
    });
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
