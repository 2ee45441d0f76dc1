import { Environment } from '@marcbachmann/cel-js';
import type { ASTNode } from '@marcbachmann/cel-js';
import { ExpressionError } from './expression-error.js';
import type { CelValue } from './values.js';
import { UInt } from './values.js';

/**
 * The longest rule. Kubernetes limits what a rule is estimated to cost instead; the longest of its
 * own and of Gateway API's have some 1,000 characters.
 */
export const MAX_EXPRESSION_LENGTH = 8_192;
/** `a || b || …` is one level deeper with each: more than anybody writes. */
const MAX_DEPTH = 1_000;
const LIMITS = { maxAstNodes: 4_000, maxDepth: 100, maxListElements: 1_000, maxMapEntries: 1_000 };

// Only its parser is used: names, types and values are Kubernetes' here, not the library's.
const LIBRARY = new Environment({ enableOptionalTypes: true, limits: LIMITS });

export type { ASTNode };
export type MethodCall = Extract<ASTNode, { op: 'rcall' }>;

/**
 * Parses an expression.
 *
 * @throws ExpressionError when the text is none, or is longer or deeper than anybody should follow.
 */
export function parseExpression(text: string): ASTNode {
  if (text.length > MAX_EXPRESSION_LENGTH) {
    throw new ExpressionError(`must be no longer than ${MAX_EXPRESSION_LENGTH} characters`);
  }
  let root: ASTNode;
  try {
    root = LIBRARY.parse(text).ast;
  } catch (error) {
    throw syntaxError(error);
  }
  checkDepth(root);
  return root;
}

/** The value that a literal stands for. */
export function literalValue(node: Extract<ASTNode, { op: 'value' }>): CelValue {
  const value: unknown = node.args;
  if (value instanceof Uint8Array)
    return literalBytes(node.input.slice(node.start, node.end), value);
  if (typeof value !== 'object' || value === null) return value as CelValue;
  return new UInt((value as { readonly value: bigint }).value);
}

/** The parser cuts every character of a bytes literal to one byte; those beyond ASCII have several. */
function literalBytes(source: string, parsed: Uint8Array): Uint8Array {
  // oxlint-disable-next-line no-control-regex
  if (!/[^\u0000-\u007f]/.test(source)) return parsed;
  const quotes = /^[bB]("""|'''|"|')/.exec(source)?.[0].length ?? 2;
  const text = source.slice(quotes, 1 - quotes);
  const parts = text.match(/\\(?:[xX]..|[0-7]{3}|[^])|[^\\]/gu) ?? [];
  let at = 0;
  return Buffer.concat(
    parts.map((part) => {
      const isEscape = part.startsWith('\\');
      const start = at;
      at += isEscape ? 1 : part.length;
      return isEscape ? parsed.subarray(start, at) : Buffer.from(part);
    }),
  );
}

/** `a.b.c` as text; undefined for any other expression. */
export function qualifiedName(node: ASTNode): string | undefined {
  if (node.op === 'id') return node.args;
  if (node.op !== '.') return undefined;
  const operand = qualifiedName(node.args[0]);
  return operand === undefined ? undefined : `${operand}.${node.args[1]}`;
}

/** Level by level: the expression may be too deep to be followed otherwise. */
function checkDepth(root: ASTNode): void {
  let level: unknown[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) throw new ExpressionError('expression is nested too deeply');
    level = level.flat(2).flatMap((item) => (isNode(item) ? [item.args] : []));
  }
}

function isNode(value: unknown): value is ASTNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value;
}

function syntaxError(error: unknown): ExpressionError {
  if (!(error instanceof Error)) throw error;
  const { summary, range } = error as Error & { summary?: string; range?: { start: number } };
  return new ExpressionError(`Syntax error: ${summary ?? error.message}`, range);
}
