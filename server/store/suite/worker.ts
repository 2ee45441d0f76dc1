import type {
  ObjectStore,
  StoredObject,
  WorkClaim,
  WorkCompletion,
  WorkOutcome,
} from '../object-store.js';
import { parse, widget } from './suite-kinds.js';

/** Longer than any test takes. */
export const LONG_MS = 60_000;
/** Over while a test waits for it. */
export const SHORT_MS = 40;

export interface ClaimChoice {
  readonly worker?: string;
  readonly leaseMs?: number;
  readonly uids?: readonly string[];
}

/** What worker `a` does with widgets, in short. */
export class Worker {
  readonly #store: ObjectStore;

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  claim(choice: ClaimChoice = {}): Promise<readonly WorkClaim[]> {
    return this.#store.claim(widget, { worker: 'a', leaseMs: LONG_MS, limit: 100, ...choice });
  }

  async claimOne(choice: ClaimChoice = {}): Promise<WorkClaim> {
    const [first] = await this.claim(choice);
    if (first === undefined) throw new Error('nothing is due');
    return first;
  }

  async complete(claimed: WorkClaim, more: Partial<WorkCompletion> = {}): Promise<WorkOutcome> {
    const [outcome] = await this.#store.complete([completionOf(claimed, more)]);
    if (outcome === undefined) throw new Error('no outcome');
    return outcome;
  }
}

export function completionOf(
  { object, fence, failures }: WorkClaim,
  more: Partial<WorkCompletion> = {},
): WorkCompletion {
  return { kind: widget, uid: object.uid, worker: 'a', fence, failures, ...more };
}

/** The write of a completion that sets the status and nothing else. */
export function withStatus(
  stored: StoredObject,
  status: unknown,
): NonNullable<WorkCompletion['write']> {
  return {
    type: 'update',
    object: { ...parse(stored), status },
    expectedResourceVersion: stored.resourceVersion,
  };
}
