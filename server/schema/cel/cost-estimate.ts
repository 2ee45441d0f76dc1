import type { ASTNode, MethodCall } from './expression-parser.js';
import { literalValue } from './expression-parser.js';
import { estimateCall } from './function-costs.js';
import { overloads } from './functions/index.js';
import type { MacroCall } from './macro-calls.js';
import { macroOf } from './macro-calls.js';
import type { SizeBound } from './size-bound.js';
import { SCALAR, either } from './size-bound.js';

/** What a part of an expression costs at most, and how large its value is then. */
export interface Estimate {
  readonly cost: number;
  readonly bound: SizeBound;
}

const LIST_COST = 10;
const MAP_COST = 30;
/** Of each turn of a macro's loop, beside what it evaluates: the check, and the result kept. */
const TURN_COSTS: Readonly<Record<MacroCall['name'], number>> = {
  all: 3,
  exists: 4,
  exists_one: 2,
  filter: 13,
  map: 12,
  optMap: 4,
  optFlatMap: 4,
  bind: 1,
};

/**
 * What an expression costs at most on objects that its schema takes: the estimate of cel-go
 * (`checker/cost.go`) with the function costs of Kubernetes. Where those lose sight of how large a
 * value can be and take it for endless, this one goes by what the value was made of: it never refuses
 * what they take.
 */
export class CostEstimator {
  readonly #variables: Map<string, SizeBound>;

  constructor(variables: Readonly<Record<string, SizeBound>>) {
    this.#variables = new Map(Object.entries(variables));
  }

  estimate(node: ASTNode): Estimate {
    switch (node.op) {
      case 'value': {
        const value = literalValue(node);
        const max = typeof value === 'string' || value instanceof Uint8Array ? value.length : 1;
        return { cost: 0, bound: { max } };
      }
      case 'id':
        return { cost: 1, bound: this.#variables.get(node.args) ?? SCALAR };
      case '.':
      case '.?': {
        const operand = this.estimate(node.args[0]);
        return { cost: operand.cost + 1, bound: fieldOf(operand.bound, node.args[1]) };
      }
      case 'list': {
        const items = node.args.map((item) => this.estimate(item));
        const bound = items.reduce<SizeBound | undefined>(
          (all, item) => (all === undefined ? item.bound : either(all, item.bound)),
          undefined,
        );
        return {
          cost: LIST_COST + sum(items),
          bound: { max: items.length, items: bound ?? SCALAR },
        };
      }
      case 'map': {
        const entries = node.args.map((entry) => entry.map((part) => this.estimate(part)));
        const bound = { max: entries.length, items: SCALAR, keys: SCALAR };
        return { cost: MAP_COST + sum(entries.flat()), bound };
      }
      case '?:': {
        const [condition, yes, no] = node.args.map((part) => this.estimate(part));
        if (!condition || !yes || !no) return { cost: 0, bound: SCALAR };
        const cost = condition.cost + Math.max(yes.cost, no.cost);
        return { cost, bound: either(yes.bound, no.bound) };
      }
      case '&&':
      case '||':
        return { cost: sum(node.args.map((part) => this.estimate(part))), bound: SCALAR };
      case '!_':
      case '-_':
        return { cost: this.estimate(node.args).cost + 1, bound: SCALAR };
      case 'call': {
        const [name, args] = node.args;
        // What `has` asks for is not read.
        if (name === 'has' && args[0]?.op === '.') {
          return { cost: this.estimate(args[0].args[0]).cost, bound: SCALAR };
        }
        return this.#call(name, args);
      }
      case 'rcall':
        return this.#method(node);
      default:
        return this.#call(node.op, node.args);
    }
  }

  #call(name: string, args: readonly ASTNode[]): Estimate {
    const given = args.map((argument) => this.estimate(argument));
    const { cost, bound } = estimateCall(
      name,
      given.map((argument) => argument.bound),
    );
    return { cost: cost + sum(given), bound };
  }

  #method(node: MethodCall): Estimate {
    const macro = macroOf(node);
    if (macro !== undefined) return this.#macro(macro);
    const [name, receiver, args] = node.args;
    const namespaced = receiver.op === 'id' ? `${receiver.args}.${name}` : '';
    if (overloads.has(namespaced)) return this.#call(namespaced, args);
    return this.#call(`.${name}`, [receiver, ...args]);
  }

  #macro({ name, range, variable, test, body }: MacroCall): Estimate {
    const over = this.estimate(range);
    const isLoop = !['bind', 'optMap', 'optFlatMap'].includes(name);
    const { bound } = over;
    const item = isLoop ? (bound.keys ?? bound.items ?? SCALAR) : bound;
    const names = variable.op === 'id' ? variable.args : '';
    const result = this.#scoped(names, item, body);
    const tested = test === undefined ? 0 : this.#scoped(names, item, test).cost;
    const turn = result.cost + tested + TURN_COSTS[name];
    if (!isLoop) return { cost: over.cost + turn, bound: result.bound };
    // A list literal of nothing costs nothing, also where what is done to its items is endless.
    const cost = over.cost + 1 + (bound.max === 0 ? 0 : bound.max * turn);
    if (name === 'map') return { cost, bound: { max: bound.max, items: result.bound } };
    if (name === 'filter') return { cost, bound: { max: bound.max, items: item } };
    return { cost, bound: SCALAR };
  }

  #scoped(name: string, bound: SizeBound, body: ASTNode): Estimate {
    const hidden = this.#variables.get(name);
    this.#variables.set(name, bound);
    const estimate = this.estimate(body);
    if (hidden === undefined) this.#variables.delete(name);
    else this.#variables.set(name, hidden);
    return estimate;
  }
}

function fieldOf(bound: SizeBound, name: string): SizeBound {
  return bound.field?.(name) ?? bound.items ?? SCALAR;
}

function sum(estimates: readonly Estimate[]): number {
  return estimates.reduce((total, { cost }) => total + cost, 0);
}
