import { SeededRandom } from './seeded-random.js';

/**
 * A row of numbers for each thing that happens: for its kind, and for how often that has happened. So
 * what is left out of a story does not change the fate of everything else in it.
 */
export class KeyedRandom {
  readonly #seed: number;
  readonly #counts = new Map<string, number>();

  constructor(seed: number) {
    this.#seed = seed;
  }

  /** Numbers for the next thing of this kind. */
  next(kind: string): SeededRandom {
    const count = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, count);
    return new SeededRandom(hash(`${kind} ${count}`) ^ this.#seed);
  }
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value;
}
