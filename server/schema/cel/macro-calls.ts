import type { ASTNode, MethodCall } from './expression-parser.js';

/** A call whose arguments are not evaluated before it, but as often as it says. */
export interface MacroCall {
  readonly name:
    'all' | 'exists' | 'exists_one' | 'filter' | 'map' | 'optMap' | 'optFlatMap' | 'bind';
  /** The list or map, the optional value, or for `bind` the value. */
  readonly range: ASTNode;
  readonly variable: ASTNode;
  /** Of `map` with three arguments: which items. */
  readonly test?: ASTNode;
  readonly body: ASTNode;
}

const OF_TWO = ['all', 'exists', 'exists_one', 'filter', 'map', 'optMap', 'optFlatMap'] as const;

/**
 * The macro that a call stands for, with this many arguments; undefined for a function. CEL's own,
 * those of optional values, and `cel.bind`, which Kubernetes 1.32 does not have.
 */
export function macroOf({ args: [name, receiver, args] }: MethodCall): MacroCall | undefined {
  const [variable, second, third] = args;
  if (variable === undefined || second === undefined) return undefined;
  if (args.length === 3 && third !== undefined) {
    if (name === 'map') return { name, range: receiver, variable, test: second, body: third };
    const isBind = name === 'bind' && receiver.op === 'id' && receiver.args === 'cel';
    return isBind ? { name, range: second, variable, body: third } : undefined;
  }
  const known = OF_TWO.find((one) => one === name);
  if (known === undefined || args.length !== 2) return undefined;
  return { name: known, range: receiver, variable, body: second };
}
