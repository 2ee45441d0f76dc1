import type { Completion, CompletionResult } from '../api/work.js';
import { errorChain } from '../error-chain.js';
import { failpoint } from '../failpoint.js';
import type { Logger } from '../logger.js';
import { interceptPorts } from '../ports/intercept-ports.js';
import type { AttemptCompletion, AttemptResult, AttemptWrite, EndInput } from './attempt.js';
import { runAttempt } from './attempt.js';
import { AttemptRecorder } from './attempt-record.js';
import { eventsOf } from './attempt-events.js';
import type { CompletionBatcher } from './completion-batcher.js';
import { isTransient } from './completion-batcher.js';
import type { Controller } from './controller.js';
import type { EventSink } from './event-recorder.js';
import { EffectLog } from './effect-log.js';
import type { NoteEffect } from './journal-calls.js';
import type { HeldObject, Lease } from './lease-keeper.js';
import { LeaseLostError } from './reconciler.js';
import { quarantine, suspicionOf } from './suspicion.js';
import { verdictOf } from './verdict.js';
import type { AttemptObserver, AttemptSeen, WorkerObserver } from './worker-observer.js';

/** Why a lease's signal aborts when the worker stops: the object is given back, not failed. */
export class StoppingError extends Error {
  override readonly name = 'StoppingError';
}

/** What is to be done with an object after it was worked on. */
export interface WorkEnd {
  /** It changed meanwhile, or was given back unfinished: claim it again now. */
  readonly again: boolean;
  readonly requeueAfterMs?: number;
}

export interface WorkOnOptions {
  readonly completions: CompletionBatcher;
  readonly random: () => number;
  /** The worker's clock. */
  readonly nowMs: () => number;
  readonly logger: Logger;
  /** Told of failures and of objects that become ready, or no longer are. */
  readonly events?: EventSink;
  readonly observer: Required<WorkerObserver>;
}

/** Works on one claimed object and hands it back. Never rejects. */
export async function workOn(
  controller: Controller,
  held: HeldObject,
  options: WorkOnOptions,
): Promise<WorkEnd> {
  const observer = options.observer.began(held.claimed);
  const { seen, ...end } = await workAndHandBack(controller, held, {
    ...options,
    attempt: observer,
  });
  observer?.ended(seen);
  return end;
}

interface ObservedOptions extends WorkOnOptions {
  readonly attempt: AttemptObserver | undefined;
}

interface HandedBack {
  readonly ended: AttemptResult;
  readonly result: CompletionResult;
}

async function workAndHandBack(
  controller: Controller,
  held: HeldObject,
  options: ObservedOptions,
): Promise<WorkEnd & { readonly seen: AttemptSeen }> {
  const { claimed, lease } = held;
  const { name, namespace } = claimed.object.metadata;
  const logger = options.logger.with({
    resource: claimed.resource,
    name,
    ...(namespace !== undefined && { namespace }),
  });
  let dirty = false;
  const traceparent = options.attempt?.traceparent;
  const key = {
    resource: claimed.resource,
    uid: lease.uid,
    fence: lease.fence,
    ...(traceparent !== undefined && { traceparent }),
  };
  const effects = new EffectLog(claimed, (entries) => options.completions.tellLater(entries));
  const send = async (completion: AttemptCompletion): Promise<CompletionResult> => {
    const result = await options.completions.complete(
      { ...key, ...completion },
      () => lease.expiresAtMs,
      effects.take(),
    );
    dirty ||= result.outcome === 'dirty';
    return result;
  };
  const recorder = new AttemptRecorder(claimed, options.nowMs);
  const write = (change: AttemptWrite): Promise<CompletionResult> => {
    if (change.addFinalizer !== undefined) recorder.wrote();
    return send({ ...change, failures: claimed.failures, keepLease: true });
  };
  const sendEnd = async (ended: AttemptResult): Promise<HandedBack> => {
    const record = recorder.recordOf(ended);
    const attempt = record === undefined ? {} : { attempt: record };
    return { ended, result: await send({ ...ended.completion, ...attempt }) };
  };
  try {
    const told = { ...options, logger, recorder, note: effects.note };
    const aside = setAside(controller, held, told);
    const made = aside ?? (await attempt(controller, held, told, write));
    if (typeof made === 'string') return { again: false, seen: { verdict: made } };
    controller.sending(lease.uid);
    failpoint('before-complete');
    const { ended, result } = await sendEnd(made).catch((error: unknown) => {
      const instead = isTransient(error) ? undefined : made.refused?.(error);
      if (instead === undefined) throw error;
      return sendEnd(instead);
    });
    failpoint('after-complete');
    const { completion } = ended;
    report(result, logger);
    const { convergedMs } = result;
    const seen = {
      verdict: verdictOf(ended, result),
      error: ended.error,
      ...(convergedMs !== undefined && { convergedMs }),
    };
    if (result.outcome !== 'done' && result.outcome !== 'dirty') return { again: false, seen };
    for (const event of eventsOf(claimed.object, ended)) {
      options.events?.record(claimed.object, event);
    }
    const { requeueAfterMs } = completion;
    return { again: dirty, ...(requeueAfterMs !== undefined && { requeueAfterMs }), seen };
  } catch (error) {
    logger.warn('cannot hand the object back; it is taken up again when the lease ends', {
      error: errorChain(error),
    });
    return { again: false, seen: { verdict: 'unanswered', error } };
  } finally {
    effects.close();
  }
}

function endInputOf(
  { kind, ports }: Controller,
  { claimed }: HeldObject,
  { random }: WorkOnOptions,
): EndInput {
  const { object, checkpoint, failures } = claimed;
  const noted = checkpoint === undefined ? {} : { checkpoint };
  return { kind, object, failures, random, ports: ports(claimed), ...noted };
}

/** What becomes of an object whose attempts were lost before, unless it is tried. */
function setAside(
  controller: Controller,
  held: HeldObject,
  options: ObservedOptions,
): AttemptResult | undefined {
  const { claimed } = held;
  const { random, nowMs, logger } = options;
  const suspicion = suspicionOf(claimed, { nowMs: nowMs(), random });
  if (suspicion === 'try') return undefined;
  const { failures, lostAttempts = 0 } = claimed;
  if (suspicion === 'quarantine') {
    logger.error('attempts at this object end with their process: it is left alone', {
      lostAttempts,
    });
    const { completion, ...ended } = quarantine(
      endInputOf(controller, held, options),
      lostAttempts,
    );
    const { intents } = claimed;
    return { ...ended, completion: { ...completion, ...(intents !== undefined && { intents }) } };
  }
  const { postponeMs: requeueAfterMs } = suspicion;
  logger.warn('the last attempts at this object were lost: it is tried later', {
    lostAttempts,
    requeueAfterMs,
  });
  return { completion: { failures, requeueAfterMs, requeueReason: 'backoff' } };
}

/** Gives an object back that was not begun, or given up: due at once, nothing else changed. */
export function releaseOf(held: HeldObject): Completion {
  const { resource, uid, fence } = held.lease;
  const { failures, cause } = held.claimed;
  // The next attempt is for the same reason as this one.
  const again = cause === undefined ? {} : { requeueReason: cause.reason };
  return { resource, uid, fence, failures, requeueAfterMs: 0, ...again };
}

async function attempt(
  controller: Controller,
  held: HeldObject,
  options: ObservedOptions & { readonly recorder: AttemptRecorder; readonly note: NoteEffect },
  write: (change: AttemptWrite) => Promise<CompletionResult>,
): Promise<AttemptResult | 'gone' | 'fenced'> {
  const { claimed, lease } = held;
  const around = options.recorder.notingWrites(options.attempt?.around);
  try {
    const ports = controller.ports(claimed);
    const result = await runAttempt({
      reconciler: controller.reconciler,
      kind: controller.kind,
      object: claimed.object,
      ...(claimed.checkpoint !== undefined && { checkpoint: claimed.checkpoint }),
      ...(claimed.intents !== undefined && { intents: claimed.intents }),
      fence: lease.fence,
      failures: claimed.failures,
      alive: claimed.alive ?? true,
      ports: interceptPorts(ports, around, controller.portTable),
      signal: lease.lost.signal,
      checkLease: () => lease.check(),
      timeLimitMs: controller.timeLimitMs,
      ...(controller.resyncMs !== undefined && { resyncMs: controller.resyncMs }),
      random: options.random,
      portTable: controller.portTable,
      write,
      note: options.note,
    });
    if (result?.error !== undefined) {
      const { failures, requeueAfterMs } = result.completion;
      const error = errorChain(result.error);
      options.logger.warn('reconcile failed', { failures, requeueAfterMs, error });
    }
    return result ?? 'gone';
  } catch (error) {
    if (isStopping(lease)) return { completion: releaseOf(held) };
    if (!(error instanceof LeaseLostError)) throw error;
    options.logger.info('the lease is lost; another worker has the object', {
      error: errorChain(error),
    });
    return 'fenced';
  }
}

function isStopping(lease: Lease): boolean {
  return lease.lost.signal.reason instanceof StoppingError;
}

function report(result: CompletionResult, logger: Logger): void {
  if (result.outcome === 'invalid') {
    logger.error('the status that the reconciler wrote is invalid', { message: result.message });
  } else if (result.outcome === 'fenced') {
    logger.info('the lease was lost before the object could be handed back');
  }
}
