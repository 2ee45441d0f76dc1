import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../api/condition.js';
import { ConditionType, removeCondition, setCondition } from '../api/condition.js';
import type { ReconcilerCondition } from './reconciler.js';

const OWN_TYPES: ReadonlySet<string> = new Set([ConditionType.reconciled, ConditionType.stalled]);

type StatusFields = Record<string, unknown>;

/** The status of one object while a reconciler works on it, beside the one last written. */
export class StatusDraft {
  /** Edited in place by the reconciler. */
  readonly status: StatusFields;
  #conditions: Condition[];
  #written: StatusFields;
  readonly #generation: number;
  readonly #now: () => string;

  /** `now` gives RFC 3339 in whole seconds. */
  constructor(status: unknown, generation: number, now: () => string) {
    this.#written = (status ?? {}) as StatusFields;
    this.status = structuredClone(this.#written);
    this.#conditions = (this.#written['conditions'] as Condition[] | undefined) ?? [];
    this.#generation = generation;
    this.#now = now;
  }

  /** @throws Error for the types that the runtime alone writes. */
  setCondition(condition: ReconcilerCondition): void {
    if (OWN_TYPES.has(condition.type)) {
      throw new Error(`the condition ${condition.type} is written by the runtime alone`);
    }
    this.put(condition);
  }

  removeCondition(type: string): void {
    this.#conditions = removeCondition(this.#conditions, type);
  }

  /** As `setCondition`, for every type: the runtime's own door. */
  put(condition: ReconcilerCondition): void {
    const { type, status, reason, message } = condition;
    const entry = { type, status, reason, message, observedGeneration: this.#generation };
    this.#conditions = setCondition(this.#conditions, entry, this.#now());
  }

  /**
   * The status as it should be written, without `undefined`s; undefined when it equals the one last
   * written. `observed` says that the spec of this generation was acted on.
   */
  changed(observed: boolean): StatusFields | undefined {
    const next = JSON.parse(
      JSON.stringify({
        ...this.status,
        observedGeneration: observed ? this.#generation : this.#written['observedGeneration'],
        conditions: this.#conditions.length === 0 ? undefined : this.#conditions,
      }),
    ) as StatusFields;
    return isDeepStrictEqual(next, JSON.parse(JSON.stringify(this.#written))) ? undefined : next;
  }

  /** Notes what is written now: `changed` compares with it from here on. */
  wrote(status: unknown): void {
    this.#written = (status ?? {}) as StatusFields;
  }
}
