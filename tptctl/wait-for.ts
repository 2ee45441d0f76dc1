import { isApiError } from '../sdk/api/errors.js';
import type { Condition, ConditionStatus } from '../sdk/api/condition.js';
import { findCondition } from '../sdk/api/condition.js';
import type { StoredApiObject } from '../sdk/api/object.js';
import { CliError } from './cli-error.js';
import type { Connection } from './connection.js';
import type { ObjectPlace } from './object-api.js';
import { placeName } from './object-api.js';

type WithConditions = StoredApiObject<
  unknown,
  { conditions?: Condition[]; observedGeneration?: number }
>;

/** One watch of one object until it is as wanted; the present state counts. */
async function watchUntil(
  connection: Connection,
  place: ObjectPlace,
  timeoutMs: number,
  isMet: (object: WithConditions | undefined) => boolean,
): Promise<'met' | 'timeout'> {
  const signal = AbortSignal.timeout(Math.max(1, timeoutMs));
  const select = {
    ...(place.kind.namespaced && { namespace: place.namespace }),
    fieldSelector: `metadata.name=${place.name}`,
    signal,
  };
  while (!signal.aborted) {
    try {
      const present = await connection.client.list<WithConditions>(place.kind, select);
      if (isMet(present.items[0])) return 'met';
      const from = { ...select, resourceVersion: present.resourceVersion };
      for await (const event of connection.client.watch<WithConditions>(place.kind, from)) {
        if (event.type === 'BOOKMARK') continue;
        if (isMet(event.type === 'DELETED' ? undefined : event.object)) return 'met';
      }
    } catch (error) {
      if (signal.aborted) break;
      // The watch ended or the log moved on: look again. Anything else is for the caller.
      if (!isApiError(error, 'Expired') && !isApiError(error, 'ServiceUnavailable')) throw error;
    }
  }
  return 'timeout';
}

/**
 * Returns when the condition has this status for the object's present generation.
 *
 * @throws CliError after `timeoutMs`, with what the condition says instead.
 */
export async function waitForCondition(
  connection: Connection,
  place: ObjectPlace,
  want: {
    readonly type: string;
    readonly status: ConditionStatus;
    readonly timeoutMs: number;
    /** Told what the condition says instead, whenever that changes. */
    readonly onProgress?: (said: string) => void;
  },
): Promise<void> {
  let last: Condition | undefined;
  let said = '';
  const outcome = await watchUntil(connection, place, want.timeoutMs, (object) => {
    last = findCondition(object?.status?.conditions, want.type);
    const says = last === undefined ? '' : `${last.reason}${last.message && `: ${last.message}`}`;
    if (says !== said && last?.status !== want.status) want.onProgress?.(says);
    said = says;
    const current =
      object !== undefined &&
      (last?.observedGeneration ?? object.metadata.generation) >= object.metadata.generation;
    return current && last?.status === want.status;
  });
  if (outcome === 'met') return;
  const says =
    last === undefined
      ? 'it has no such condition yet'
      : `${last.status} (${last.reason}): ${last.message}`;
  throw new CliError(
    `timed out waiting for ${placeName(place)} to be ${want.type}=${want.status}; now: ${says}`,
  );
}

/** Returns when the object (this one, by uid, when given) is gone. @throws CliError after `timeoutMs`. */
export async function waitForDeletion(
  connection: Connection,
  place: ObjectPlace,
  options: { readonly uid?: string; readonly timeoutMs: number },
): Promise<void> {
  let last: WithConditions | undefined;
  const outcome = await watchUntil(connection, place, options.timeoutMs, (object) => {
    last = object;
    return (
      object === undefined || (options.uid !== undefined && object.metadata.uid !== options.uid)
    );
  });
  if (outcome === 'met') return;
  const condition = findCondition(last?.status?.conditions, 'Reconciled');
  const holds = (last?.metadata.finalizers ?? []).join(', ');
  throw new CliError(
    `timed out waiting for the deletion of ${placeName(place)}; held by ${holds}${
      condition === undefined || condition.status === 'True'
        ? ''
        : `; ${condition.reason}: ${condition.message}`
    }`,
  );
}
