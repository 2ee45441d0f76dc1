import { RE2JS } from 're2js';

/** More work than this for one match, about 50 ms, is refused: the text counts as no match. */
const MAX_STEPS = 20_000_000;
/** What a pattern may become: `(x{1000}){10}` has few letters and ten thousand instructions. */
const MAX_INSTRUCTIONS = 10_000;

/**
 * A regular expression of RE2's syntax, which is Kubernetes' too: no match ever takes more than time
 * in proportion to the text, whatever the pattern. A text that would take too long does not match.
 *
 * @throws Error when it is none, or too large.
 */
export class LinearPattern {
  readonly #compiled: RE2JS;
  readonly #maxLength: number;

  constructor(readonly source: string) {
    this.#compiled = RE2JS.compile(source);
    const instructions = this.#compiled.programSize();
    if (instructions > MAX_INSTRUCTIONS) throw new Error('expression is too large');
    this.#maxLength = MAX_STEPS / instructions;
  }

  /** Whether the pattern matches anywhere in the text. */
  test(text: string): boolean {
    return text.length <= this.#maxLength && this.#compiled.test(text);
  }

  toString(): string {
    return `/${this.source}/`;
  }
}

/** @throws Error when the pattern is none, or too large. */
export function compilePattern(source: string): LinearPattern {
  return new LinearPattern(source);
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
