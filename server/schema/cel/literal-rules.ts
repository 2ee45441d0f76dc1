import { patternFault } from '../linear-pattern.js';
import type { ASTNode } from './expression-parser.js';
import { parseDuration, parseTimestamp } from './time-values.js';

const PATTERN_FUNCTIONS = ['matches', 'find', 'findAll'];

/**
 * Why a call with an argument that is written out can never have a value: Kubernetes refuses such a
 * rule with the definition (cel-go's validators of regex, duration and timestamp literals).
 */
export function literalFault(name: string, args: readonly ASTNode[]): string | undefined {
  if (PATTERN_FUNCTIONS.includes(name)) {
    const pattern = textOf(args[1]);
    const fault = pattern === undefined ? undefined : patternFault(pattern);
    return fault === undefined ? undefined : `invalid ${name} argument: ${fault}`;
  }
  const text = textOf(args[0]);
  if (text === undefined) return undefined;
  if (name === 'duration' && parseDuration(text) === undefined) return 'invalid duration argument';
  if (name === 'timestamp' && parseTimestamp(text) === undefined) {
    return 'invalid timestamp argument';
  }
  return undefined;
}

function textOf(node: ASTNode | undefined): string | undefined {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}
