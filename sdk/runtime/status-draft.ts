import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../api/condition.js';
import { ConditionType, removeCondition, setCondition } from '../api/condition.js';
import type { ReconcilerCondition } from './reconciler.js';

const OWN_TYPES: ReadonlySet<string> = new Set([ConditionType.reconciled, ConditionType.stalled]);

type StatusFields = Record<string, unknown>;

/** The status of one object while a reconciler works on it, beside the one that everybody sees. */
export class StatusDraft {
  /** Edited in place by the reconciler. */
  readonly status: StatusFields;
  #conditions: Condition[];
  readonly #shown: StatusFields;
  /** The newest checkpoint, of this attempt or of one before that did not end. */
  noted: StatusFields | undefined;
  readonly #generation: number;
  readonly #now: () => string;

  /** Goes on from the checkpoint, if there is one. `now` gives RFC 3339 in whole seconds. */
  constructor(
    object: { readonly status?: unknown; readonly checkpoint?: unknown },
    generation: number,
    now: () => string,
  ) {
    this.#shown = (object.status ?? {}) as StatusFields;
    this.noted = object.checkpoint as StatusFields | undefined;
    this.status = structuredClone(this.noted ?? this.#shown);
    this.#conditions = (this.status['conditions'] as Condition[] | undefined) ?? [];
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

  /** What a checkpoint should note; undefined when the one before it, or the object, says it. */
  toNote(): StatusFields | undefined {
    const next = this.#next(this.#shown['observedGeneration']);
    return isDeepStrictEqual(next, plain(this.noted ?? this.#shown)) ? undefined : next;
  }

  /**
   * The status to complete with: the spec of this generation was acted on. Undefined when the object
   * says it already and there is no checkpoint to end.
   */
  toShow(): StatusFields | undefined {
    const next = this.#next(this.#generation);
    const same = this.noted === undefined && isDeepStrictEqual(next, plain(this.#shown));
    return same ? undefined : next;
  }

  #next(observedGeneration: unknown): StatusFields {
    const conditions = this.#conditions.length === 0 ? undefined : this.#conditions;
    return plain({ ...this.status, observedGeneration, conditions });
  }
}

/** Without `undefined`s, and sharing nothing. */
function plain(status: StatusFields): StatusFields {
  return JSON.parse(JSON.stringify(status)) as StatusFields;
}
