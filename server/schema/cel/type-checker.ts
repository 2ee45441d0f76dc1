import { ExpressionError } from './expression-error.js';
import { placeOf } from './error-place.js';
import type { ASTNode, MethodCall } from './expression-parser.js';
import { literalValue, qualifiedName } from './expression-parser.js';
import { overloads } from './functions/index.js';
import { literalFault } from './literal-rules.js';
import { macroOf } from './macro-calls.js';
import type { MacroCall } from './macro-calls.js';
import { commonType, TypeBindings } from './type-bindings.js';
import * as types from './types.js';
import { BOOL, CelType, DYN, ObjectType, STRING, parameterOf, withoutNull } from './types.js';
import { MAX_INT, UInt } from './values.js';

/**
 * Finds the type of every part of an expression, by the rules and in the words of cel-go's checker.
 */
export class TypeChecker {
  /** Of each node that was checked. */
  readonly types = new Map<ASTNode, CelType>();
  readonly #text: string;
  readonly #variables: Map<string, CelType>;
  /** Lists that may hold several types: the arguments of `format`. */
  readonly #mixed = new Set<ASTNode>();

  constructor(text: string, variables: Readonly<Record<string, CelType>>) {
    this.#text = text;
    this.#variables = new Map(Object.entries(variables));
  }

  /** @throws ExpressionError when the expression does not fit the types. */
  check(node: ASTNode): CelType {
    const type = this.#typeOf(node);
    this.types.set(node, type);
    return type;
  }

  #typeOf(node: ASTNode): CelType {
    switch (node.op) {
      case 'value':
        return this.#literal(node);
      case 'id':
        return this.#name(node);
      case '.':
        return this.#select(node);
      case '.?': {
        const operand = this.check(node.args[0]);
        return types.optionalOf(withoutNull(this.#field(operand, node.args[1], node)));
      }
      case 'list':
        return this.#list(node);
      case 'map': {
        const keys = node.args.map(([key]) => key);
        const values = node.args.map(([, value]) => value);
        return types.mapOf(this.#elements(keys, false), this.#elements(values, false));
      }
      case '-_':
        if (node.args.op === 'value' && node.args.args === MAX_INT + 1n) return types.INT;
        return this.#overload('-_', [node.args], node);
      case '!_':
        return this.#overload('!_', [node.args], node);
      case '?:':
        return this.#overload('_?_:_', node.args, node);
      case '[]':
        return this.#overload('_[_]', node.args, node);
      case '[?]':
        return this.#overload('_[?_]', node.args, node);
      case 'in':
        return this.#overload('@in', node.args, node);
      case 'call':
        return this.#call(node.args[0], node.args[1], node);
      case 'rcall':
        return this.#method(node);
      default:
        return this.#overload(`_${node.op}_`, node.args, node);
    }
  }

  #literal(node: Extract<ASTNode, { op: 'value' }>): CelType {
    const value = literalValue(node);
    if (typeof value === 'bigint' && value > MAX_INT) this.#fail('invalid int literal', node);
    if (typeof value === 'bigint') return types.INT;
    if (typeof value === 'number') return types.DOUBLE;
    if (typeof value === 'string') return STRING;
    if (typeof value === 'boolean') return BOOL;
    if (value instanceof Uint8Array) return types.BYTES;
    return value instanceof UInt ? types.UINT : types.NULL;
  }

  #name(node: Extract<ASTNode, { op: 'id' }>): CelType {
    const variable = this.#variables.get(node.args);
    if (variable !== undefined) return variable;
    if (types.TYPE_NAMES.includes(node.args)) return typeNamed(node.args);
    return this.#undeclared(node.args, node);
  }

  #select(node: Extract<ASTNode, { op: '.' }>): CelType {
    const path = this.#isVariablePath(node) ? undefined : qualifiedName(node);
    if (path !== undefined && types.TYPE_NAMES.includes(path)) return typeNamed(path);
    return this.#field(this.check(node.args[0]), node.args[1], node);
  }

  #isVariablePath(node: ASTNode): boolean {
    if (node.op === '.') return this.#isVariablePath(node.args[0]);
    return node.op === 'id' && this.#variables.has(node.args);
  }

  #field(operand: CelType, name: string, node: ASTNode): CelType {
    const type = withoutNull(operand);
    if (type === DYN) return DYN;
    if (type.name === 'map') return parameterOf(type, 1);
    if (type.name === 'optional_type') {
      return types.optionalOf(withoutNull(this.#field(parameterOf(type, 0), name, node)));
    }
    if (!(type instanceof ObjectType)) {
      return this.#fail(`type '${type}' does not support field selection`, node);
    }
    return type.field(name) ?? this.#fail(`undefined field '${name}'`, node);
  }

  #list(node: Extract<ASTNode, { op: 'list' }>): CelType {
    return types.listOf(this.#elements(node.args, this.#mixed.has(node)));
  }

  /** The one type of all items of a list literal, or keys or values of a map literal. */
  #elements(nodes: readonly ASTNode[], isMixed: boolean): CelType {
    let common: CelType | undefined;
    for (const node of nodes) {
      const type = this.check(node);
      const both: CelType = common === undefined ? type : commonType(common, type);
      // cel-go's HomogeneousAggregateLiterals, which Kubernetes has on.
      if (both === DYN && !isMixed && type !== DYN && common !== undefined && common !== DYN) {
        this.#fail(`expected type '${common}' but found '${type}'`, node);
      }
      common = both;
    }
    return common ?? DYN;
  }

  #call(name: string, args: readonly ASTNode[], node: ASTNode): CelType {
    if (name === 'has') {
      const [argument] = args;
      if (argument?.op !== '.' || args.length !== 1) {
        return this.#fail('invalid argument to has() macro', node);
      }
      this.check(argument);
      return BOOL;
    }
    return this.#overload(name, args, node);
  }

  #method(node: MethodCall): CelType {
    const macro = macroOf(node);
    if (macro !== undefined) return this.#macro(macro, node);
    const [name, receiver, args] = node.args;
    const namespaced = receiver.op === 'id' ? `${receiver.args}.${name}` : '';
    if (overloads.has(namespaced) && !this.#isVariablePath(receiver)) {
      return this.#overload(namespaced, args, node);
    }
    if (name === 'format') for (const argument of args) this.#mixed.add(argument);
    return this.#overload(`.${name}`, [receiver, ...args], node);
  }

  #overload(name: string, args: readonly ASTNode[], node: ASTNode): CelType {
    const isMethod = name.startsWith('.');
    const plain = isMethod ? name.slice(1) : name;
    if (!overloads.has(plain) && !overloads.has(`.${plain}`)) this.#undeclared(plain, node);
    const given = args.map((argument) => this.check(argument));
    const fault = literalFault(plain, args);
    if (fault !== undefined) this.#fail(fault, args.at(-1) ?? node);
    const result = overloads.resultOf(name, given);
    if (result !== undefined) return result;
    const [receiver, ...others] = given;
    const shown = isMethod ? `${receiver}.(${others.join(', ')})` : `(${given.join(', ')})`;
    return this.#fail(`found no matching overload for '${plain}' applied to '${shown}'`, node);
  }

  #macro(macro: MacroCall, node: ASTNode): CelType {
    const { name, range, variable, body } = macro;
    if (variable.op !== 'id') return this.#fail('argument must be a simple name', variable);
    const given = withoutNull(this.check(range));
    const result = (type: CelType): CelType => this.#scoped(variable.args, type, body);
    switch (name) {
      case 'bind':
        return result(given);
      case 'optMap':
      case 'optFlatMap': {
        if (given !== DYN && given.name !== 'optional_type') {
          this.#fail(`found no matching overload for '${name}' applied to '${given}.()'`, node);
        }
        const mapped = result(parameterOf(given, 0));
        if (name === 'optMap') return types.optionalOf(mapped);
        return this.#expect(new CelType('optional_type', [DYN]), mapped, body);
      }
      case 'all':
      case 'exists':
      case 'exists_one':
        return this.#expect(BOOL, result(this.#itemType(given, range)), body);
      case 'filter':
        this.#expect(BOOL, result(this.#itemType(given, range)), body);
        return types.listOf(this.#itemType(given, range));
      default: {
        const item = this.#itemType(given, range);
        if (macro.test !== undefined) {
          this.#expect(BOOL, this.#scoped(variable.args, item, macro.test), macro.test);
        }
        return types.listOf(result(item));
      }
    }
  }

  #itemType(range: CelType, node: ASTNode): CelType {
    if (range === DYN || range.name === 'list' || range.name === 'map')
      return parameterOf(range, 0);
    return this.#fail(
      `expression of type '${range}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      node,
    );
  }

  #expect(wanted: CelType, given: CelType, node: ASTNode): CelType {
    if (new TypeBindings().accepts(wanted, given)) return given === DYN ? wanted : given;
    return this.#fail(`expected type '${wanted}' but found '${given}'`, node);
  }

  /** Checks with a variable more, which hides an outer one of its name. */
  #scoped(name: string, type: CelType, body: ASTNode): CelType {
    const hidden = this.#variables.get(name);
    this.#variables.set(name, type);
    try {
      return this.check(body);
    } finally {
      if (hidden === undefined) this.#variables.delete(name);
      else this.#variables.set(name, hidden);
    }
  }

  #undeclared(name: string, node: ASTNode): never {
    return this.#fail(`undeclared reference to '${name}' (in container '')`, node);
  }

  #fail(message: string, node: ASTNode): never {
    throw new ExpressionError(message, placeOf(node, this.#text));
  }
}

function typeNamed(name: string): CelType {
  return new CelType('type', [new CelType(name)]);
}
