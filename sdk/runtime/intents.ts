import type { Intent } from '../api/journal.js';
import { isApiError, type ErrorReason } from '../api/errors.js';

/** Answers that may come although the call took effect, or will. */
const UNCLEAR: readonly ErrorReason[] = ['ServiceUnavailable', 'Timeout', 'InternalError'];

/** Whether a create that failed so has certainly made nothing. */
export function madeNothing(error: unknown): boolean {
  return isApiError(error) && !UNCLEAR.includes(error.reason);
}

/** The creates of one object whose end is not known to be in its status. */
export class Intents {
  /** Those of attempts before, which this one has not taken up. */
  readonly #left: Intent[];
  readonly #open: Intent[];
  readonly #settled = new Set<Intent>();
  readonly #write: (intents: readonly Intent[]) => Promise<void>;
  #isTouched: boolean;

  /** `write` makes all of them durable under the lease, or throws. */
  constructor(open: readonly Intent[], write: (intents: readonly Intent[]) => Promise<void>) {
    this.#left = [...open];
    this.#open = [...open];
    this.#write = write;
    this.#isTouched = open.length > 0;
  }

  /** There are, or were, any: what is noted of them must be said anew with every completion. */
  get isTouched(): boolean {
    return this.#isTouched;
  }

  /** All, those too whose end this attempt knows: to be noted until the status is written. */
  get all(): readonly Intent[] {
    return this.#open;
  }

  /** Those whose end nobody knows: what is left once the status is written. */
  get unsettled(): readonly Intent[] {
    return this.#open.filter((intent) => !this.#settled.has(intent));
  }

  /** The one that an attempt before began for the same call; nobody else gets it. */
  takeUp(call: Pick<Intent, 'port' | 'place' | 'operation' | 'target'>): Intent | undefined {
    const index = this.#left.findIndex(
      ({ port, place, operation, target }) =>
        port === call.port &&
        place === call.place &&
        operation === call.operation &&
        target === call.target,
    );
    return index < 0 ? undefined : this.#left.splice(index, 1)[0];
  }

  /** Durable when it resolves: only then may the call be made. */
  async begin(intent: Intent): Promise<void> {
    this.#isTouched = true;
    this.#open.push(intent);
    await this.#write(this.#open);
  }

  /** Its end is known. */
  settle(intent: Intent): void {
    this.#settled.add(intent);
  }
}
