import { RE2JS } from 're2js';
import { CelError } from './cel-error.js';
import type { CostMeter } from './cost-meter.js';

/** Kubernetes' patterns have at most some hundred instructions. */
const MAX_PROGRAM = 4_000;
const MAX_PATTERN_LENGTH = 2_000;
const MAX_KEPT = 200;
/** Compiling one instruction takes about as long as this many steps. */
const STEPS_PER_INSTRUCTION = 50;

const kept = new Map<string, RE2JS>();

/**
 * A pattern in RE2's syntax, which Kubernetes' rules are written in, on an engine whose time grows
 * with the text and the pattern and no faster.
 */
export class LinearRegex {
  readonly #regex: RE2JS;
  readonly #program: number;

  /** @throws CelError when the pattern is none, or would be too large. */
  constructor(pattern: string, meter?: CostMeter) {
    const size = pattern.length > MAX_PATTERN_LENGTH ? Infinity : expandedSize(pattern);
    if (size > MAX_PROGRAM) throw new CelError('the regular expression is too large');
    // A kept one costs the same: what a rule costs does not depend on what ran before.
    meter?.spend(size * STEPS_PER_INSTRUCTION);
    this.#regex = compile(pattern);
    this.#program = size;
  }

  /** Whether some part of the text matches. */
  test(text: string, meter: CostMeter): boolean {
    meter.spend(1 + (text.length * (this.#program + 4)) / 8);
    return this.#regex.test(text);
  }

  /** The parts that match, `limit` of them at most. */
  findAll(text: string, limit: number, meter: CostMeter): string[] {
    const found: string[] = [];
    if (limit === 0 || !this.test(text, meter)) return found;
    // Finding where takes the slow machine, which follows every instruction at every character.
    meter.spend(1 + text.length * this.#program);
    const matcher = this.#regex.matcher(text);
    while (found.length < limit && matcher.find()) {
      meter.spend(20);
      found.push(matcher.group() ?? '');
    }
    return found;
  }
}

function compile(pattern: string): RE2JS {
  const known = kept.get(pattern);
  if (known !== undefined) return known;
  let regex: RE2JS;
  try {
    regex = RE2JS.compile(pattern);
  } catch (cause) {
    throw new CelError(cause instanceof Error ? cause.message : 'error parsing regexp');
  }
  const [oldest] = kept.keys();
  if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
  kept.set(pattern, regex);
  return regex;
}

/**
 * About how many instructions a pattern becomes with its counted repeats written out, without
 * writing them out.
 */
function expandedSize(pattern: string): number {
  const token =
    /\\[xpP]\{[^}]*\}|\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]|\{(\d+)(?:,(\d*))?\}|[()]|[^]/gsu;
  const outer: number[] = [];
  let total = 0;
  let last = 0;
  for (const [text, least, most] of pattern.matchAll(token)) {
    if (text === '(') {
      outer.push(total);
      total = 0;
      last = 0;
    } else if (text === ')') {
      last = total + 2;
      total = (outer.pop() ?? 0) + last;
    } else if (least !== undefined) {
      const times = Math.max(Number(least), Number(most ?? 0), 1);
      total += last * (times - 1);
      last *= times;
    } else {
      last = 1;
      total += 1;
    }
    if (total > MAX_PROGRAM) return total;
  }
  return outer.reduce((sum, size) => sum + size, total);
}
