import type { ServerResponse } from 'node:http';
import { ApiError } from '../../sdk/api/errors.js';

const RETRY_AFTER_SECONDS = 1;
const READ_METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** How many requests may be worked on at once; more are sent away before they cost anything. */
export class InFlightLimit {
  readonly #max: number;
  readonly #counts = { readOnly: 0, mutating: 0 };

  constructor(max: number) {
    this.#max = max;
  }

  /** By Kubernetes' names for the two. */
  get counts(): { readonly readOnly: number; readonly mutating: number } {
    return this.#counts;
  }

  /**
   * Counts a request until its answer is out or its client is gone.
   *
   * @throws ApiError TooManyRequests, with the time after which to ask again.
   */
  enter(response: ServerResponse): void {
    const counts = this.#counts;
    if (counts.readOnly + counts.mutating >= this.#max) {
      throw new ApiError(
        'TooManyRequests',
        'the server has received too many requests and has asked us to try again later',
        { details: { retryAfterSeconds: RETRY_AFTER_SECONDS } },
      );
    }
    const kind = READ_METHODS.has(response.req.method ?? '') ? 'readOnly' : 'mutating';
    counts[kind] += 1;
    response.once('close', () => (counts[kind] -= 1));
  }
}
