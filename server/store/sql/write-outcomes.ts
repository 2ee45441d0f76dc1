import { isApiError } from '../../../sdk/api/errors.js';
import { codeOf, faultOf } from './database-errors.js';

/** After this long without a write it is time to try one again. */
const REMEMBERED_MS = 10_000;

/**
 * Knows whether writes of objects fail at present for a reason that the next one would meet too: what
 * the tables of a kind refuse is seen by nothing else.
 */
export class WriteOutcomes {
  #failure: { readonly atMs: number; readonly error: unknown } | undefined;

  /** Passes a write on, and notes how it ended. */
  async note<Result>(write: Promise<Result>): Promise<Result> {
    try {
      const result = await write;
      this.#failure = undefined;
      return result;
    } catch (error) {
      if (isOfTheDatabase(error)) this.#failure = { atMs: performance.now(), error };
      throw error;
    }
  }

  forget(): void {
    this.#failure = undefined;
  }

  /** @throws what the last write failed with, if that was a short while ago. */
  assertGood(): void {
    if (this.#failure === undefined || performance.now() - this.#failure.atMs > REMEMBERED_MS)
      return;
    throw new Error('the last write failed', { cause: this.#failure.error });
  }
}

/** A column that must have a value and gets none: the table is not as this process knows it. */
const NOT_NULL_VIOLATION = '23502';

/** Neither a rule that the write broke, nor data that cannot be stored. */
function isOfTheDatabase(error: unknown): boolean {
  if (isApiError(error)) return isApiError(error, 'ServiceUnavailable');
  if (!(error instanceof Error)) return false;
  return faultOf(error.cause) !== 'data' || codeOf(error.cause) === NOT_NULL_VIOLATION;
}
