import type { ServerResponse } from 'node:http';
import { ApiError } from '../../sdk/api/errors.js';

const RETRY_AFTER_SECONDS = 1;

/** How many requests may be worked on at once; more are sent away before they cost anything. */
export class InFlightLimit {
  readonly #max: number;
  #count = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#count;
  }

  /**
   * Counts a request until its answer is out or its client is gone.
   *
   * @throws ApiError TooManyRequests, with the time after which to ask again.
   */
  enter(response: ServerResponse): void {
    if (this.#count >= this.#max) {
      throw new ApiError(
        'TooManyRequests',
        'the server has received too many requests and has asked us to try again later',
        { details: { retryAfterSeconds: RETRY_AFTER_SECONDS } },
      );
    }
    this.#count += 1;
    response.once('close', () => (this.#count -= 1));
  }
}
