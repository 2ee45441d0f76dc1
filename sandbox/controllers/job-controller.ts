import { isBeingDeleted } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import { formatTime } from '../clock.js';
import type { Job, JobStatus, KubeCondition, Pod } from '../kubernetes-types.js';
import { conditionOf } from './conditions.js';
import type { Controller, ControllerContext } from './controller.js';
import { randomSuffix } from './names.js';
import { ownKeys } from './owner-keys.js';
import { isPodActive, isPodReady, podFromTemplate } from './pods.js';

const RESOURCE = 'jobs.batch';
const COMPONENT = 'job-controller';

/** Runs a Job's pods until enough have succeeded, or too many have failed. */
export const jobController: Controller = {
  name: 'job',
  keysFor: (change) => ownKeys(change, RESOURCE, 'Job'),
  reconcile,
};

async function reconcile(key: ObjectKey, context: ControllerContext): Promise<number | undefined> {
  const { cache, client, clock, events } = context;
  const found = cache.get<Job>(RESOURCE, key.namespace, key.name);
  if (found === undefined || isBeingDeleted(found)) return undefined;
  const ended = finishedCondition(found);
  if (ended !== undefined) return expire(found, ended, context);
  const podsNow = (): Pod[] => cache.ownedBy<Pod>(found.metadata.uid, 'Pod');
  const verdict = jobVerdict(found, podsNow());
  const active = podsNow().filter(isPodActive);
  if (verdict === undefined && found.spec?.suspend !== true) {
    for (let missing = podsWanted(found, podsNow()) - active.length; missing > 0; missing--) {
      const name = `${found.metadata.name}-${randomSuffix(clock)}`;
      await client.create(podFromTemplate(found, found.spec?.template, name));
      const message = `Created pod: ${name}`;
      await events.record(found, COMPONENT, {
        type: 'Normal',
        reason: 'SuccessfulCreate',
        message,
      });
    }
  } else {
    for (const { metadata } of active) {
      const { namespace = '', name, uid } = metadata;
      await client.delete({ resource: 'pods', namespace, name, uid });
    }
  }
  const current = cache.get<Job>(RESOURCE, key.namespace, key.name);
  if (current?.metadata.uid !== found.metadata.uid) return undefined;
  await client.updateStatus(current, jobStatus(current, podsNow(), verdict, clock.nowMs()));
  if (verdict === 'Complete') {
    const message = 'Job completed';
    await events.record(found, COMPONENT, { type: 'Normal', reason: 'Completed', message });
  } else if (verdict === 'Failed') {
    const message = 'Job has reached the specified backoff limit';
    await events.record(found, COMPONENT, {
      type: 'Warning',
      reason: 'BackoffLimitExceeded',
      message,
    });
  }
  return undefined;
}

/** Whether the Job is over, by its pods: pure. */
export function jobVerdict(job: Job, pods: readonly Pod[]): 'Complete' | 'Failed' | undefined {
  const { succeeded, failed } = countPods(pods);
  if (failed > (job.spec?.backoffLimit ?? 6)) return 'Failed';
  const completions = job.spec?.completions;
  // Without a number of completions the Job is a work queue: done when one has succeeded and none runs.
  const isDone =
    completions === undefined ? succeeded > 0 && !pods.some(isPodActive) : succeeded >= completions;
  return isDone ? 'Complete' : undefined;
}

/** How many pods are to run now: pure. */
export function podsWanted(job: Job, pods: readonly Pod[]): number {
  const parallelism = job.spec?.parallelism ?? 1;
  const { succeeded } = countPods(pods);
  const completions = job.spec?.completions;
  if (completions === undefined) return succeeded > 0 ? 0 : parallelism;
  return Math.min(parallelism, completions - succeeded);
}

/** The status of a Job with these pods: pure. */
export function jobStatus(
  job: Job,
  pods: readonly Pod[],
  verdict: 'Complete' | 'Failed' | undefined,
  nowMs: number,
): JobStatus {
  const now = formatTime(nowMs);
  const { succeeded, failed } = countPods(pods);
  const active = pods.filter(isPodActive);
  const conditions = verdict === undefined ? [] : [verdictCondition(verdict, now)];
  return {
    startTime: job.status?.startTime ?? now,
    ...(active.length > 0 && { active: active.length }),
    ...(succeeded > 0 && { succeeded }),
    ...(failed > 0 && { failed }),
    ready: active.filter(isPodReady).length,
    ...(verdict === 'Complete' && { completionTime: now }),
    ...(conditions.length > 0 && { conditions }),
  };
}

function countPods(pods: readonly Pod[]): { succeeded: number; failed: number } {
  return {
    succeeded: pods.filter((pod) => pod.status?.phase === 'Succeeded').length,
    failed: pods.filter((pod) => pod.status?.phase === 'Failed').length,
  };
}

function verdictCondition(verdict: 'Complete' | 'Failed', now: string): KubeCondition {
  const times = { lastProbeTime: now, lastTransitionTime: now };
  return verdict === 'Complete'
    ? { type: 'Complete', status: 'True', ...times }
    : {
        type: 'Failed',
        status: 'True',
        reason: 'BackoffLimitExceeded',
        message: 'Job has reached the specified backoff limit',
        ...times,
      };
}

function finishedCondition(job: Job): KubeCondition | undefined {
  return ['Complete', 'Failed']
    .map((type) => conditionOf(job.status?.conditions, type))
    .find((condition) => condition?.status === 'True');
}

/** Deletes a finished Job whose time to live is over; answers when to look again. */
async function expire(
  job: Job,
  ended: KubeCondition,
  { client, clock }: ControllerContext,
): Promise<number | undefined> {
  const seconds = job.spec?.ttlSecondsAfterFinished;
  if (seconds === undefined) return undefined;
  const remainingMs = Date.parse(ended.lastTransitionTime ?? '') + seconds * 1_000 - clock.nowMs();
  if (remainingMs > 0) return remainingMs;
  const { namespace = '', name, uid } = job.metadata;
  await client.delete({ resource: RESOURCE, namespace, name, uid });
  return undefined;
}
