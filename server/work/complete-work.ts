import {
  ConditionType,
  findCondition,
  setCondition,
  type Condition,
} from '../../sdk/api/condition.js';
import { isApiError, shortened } from '../../sdk/api/errors.js';
import type { AttemptRecord } from '../../sdk/api/journal.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import type { RevisionOrigin } from '../../sdk/api/origin.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import type { CompleteRequest, Completion, CompletionResult } from '../../sdk/api/work.js';
import { failpoint } from '../../sdk/failpoint.js';
import { deepEqual } from '../apply/deep-equal.js';
import { originOf } from '../request-origin.js';
import type { RequestUser } from '../request-user.js';
import type { WorkCompletion, WorkOutcome } from '../store/object-store.js';
import { MAX_ATTEMPT_MESSAGE } from '../../sdk/api/journal.js';
import { encodeNote } from './work-note.js';
import { ownStatus, withStatus } from './status-write.js';
import { reconciledKinds } from './reconciled-kinds.js';
import type { WorkContext } from './work-context.js';
import { timestamp } from './work-context.js';

const STATUS_MANAGER = 'threeport-reconcilers';
const MAX_TRIES = 10;
const FIRST_INVALID_RETRY_MS = 1_000;
const LONGEST_INVALID_RETRY_MS = 300_000;

/** A completion ready for the store, with what its answer needs. */
interface Prepared {
  readonly kind: KindDefinition;
  readonly work: WorkCompletion;
  /** The object as read. */
  readonly live?: StoredApiObject;
  /** Why the status was refused. */
  readonly invalid?: string;
}

/**
 * Hands objects back: puts status and finalizers onto the objects as they are now, and ends the
 * leases, all in one store call. One that changed since it was read is read again and retried. To
 * the worker, an object of a kind that is not reconciled any more is gone.
 */
export async function completeWork(
  context: WorkContext,
  request: CompleteRequest,
  user: RequestUser,
): Promise<CompletionResult[]> {
  const by = { worker: request.worker, origin: originOf(user) };
  const resources = request.completions.map(({ resource }) => resource);
  const kinds = await reconciledKinds(context, resources);
  const results: (CompletionResult | undefined)[] = request.completions.map(() => undefined);
  let open = request.completions.map((completion, index) => ({ completion, index }));
  for (let tries = 0; open.length > 0 && tries < MAX_TRIES; tries++) {
    const prepared = await Promise.all(
      open.map(async (item) => {
        const kind = kinds.get(item.completion.resource);
        const how = { ...by, isFirstTry: tries === 0 };
        const ready = kind && (await prepare(context, kind, item.completion, how));
        return { ...item, prepared: ready };
      }),
    );
    const present = prepared.flatMap(({ completion, index, prepared: ready }) => {
      if (ready !== undefined) return [{ completion, index, ready }];
      results[index] = { uid: completion.uid, outcome: 'gone' };
      return [];
    });
    failpoint('before-complete-commit');
    const outcomes =
      present.length === 0
        ? []
        : await context.store.complete(present.map(({ ready }) => ready.work));
    open = present.filter(({ completion, index, ready }, position) => {
      const outcome = outcomes[position];
      if (outcome === undefined || outcome.outcome === 'conflict') return true;
      results[index] = resultOf(context, completion, ready, outcome);
      return false;
    });
  }
  return results.map(
    (result, index) => result ?? { uid: request.completions[index]?.uid ?? '', outcome: 'fenced' },
  );
}

interface CompletionBy {
  readonly worker: string;
  readonly origin: RevisionOrigin;
  readonly isFirstTry: boolean;
}

/** Undefined when the object is gone. */
async function prepare(
  context: WorkContext,
  kind: KindDefinition,
  completion: Completion,
  by: CompletionBy,
): Promise<Prepared | undefined> {
  const { uid, fence, failures, generation, requeueAfterMs, keepLease, attempt } = completion;
  const { traceparent = by.origin.traceparent } = completion;
  const origin = { ...by.origin, ...(traceparent !== undefined && { traceparent }) };
  const { worker, isFirstTry } = by;
  const requeueReason = completion.requeueReason ?? (failures > 0 ? 'backoff' : 'requeue');
  const lease = {
    kind,
    uid,
    worker,
    fence,
    failures,
    ...(generation !== undefined && { generation }),
    ...(requeueAfterMs !== undefined && { requeueAfterMs, requeueReason }),
    ...(keepLease === true && { keepLease }),
    ...(attempt !== undefined && { attempt }),
  };
  if (!needsObject(completion)) {
    const note = encodeNote(undefined, completion.intents);
    return { kind, work: { ...lease, ...(note !== undefined && { checkpoint: note }) } };
  }
  const recalled = isFirstTry ? context.store.recall(uid) : undefined;
  const stored = recalled ?? (await context.store.getByUid(kind, uid));
  if (stored === undefined) return undefined;
  const live = context.codec.decode(kind, stored);
  const expectedResourceVersion = stored.resourceVersion;
  try {
    if (completion.checkpoint !== undefined) {
      const noted = await encodeStatus(context, kind, live, completion.checkpoint);
      const checkpoint = encodeNote(noted, completion.intents) ?? null;
      return { kind, work: { ...lease, checkpoint }, live };
    }
    const write = writeOf(await nextObject(context, kind, live, completion));
    const converged = write.write?.type === 'delete' || isReached(completion, live);
    const note = encodeNote(undefined, completion.intents);
    const checkpoint = completion.status === undefined ? note : (note ?? null);
    const ended = checkpoint === undefined ? {} : { checkpoint };
    return { kind, work: { ...lease, ...ended, ...write, converged }, live };
  } catch (error) {
    if (!isApiError(error, 'Invalid')) throw error;
    const requeueAfterMs = Math.min(
      FIRST_INVALID_RETRY_MS * 2 ** Math.min(failures, 20),
      LONGEST_INVALID_RETRY_MS,
    );
    const told = await tellInvalid(context, kind, live, error.message);
    const work = {
      kind,
      uid,
      worker,
      fence,
      failures: failures + 1,
      requeueAfterMs,
      requeueReason: 'backoff',
      ...(generation !== undefined && { generation }),
      ...(attempt !== undefined && { attempt: { ...attempt, ...refused(error.message) } }),
    } as const;
    return { kind, work: { ...work, ...writeOf(told) }, live, invalid: error.message };
  }

  function writeOf(next: ApiObject | 'end' | undefined): Pick<WorkCompletion, 'write' | 'origin'> {
    if (next === undefined) return {};
    if (next === 'end') return { write: { type: 'delete', expectedResourceVersion }, origin };
    const object = context.codec.encode(kind, next);
    return { write: { type: 'update', object, expectedResourceVersion }, origin };
  }
}

/** True when the status says `Reconciled` of the generation that the object has now. */
function isReached({ status }: Completion, { metadata }: StoredApiObject): boolean {
  const conditions = status?.['conditions'];
  if (!Array.isArray(conditions)) return false;
  const reconciled = findCondition(conditions as Condition[], ConditionType.reconciled);
  return reconciled?.status === 'True' && reconciled.observedGeneration === metadata.generation;
}

/** How an attempt came out whose status the schema forbids. */
function refused(message: string): Pick<AttemptRecord, 'outcome' | 'message'> {
  return { outcome: 'invalid', message: shortened(message, MAX_ATTEMPT_MESSAGE - 1) };
}

/** The object with its old status and a condition that says what was wrong with the new one. */
async function tellInvalid(
  context: WorkContext,
  kind: KindDefinition,
  live: StoredApiObject,
  message: string,
): Promise<ApiObject | undefined> {
  const status = (live.status ?? {}) as { conditions?: Condition[] };
  const condition = {
    type: ConditionType.reconciled,
    status: 'False',
    reason: 'InvalidStatus',
    message,
    observedGeneration: live.metadata.generation,
  } as const;
  const conditions = setCondition(status.conditions, condition, timestamp(context));
  try {
    const updated = await withStatus(
      context,
      kind,
      { object: live, old: live },
      { ...status, conditions },
    );
    return deepEqual(updated.status, live.status)
      ? undefined
      : ownStatus(context, kind, { live, updated }, STATUS_MANAGER);
  } catch {
    // A kind without conditions, or a present status that the schema has come to forbid.
    return undefined;
  }
}

function needsObject(completion: Completion): boolean {
  const { status, addFinalizer, removeFinalizer, checkpoint } = completion;
  return (status ?? addFinalizer ?? removeFinalizer ?? checkpoint) !== undefined;
}

/** The status as it would be stored with the object: checked, sensitive fields encrypted. */
async function encodeStatus(
  context: WorkContext,
  kind: KindDefinition,
  live: StoredApiObject,
  status: Record<string, unknown>,
): Promise<unknown> {
  const noted = await withStatus(context, kind, { object: live, old: live }, status);
  return context.codec.encode(kind, noted).status;
}

/** The object to write; undefined when nothing differs; `end` when its last finalizer went. */
async function nextObject(
  context: WorkContext,
  kind: KindDefinition,
  live: StoredApiObject,
  { status, addFinalizer, removeFinalizer }: Completion,
): Promise<ApiObject | 'end' | undefined> {
  const before = live.metadata.finalizers ?? [];
  const kept = before.filter((name) => name !== removeFinalizer);
  const mayAdd =
    addFinalizer !== undefined && !kept.includes(addFinalizer) && !isBeingDeleted(live);
  const finalizers = mayAdd ? [...kept, addFinalizer] : kept;
  if (isBeingDeleted(live) && finalizers.length === 0) return 'end';

  let next: ApiObject = live;
  if (status !== undefined) {
    const updated = await withStatus(context, kind, { object: live, old: live }, status);
    if (!deepEqual(updated.status, live.status)) {
      next = ownStatus(context, kind, { live, updated }, STATUS_MANAGER);
    }
  }
  if (!deepEqual(finalizers, before)) {
    const { finalizers: _before, ...metadata } = next.metadata;
    next = { ...next, metadata: { ...metadata, ...(finalizers.length > 0 && { finalizers }) } };
  }
  return next === live ? undefined : next;
}

function resultOf(
  context: WorkContext,
  completion: Completion,
  { kind, live, invalid }: Prepared,
  { outcome, object, convergedMs }: WorkOutcome,
): CompletionResult {
  const { uid, keepLease } = completion;
  if (outcome === 'conflict') return { uid, outcome: 'fenced' };
  if (outcome !== 'done' && outcome !== 'dirty') return { uid, outcome };
  if (invalid !== undefined) return { uid, outcome: 'invalid', message: invalid };
  const now = object === undefined ? live : context.codec.decode(kind, object);
  return {
    uid,
    outcome,
    ...(keepLease === true && now !== undefined && { object: now }),
    ...(convergedMs !== undefined && { convergedMs }),
  };
}
