import { RE2JS, RE2Set } from 're2js';

/** Longer patterns, and those that become more instructions, take too long to compile. */
const MAX_LENGTH = 5_000;
const MAX_INSTRUCTIONS = 5_000;
/** What one match may take where nobody counts, about 0.2 s. */
const MAX_STEPS = 5_000_000;
const STEPS_PER_COMPILED_INSTRUCTION = 400;
/** Of all patterns that are kept, together: each instruction takes about 200 bytes. */
const MAX_KEPT_INSTRUCTIONS = 100_000;
/**
 * What a match may remember of the states it was in, for the next. Patterns of users that have few are
 * fast by it; those that have one at each character are matched without.
 */
const MAX_STATE_BYTES = 64 * 1024;

const kept = new Map<string, LinearPattern>();
let keptInstructions = 0;

/**
 * A regular expression of RE2's syntax, which is Kubernetes' too: no match ever takes more than time
 * in proportion to the text, whatever the pattern. How much is said in steps of about 30 ns, those of
 * the rules in CEL, and depends on the pattern and the length of the text alone.
 */
export class LinearPattern {
  readonly source: string;
  readonly instructions: number;
  readonly #regex: RE2JS;
  #tester: RE2Set | undefined;

  /** @throws Error when the text is no pattern, or too large a one. */
  constructor(source: string) {
    this.source = source;
    if (patternSize(source) > MAX_INSTRUCTIONS) throw new Error('expression is too large');
    this.#regex = RE2JS.compile(source);
    this.instructions = this.#regex.programSize();
  }

  /**
   * Steps of `test` on a text of this length: at worst every instruction is looked at for every
   * character.
   */
  testSteps(length: number): number {
    return 1 + (length * (this.instructions + 4)) / 2;
  }

  /** Steps of `findAll`, which has to follow where each part begins. */
  findSteps(length: number): number {
    return 1 + length * (this.instructions + 4);
  }

  /** Whether the pattern matches anywhere in the text. A text that would take too long does not. */
  test(text: string): boolean {
    if (this.testSteps(text.length) > MAX_STEPS) return false;
    // A set of one: what RE2JS itself tests with remembers 8 MB of states for every pattern.
    this.#tester ??= testerOf(this.source);
    return this.#tester.match(text).length > 0;
  }

  /** The parts that match, one after the other. */
  *findAll(text: string): Generator<string> {
    const matcher = this.#regex.matcher(text);
    while (matcher.find()) yield matcher.group() ?? '';
  }

  toString(): string {
    return `/${this.source}/`;
  }
}

/**
 * The pattern, compiled or kept from before.
 *
 * @throws Error when the text is no pattern, or too large a one.
 */
export function compilePattern(source: string): LinearPattern {
  const known = kept.get(source);
  if (known !== undefined) return known;
  const pattern = new LinearPattern(source);
  kept.set(source, pattern);
  keptInstructions += pattern.instructions;
  for (const [oldest, { instructions }] of kept) {
    if (keptInstructions <= MAX_KEPT_INSTRUCTIONS) break;
    kept.delete(oldest);
    keptInstructions -= instructions;
  }
  return pattern;
}

function testerOf(source: string): RE2Set {
  const tester = new RE2Set(RE2Set.UNANCHORED, 0, MAX_STATE_BYTES);
  tester.add(source);
  tester.compile();
  return tester;
}

/** Steps of `compilePattern`, kept or not: what a rule costs does not depend on what ran before. */
export function compileSteps(source: string): number {
  const size = Math.min(Math.max(patternSize(source), source.length), MAX_INSTRUCTIONS);
  return size * STEPS_PER_COMPILED_INSTRUCTION;
}

/** Why a pattern cannot be used; undefined when it can. */
export function patternFault(pattern: string): string | undefined {
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * About how many instructions a pattern becomes with its counted repeats written out, without
 * writing them out: `(x{100}){10}` has few letters and a thousand instructions. Infinity for one that
 * is too large.
 */
export function patternSize(pattern: string): number {
  if (pattern.length > MAX_LENGTH) return Infinity;
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
    if (total > MAX_INSTRUCTIONS) return Infinity;
  }
  return outer.reduce((sum, size) => sum + size, total);
}
