import type { Condition } from '../api/condition.js';
import { ConditionType, findCondition, isConditionTrue } from '../api/condition.js';
import type { StoredApiObject } from '../api/object.js';
import type { AttemptResult } from './attempt.js';
import type { ObjectEvent } from './event-recorder.js';

/**
 * What one attempt at an object is worth telling: that it failed, that it goes on failing or does so no
 * longer, that the object has become ready or no longer is, that it was cleaned up, and what its
 * reconciler tells. Nothing for an attempt that changed nothing.
 */
export function eventsOf(object: StoredApiObject, result: AttemptResult): ObjectEvent[] {
  const before = conditionsOf(object.status);
  const { status } = result.completion;
  const after = status === undefined ? before : conditionsOf(status);
  return [
    ...failure(after, result.error),
    ...stalling(before, after),
    ...(result.events ?? []),
    ...readiness(object, before, after),
    ...cleanUp(object, result),
  ];
}

/** The condition has it in words already, and says nothing of conflicts that settle by themselves. */
function failure(conditions: readonly Condition[], error: unknown): ObjectEvent[] {
  const reconciled = findCondition(conditions, ConditionType.reconciled);
  if (error === undefined || reconciled?.status !== 'False') return [];
  return [{ type: 'Warning', reason: reconciled.reason, message: reconciled.message }];
}

function stalling(before: readonly Condition[], after: readonly Condition[]): ObjectEvent[] {
  const was = isConditionTrue(before, ConditionType.stalled);
  const is = isConditionTrue(after, ConditionType.stalled);
  if (was === is) return [];
  return is
    ? [{ type: 'Warning', reason: 'Stalled', message: 'it goes on failing, and is tried seldom' }]
    : [{ type: 'Normal', reason: 'Recovered', message: 'it is no longer stalled' }];
}

function cleanUp({ kind }: StoredApiObject, { completion }: AttemptResult): ObjectEvent[] {
  if (completion.removeFinalizer === undefined) return [];
  return [{ type: 'Normal', reason: 'CleanedUp', message: `what the ${kind} had made is gone` }];
}

function readiness(
  { kind }: StoredApiObject,
  before: readonly Condition[],
  after: readonly Condition[],
): ObjectEvent[] {
  const wasReady = findCondition(before, ConditionType.ready)?.status === 'True';
  const now = findCondition(after, ConditionType.ready);
  if (now === undefined || wasReady === (now.status === 'True')) return [];
  const { reason, message } = now;
  return now.status === 'True'
    ? [{ type: 'Normal', reason, message: message === '' ? `${kind} is ready` : message }]
    : [{ type: 'Warning', reason, message: message === '' ? `${kind} is not ready` : message }];
}

function conditionsOf(status: unknown): readonly Condition[] {
  const conditions = (status as { conditions?: unknown } | undefined)?.conditions;
  return Array.isArray(conditions) ? (conditions as Condition[]) : [];
}
