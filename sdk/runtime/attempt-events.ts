import type { Condition } from '../api/condition.js';
import { ConditionType, findCondition } from '../api/condition.js';
import type { StoredApiObject } from '../api/object.js';
import type { AttemptResult } from './attempt.js';
import type { ObjectEvent } from './event-recorder.js';

/**
 * What one attempt at an object is worth telling: that it failed, that the object has become ready,
 * that it no longer is. Nothing for an attempt that changed nothing.
 */
export function eventsOf(object: StoredApiObject, result: AttemptResult): ObjectEvent[] {
  const before = conditionsOf(object.status);
  const { status } = result.completion;
  const after = status === undefined ? before : conditionsOf(status);
  return [...failure(after, result.error), ...readiness(object, before, after)];
}

/** The condition has it in words already, and says nothing of conflicts that settle by themselves. */
function failure(conditions: readonly Condition[], error: unknown): ObjectEvent[] {
  const reconciled = findCondition(conditions, ConditionType.reconciled);
  if (error === undefined || reconciled?.status !== 'False') return [];
  return [{ type: 'Warning', reason: reconciled.reason, message: reconciled.message }];
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
