/**
 * What one expression may cost at one place of an object: the limit of Kubernetes (its
 * `PerCallLimit`). A step is one node of the expression evaluated, about 30 ns.
 */
export const MAX_CALL_COST = 1_000_000;
/** What all rules of one write may cost together: Kubernetes' `RuntimeCELCostBudget`. */
export const MAX_WRITE_COST = 10_000_000;

/** Reading one item of a list takes about this long. */
export const STEPS_PER_ITEM = 3;
/** Reading a time or duration, or writing one, takes about this long. */
export const STEPS_PER_TIME = 40;
/** Listing the keys of a map takes about this long for each. */
export const STEPS_PER_KEY = 4;

/** Stops an evaluation; no operator absorbs it. */
export class CostExceeded extends Error {
  override readonly name = 'CostExceeded';
}

/** Counts the steps of one evaluation and ends it at its limit. */
export class CostMeter {
  readonly #limit: number;
  #left: number;

  constructor(limit: number) {
    this.#limit = limit;
    this.#left = limit;
  }

  /** @throws CostExceeded when the steps are used up. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new CostExceeded('actual cost limit exceeded');
  }

  /** For work on this many characters, done by one call of the language. */
  spendText(characters: number): void {
    this.spend(1 + (characters >>> 4));
  }

  /** Never more than the limit. */
  get spent(): number {
    return this.#limit - Math.max(this.#left, 0);
  }
}
