import type { StoredApiObject } from '../api/object.js';
import { isBeingDeleted } from '../api/object.js';
import type { KindDefinition } from '../api/kind.js';
import type { Intent } from '../api/journal.js';
import type { Completion, CompletionResult } from '../api/work.js';
import { failpoint } from '../failpoint.js';
import type { Ports } from '../ports/ports.js';
import type { PortTable } from '../ports/port-table.js';
import { guardPorts } from '../ports/guard-ports.js';
import type { AttemptOutcome } from './attempt-end.js';
import { endAttempt } from './attempt-end.js';
import { checkResult } from './check-result.js';
import type { ObjectEvent } from './event-recorder.js';
import { deepFreeze } from './deep-freeze.js';
import { Intents } from './intents.js';
import { journalCalls, type NoteEffect } from './journal-calls.js';
import type {
  ReconcileContext,
  ReconciledObject,
  Reconciler,
  ReconcileResult,
} from './reconciler.js';
import { done, LeaseLostError, ReconcileError, waitingFor } from './reconciler.js';
import { StatusDraft } from './status-draft.js';

/** A claimed object and what one attempt at it may use. */
export interface AttemptInput {
  readonly reconciler: Reconciler;
  readonly kind: KindDefinition;
  readonly object: StoredApiObject;
  /** The status that an attempt before noted down and did not live to show. */
  readonly checkpoint?: Record<string, unknown>;
  /** Creates that attempts before began, and whose end is not known to be in the status. */
  readonly intents?: readonly Intent[];
  /** Of the lease. */
  readonly fence: number;
  readonly failures: number;
  readonly alive: boolean;
  readonly ports: Ports;
  /** Default: that of Ports. */
  readonly portTable?: PortTable;
  /** Aborts when the lease is lost or the process stops. */
  readonly signal: AbortSignal;
  /** Throws when the lease is lost by now, whether `signal` has told it or not. */
  readonly checkLease: () => void;
  readonly timeLimitMs: number;
  readonly resyncMs?: number;
  readonly random: () => number;
  /** Writes under the lease and keeps it. */
  readonly write: (change: AttemptWrite) => Promise<CompletionResult>;
  /** Is told what the attempt does outside of the plane. Default: nobody. */
  readonly note?: NoteEffect;
}

/** More in one attempt is a fault of the reconciler. */
const MOST_EVENTS = 10;
const CAMEL_CASE = /^[A-Z][A-Za-z0-9]{0,127}$/;
/** What an attempt writes before its end. */
export type AttemptWrite = Pick<Completion, 'checkpoint' | 'intents' | 'addFinalizer'>;

const SETTLE_AGAIN_MS = 1_000;

/** What to complete an object with. */
export type AttemptCompletion = Omit<Completion, 'resource' | 'uid' | 'fence'>;

export interface AttemptResult {
  readonly completion: AttemptCompletion;
  /** What the reconciler answered; absent when it threw, or was not asked. */
  readonly result?: ReconcileResult;
  /** What the reconciler threw. */
  readonly error?: unknown;
  /** What the reconciler told. */
  readonly events?: readonly ObjectEvent[];
  /** What to hand back instead when the server takes the completion at no time, for this cause. */
  readonly refused?: ((cause: unknown) => AttemptResult) | undefined;
}

/**
 * One attempt at one object: finalizer, reconcile or clean-up, status. Always ends, at the latest
 * with the time limit, whatever the reconciler does; after the end its ports refuse to work.
 * Undefined: the object is gone.
 *
 * @throws LeaseLostError when the lease is lost meanwhile, and what `write` throws.
 */
export async function runAttempt(input: AttemptInput): Promise<AttemptResult | undefined> {
  const finalizer = input.kind.reconciled?.finalizer;
  let { object } = input;
  if (isBeingDeleted(object)) return runCleanUp({ ...input, object }, finalizer);
  if (finalizer !== undefined && !(object.metadata.finalizers ?? []).includes(finalizer)) {
    const result = await input.write({ addFinalizer: finalizer });
    throwIfLost(result);
    if (result.outcome === 'gone') return undefined;
    object = result.object ?? object;
    if (isBeingDeleted(object)) return runCleanUp({ ...input, object }, finalizer);
  }
  const attempt = await run({ ...input, object }, (frozen, ctx) =>
    input.reconciler.reconcile(frozen, ctx),
  );
  return resultOf(attempt);
}

async function runCleanUp(
  input: AttemptInput,
  finalizer: string | undefined,
): Promise<AttemptResult> {
  const mine = finalizer !== undefined && input.object.metadata.finalizers?.includes(finalizer);
  // Nothing of ours is left to take back; others hold the object.
  const { generation } = input.object.metadata;
  if (mine !== true) return { completion: { failures: 0, generation }, result: done };
  const attempt = await run(input, async (frozen, ctx, intents) => {
    const { cleanUp } = input.reconciler;
    if (cleanUp === undefined) return settled(intents);
    const result = checkResult(await cleanUp.call(input.reconciler, frozen, ctx));
    return result.outcome === 'done' ? settled(intents) : result;
  });
  const { outcome } = attempt;
  const finished = outcome.kind === 'result' && outcome.result.outcome === 'done';
  const ended = resultOf(attempt);
  if (finished) failpoint('before-finalizer-remove');
  return finished
    ? { ...ended, completion: { failures: 0, generation, removeFinalizer: finalizer } }
    : ended;
}

function resultOf({ outcome, ...ended }: EndedRun): AttemptResult {
  return outcome.kind === 'failure'
    ? { ...ended, error: outcome.error }
    : { ...ended, result: outcome.result };
}

/** What may have been made and was not looked for is not cleaned up. */
function settled(intents: Intents): ReconcileResult {
  const [open] = intents.unsettled;
  if (open === undefined) return done;
  return waitingFor(
    'CreateUnsettled',
    `nobody knows whether ${open.operation} made ${open.target}, or it is still there`,
    { requeueAfterMs: SETTLE_AGAIN_MS },
  );
}

interface EndedRun {
  readonly completion: AttemptCompletion;
  readonly outcome: AttemptOutcome;
  readonly events: readonly ObjectEvent[];
  readonly refused?: AttemptResult['refused'];
}

async function run(
  input: AttemptInput,
  act: (
    object: ReconciledObject<unknown, object>,
    ctx: ReconcileContext<object>,
    intents: Intents,
  ) => Promise<unknown>,
): Promise<EndedRun> {
  const { ports } = input;
  const limit = new AbortController();
  const signal = AbortSignal.any([input.signal, limit.signal]);
  const frozen = deepFreeze(input.object) as ReconciledObject<unknown, object>;
  const draft = draftOf(input);
  const events: ObjectEvent[] = [];
  const check = (): void => {
    signal.throwIfAborted();
    input.checkLease();
  };
  const writeNote = async (note: Pick<Completion, 'checkpoint' | 'intents'>): Promise<void> => {
    failpoint('before-checkpoint');
    const result = await input.write(note);
    failpoint('after-checkpoint');
    throwIfLost(result);
    if (result.outcome === 'invalid') {
      throw new Error(`the status was refused: ${result.message ?? 'no reason given'}`);
    }
  };
  const intents = new Intents(input.intents ?? [], async (all) => {
    const { noted } = draft;
    await writeNote({ ...(noted !== undefined && { checkpoint: noted }), intents: all });
  });
  const { ports: journaled, madeBefore } = journalCalls(ports, {
    uid: frozen.metadata.uid,
    fence: input.fence,
    intents,
    note: input.note ?? (() => undefined),
    check,
    ...(input.portTable !== undefined && { table: input.portTable }),
  });
  const ctx: ReconcileContext<object> = {
    ...guardPorts(journaled, check, input.portTable),
    status: draft.status,
    setCondition: (condition) => draft.setCondition(condition),
    removeCondition: (type) => draft.removeCondition(type),
    event(event) {
      if (!CAMEL_CASE.test(event.reason)) throw new Error(`"${event.reason}" is not CamelCase`);
      if (events.length < MOST_EVENTS) events.push(event);
    },
    alive: input.alive,
    signal,
    madeBefore,
    async checkpoint() {
      signal.throwIfAborted();
      const checkpoint = draft.toNote();
      if (checkpoint === undefined) return;
      await writeNote({ checkpoint, ...(intents.isTouched && { intents: intents.all }) });
      draft.noted = checkpoint;
    },
  };
  const timer = setTimeout(
    () => limit.abort(new Error(`not finished within ${input.timeLimitMs} ms`)),
    input.timeLimitMs,
  );
  let outcome: AttemptOutcome;
  try {
    const result = await Promise.race([act(frozen, ctx, intents), rejectOn(signal)]);
    outcome = { kind: 'result', result: checkResult(result) };
  } catch (error) {
    if (input.signal.aborted)
      throw new LeaseLostError('the attempt was given up', { cause: error });
    if (error instanceof LeaseLostError) throw error;
    outcome = { kind: 'failure', error: limit.signal.aborted ? limit.signal.reason : error };
  } finally {
    clearTimeout(timer);
    // Work that goes on behind our back reaches nothing any more.
    limit.abort(new Error('the attempt has ended'));
  }
  /** From what was noted last: what it says of effects outside is not lost with the rest. */
  const unwritable = (message: string, cause: unknown): EndedRun => {
    const { noted } = draft;
    const error = new ReconcileError('InvalidStatus', message, { cause });
    const plain = draftOf({ ...input, ...(noted !== undefined && { checkpoint: noted }) });
    return { ...conclude({ kind: 'failure', error }, plain, input, intents), events };
  };
  try {
    const refused = (cause: unknown): AttemptResult =>
      resultOf(unwritable('the server refuses what was to be written', cause));
    return { ...conclude(outcome, draft, input, intents), events, refused };
  } catch (cause) {
    return unwritable('the status cannot be written', cause);
  }
}

/** What the end of an attempt needs to know of it. */
export type EndInput = Pick<
  AttemptInput,
  'kind' | 'object' | 'checkpoint' | 'failures' | 'resyncMs' | 'random'
> & { readonly ports: Pick<Ports, 'clock'> };

/** The status as an attempt begins with it. */
export function draftOf({ object, checkpoint, ports }: EndInput): StatusDraft {
  const now = (): string => `${new Date(ports.clock.nowMs()).toISOString().slice(0, 19)}Z`;
  return new StatusDraft({ status: object.status, checkpoint }, object.metadata.generation, now);
}

function conclude(
  outcome: AttemptOutcome,
  draft: StatusDraft,
  input: EndInput,
  intents: Intents,
): Pick<EndedRun, 'completion' | 'outcome'> {
  const { writesStatus, ...end } = endAttempt(outcome, draft, input);
  const isShown = writesStatus && input.kind.status;
  const status = isShown ? draft.toShow() : undefined;
  const { generation } = input.object.metadata;
  const completion = {
    ...end,
    generation,
    ...(status !== undefined && { status }),
    ...(intents.isTouched && noteAtEnd(isShown, draft, intents)),
  };
  return { completion, outcome };
}

/** What is left to note once the status is written; all of it while it is not. */
function noteAtEnd(
  isShown: boolean,
  { noted }: StatusDraft,
  { all, unsettled }: Intents,
): Pick<Completion, 'checkpoint' | 'intents'> {
  if (isShown) return { intents: unsettled };
  return { ...(noted !== undefined && { checkpoint: noted }), intents: all };
}

function throwIfLost(result: CompletionResult): void {
  if (result.outcome === 'fenced') throw new LeaseLostError('another worker holds the lease');
}

function rejectOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason as Error);
    else signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}
