import { isDeepStrictEqual } from 'node:util';
import type { Condition } from '../api/condition.js';
import { ConditionType, findCondition, removeCondition, setCondition } from '../api/condition.js';
import type { ReconcilerCondition } from './reconciler.js';

const OWN_TYPES: ReadonlySet<string> = new Set([ConditionType.reconciled, ConditionType.stalled]);

const LONGEST_STATUS = 1024 * 1024;

type StatusFields = Record<string, unknown>;

/** The status of one object while a reconciler works on it, beside the one that everybody sees. */
export class StatusDraft {
  /**
   * Edited in place by the reconciler. Without `conditions` and `observedGeneration`: what is written
   * there is ignored.
   */
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
    const { conditions, observedGeneration: _own, ...own } = this.noted ?? this.#shown;
    this.status = structuredClone(own);
    this.#conditions = (conditions as Condition[] | undefined) ?? [];
    this.#generation = generation;
    this.#now = now;
  }

  /** @throws Error for the types that the runtime alone writes. */
  setCondition(condition: ReconcilerCondition): void {
    refuseOwn(condition.type);
    this.put(condition);
  }

  /** @throws Error for the types that the runtime alone writes. */
  removeCondition(type: string): void {
    refuseOwn(type);
    this.drop(type);
  }

  /** As the draft has it. */
  condition(type: string): Condition | undefined {
    return findCondition(this.#conditions, type);
  }

  /** Whether the condition is about the generation that is being acted on. */
  isOfNow(condition: Condition): boolean {
    return condition.observedGeneration === this.#generation;
  }

  /** As `removeCondition`, for every type: the runtime's own door. */
  drop(type: string): void {
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

function refuseOwn(type: string): void {
  if (OWN_TYPES.has(type)) {
    throw new Error(`the condition ${type} is written by the runtime alone`);
  }
}

/** Without `undefined`s, and sharing nothing. @throws Error for what is no JSON, or over 1 MiB. */
function plain(status: StatusFields): StatusFields {
  const text = JSON.stringify(status);
  if (text.length > LONGEST_STATUS) {
    throw new Error(`the status has ${text.length} characters, of at most ${LONGEST_STATUS}`);
  }
  return JSON.parse(text) as StatusFields;
}
