import { expect } from 'chai';

import type { KeptObject } from '../kept-object.js';
import type { Assessment } from './health.js';
import { assessHealth } from './index.js';
import type { ObjectParts } from './testing.js';
import { kept, keptPod, waiting } from './testing.js';

interface Case {
  readonly name: string;
  readonly reason: string;
  readonly given: ObjectParts;
  readonly pods?: readonly KeptObject[];
  readonly want: Assessment;
}

const selector = { matchLabels: { app: 'web' } };
const pullBackOff = keptPod(waiting('ImagePullBackOff', 'Back-off pulling image "shop/web:2"'));

function deployment(status: object, spec: object = {}, metadata: object = {}): ObjectParts {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { replicas: 2, selector, ...spec },
    status: { observedGeneration: 1, ...status },
  };
}

function statefulSet(status: object, spec: object = {}): ObjectParts {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    spec: { replicas: 3, selector, ...spec },
    status: { observedGeneration: 1, ...status },
  };
}

function daemonSet(status: object, spec: object = {}): ObjectParts {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    spec: { selector, ...spec },
    status: { observedGeneration: 1, ...status },
  };
}

function job(status: object, spec: object = {}): ObjectParts {
  return { apiVersion: 'batch/v1', kind: 'Job', spec: { selector, ...spec }, status };
}

const complete = { replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };

const cases: readonly Case[] = [
  {
    name: 'Deployment, all replicas available',
    reason: 'nothing is left to do',
    given: deployment(complete),
    want: { health: 'Healthy' },
  },
  {
    name: 'Deployment, scaled to zero',
    reason: 'somebody wanted no replica, and there is none',
    given: deployment({}, { replicas: 0 }),
    want: { health: 'Healthy' },
  },
  {
    name: 'Deployment, just created',
    reason: 'no status means that no controller has looked yet',
    given: { ...deployment({}), status: {} },
    want: {
      health: 'Progressing',
      message: 'the newest change of its spec has not been seen by its controller yet',
    },
  },
  {
    name: 'Deployment, edited a moment ago',
    reason: 'the counts are those of the generation before',
    given: deployment(complete, {}, { generation: 2 }),
    want: {
      health: 'Progressing',
      message: 'the newest change of its spec has not been seen by its controller yet',
    },
  },
  {
    name: 'Deployment, being deleted',
    reason: 'that it works still is of no interest any more',
    given: deployment(complete, {}, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    want: { health: 'Progressing', message: 'being deleted' },
  },
  {
    name: 'Deployment, first pods starting',
    reason: 'a pod that starts is no fault',
    given: deployment({ replicas: 2, updatedReplicas: 2 }),
    pods: [keptPod(waiting('ContainerCreating'))],
    want: { health: 'Progressing', message: '0 of 2 replicas are available' },
  },
  {
    name: 'Deployment, image cannot be pulled',
    reason: 'the pod knows why, the deployment does not',
    given: deployment({ replicas: 2, updatedReplicas: 2 }),
    pods: [keptPod(waiting('ContainerCreating'), { name: 'web-0' }), pullBackOff],
    want: {
      health: 'Degraded',
      message: 'ImagePullBackOff: Back-off pulling image "shop/web:2"',
    },
  },
  {
    name: 'Deployment, a rollout that fails beside old replicas that work',
    reason: 'what was asked for will not come',
    given: deployment({ replicas: 3, updatedReplicas: 1, availableReplicas: 2 }),
    pods: [pullBackOff],
    want: {
      health: 'Degraded',
      message: 'ImagePullBackOff: Back-off pulling image "shop/web:2"',
    },
  },
  {
    name: "Deployment, another one's pod fails",
    reason: 'only pods that the selector finds count',
    given: deployment({ replicas: 2, updatedReplicas: 2 }),
    pods: [keptPod(waiting('ImagePullBackOff', 'no'), { labels: { app: 'other' } })],
    want: { health: 'Progressing', message: '0 of 2 replicas are available' },
  },
  {
    name: 'Deployment, a failing pod of another namespace',
    reason: 'selectors do not reach beyond their namespace',
    given: deployment({ replicas: 2, updatedReplicas: 2 }),
    pods: [keptPod(waiting('ImagePullBackOff', 'no'), { namespace: 'other' })],
    want: { health: 'Progressing', message: '0 of 2 replicas are available' },
  },
  {
    name: 'Deployment, a failing pod that is being deleted',
    reason: 'it goes anyway',
    given: deployment({ replicas: 2, updatedReplicas: 2 }),
    pods: [
      keptPod(waiting('ImagePullBackOff', 'no'), { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    ],
    want: { health: 'Progressing', message: '0 of 2 replicas are available' },
  },
  {
    name: 'Deployment, pods cannot be scheduled',
    reason: "the scheduler's words say what to do",
    given: deployment({ replicas: 2, updatedReplicas: 2 }),
    pods: [
      keptPod({
        phase: 'Pending',
        conditions: [
          {
            type: 'PodScheduled',
            status: 'False',
            reason: 'Unschedulable',
            message: '0/3 nodes are available: 3 Insufficient cpu.',
          },
        ],
      }),
    ],
    want: {
      health: 'Degraded',
      message: 'Unschedulable: 0/3 nodes are available: 3 Insufficient cpu.',
    },
  },
  {
    name: 'Deployment, quota exceeded',
    reason: 'there is no pod that could say it',
    given: deployment({
      conditions: [
        {
          type: 'ReplicaFailure',
          status: 'True',
          reason: 'FailedCreate',
          message: 'pods "web-1" is forbidden: exceeded quota: small',
        },
      ],
    }),
    want: {
      health: 'Degraded',
      message: 'FailedCreate: pods "web-1" is forbidden: exceeded quota: small',
    },
  },
  {
    name: 'Deployment, deadline exceeded without a reason from its pods',
    reason: "the deployment's own words are the best there are",
    given: deployment({
      replicas: 2,
      updatedReplicas: 2,
      conditions: [
        {
          type: 'Progressing',
          status: 'False',
          reason: 'ProgressDeadlineExceeded',
          message: 'ReplicaSet "web-1" has timed out progressing.',
        },
      ],
    }),
    want: {
      health: 'Degraded',
      message: 'ProgressDeadlineExceeded: ReplicaSet "web-1" has timed out progressing.',
    },
  },
  {
    name: 'Deployment, deadline exceeded and a pod says why',
    reason: 'why it failed is worth more than that it failed',
    given: deployment({
      replicas: 2,
      updatedReplicas: 2,
      conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
    }),
    pods: [pullBackOff],
    want: {
      health: 'Degraded',
      message: 'ImagePullBackOff: Back-off pulling image "shop/web:2"',
    },
  },
  {
    name: 'Deployment, paused in the middle of a rollout',
    reason: 'somebody stopped it on purpose',
    given: deployment({ replicas: 2, updatedReplicas: 1 }, { paused: true }),
    want: { health: 'Suspended', message: 'the rollout is paused' },
  },
  {
    name: 'Deployment, paused with nothing to roll out',
    reason: 'it works',
    given: deployment(complete, { paused: true }),
    want: { health: 'Healthy' },
  },
  {
    name: 'Deployment, old replicas still there',
    reason: 'the rollout ends when they are gone',
    given: deployment({ ...complete, replicas: 3 }),
    want: { health: 'Progressing', message: '1 old replicas are to be terminated' },
  },
  {
    name: 'StatefulSet, all ready',
    reason: 'nothing is left to do',
    given: statefulSet({ replicas: 3, readyReplicas: 3, updatedReplicas: 3 }),
    want: { health: 'Healthy' },
  },
  {
    name: 'StatefulSet, coming up one by one',
    reason: 'that is how they start',
    given: statefulSet({ replicas: 1, readyReplicas: 1 }),
    want: { health: 'Progressing', message: '1 of 3 replicas are ready' },
  },
  {
    name: 'StatefulSet, rolling update half way',
    reason: 'ready, but not all of the newest revision',
    given: statefulSet({
      replicas: 3,
      readyReplicas: 3,
      updatedReplicas: 1,
      currentRevision: 'a',
      updateRevision: 'b',
    }),
    want: { health: 'Progressing', message: '1 of 3 replicas are updated' },
  },
  {
    name: 'StatefulSet, updated down to its partition',
    reason: 'the rest is held back on purpose',
    given: statefulSet(
      {
        replicas: 3,
        readyReplicas: 3,
        updatedReplicas: 1,
        currentRevision: 'a',
        updateRevision: 'b',
      },
      { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } },
    ),
    want: { health: 'Healthy' },
  },
  {
    name: 'StatefulSet, updated when its pods are deleted',
    reason: 'nobody is going to update them by itself',
    given: statefulSet(
      { replicas: 3, readyReplicas: 3, currentRevision: 'a', updateRevision: 'b' },
      { updateStrategy: { type: 'OnDelete' } },
    ),
    want: { health: 'Healthy' },
  },
  {
    name: 'StatefulSet, crash loop',
    reason: 'the exit code tells out of memory from a bug',
    given: statefulSet({ replicas: 1 }),
    pods: [
      keptPod(
        waiting('CrashLoopBackOff', 'back-off 5m0s restarting failed container', {
          restartCount: 7,
          lastState: { terminated: { exitCode: 137, reason: 'OOMKilled' } },
        }),
      ),
    ],
    want: {
      health: 'Degraded',
      message: 'CrashLoopBackOff: container "app" exited with code 137 (OOMKilled)',
    },
  },
  {
    name: 'DaemonSet on every node',
    reason: 'one available pod per node',
    given: daemonSet({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 3 }),
    want: { health: 'Healthy' },
  },
  {
    name: 'DaemonSet that no node wants',
    reason: 'there is nothing to run',
    given: daemonSet({ desiredNumberScheduled: 0 }),
    want: { health: 'Healthy' },
  },
  {
    name: 'DaemonSet, a node lacks it',
    reason: 'the pod there starts',
    given: daemonSet({ desiredNumberScheduled: 3, updatedNumberScheduled: 3, numberAvailable: 2 }),
    want: { health: 'Progressing', message: '2 of 3 pods are available' },
  },
  {
    name: 'DaemonSet, being updated',
    reason: 'old pods are available, but old',
    given: daemonSet({ desiredNumberScheduled: 3, updatedNumberScheduled: 1, numberAvailable: 3 }),
    want: { health: 'Progressing', message: '1 of 3 pods are updated' },
  },
  {
    name: 'ReplicaSet without room',
    reason: 'its condition has the words of the quota',
    given: {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      spec: { replicas: 1, selector },
      status: {
        observedGeneration: 1,
        conditions: [
          { type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'no quota' },
        ],
      },
    },
    want: { health: 'Degraded', message: 'FailedCreate: no quota' },
  },
  {
    name: 'Job, done',
    reason: 'it did what it is for',
    given: job({ succeeded: 1, conditions: [{ type: 'Complete', status: 'True' }] }),
    want: { health: 'Healthy' },
  },
  {
    name: 'Job, failed',
    reason: 'it will not be tried again',
    given: job({
      conditions: [
        {
          type: 'Failed',
          status: 'True',
          reason: 'BackoffLimitExceeded',
          message: 'Job has reached the specified backoff limit',
        },
      ],
    }),
    want: {
      health: 'Degraded',
      message: 'BackoffLimitExceeded: Job has reached the specified backoff limit',
    },
  },
  {
    name: 'Job, running',
    reason: 'it is on its way',
    given: job({ succeeded: 2 }, { completions: 5 }),
    want: { health: 'Progressing', message: '2 of 5 completions' },
  },
  {
    name: 'Job, suspended',
    reason: 'somebody stopped it on purpose',
    given: job({}, { suspend: true }),
    want: { health: 'Suspended', message: 'the job is suspended' },
  },
  {
    name: 'CronJob',
    reason: 'it will run when it is time',
    given: { apiVersion: 'batch/v1', kind: 'CronJob', spec: { suspend: false } },
    want: { health: 'Healthy' },
  },
  {
    name: 'CronJob of an old version, suspended',
    reason: 'the version of a kind makes no difference',
    given: { apiVersion: 'batch/v1beta1', kind: 'CronJob', spec: { suspend: true } },
    want: { health: 'Suspended', message: 'the schedule is suspended' },
  },
];

describe('assessHealth of kinds that run pods', () => {
  for (const { name, reason, given, pods, want } of cases) {
    it(name, () => {
      expect(assessHealth(kept(given), pods ?? []), reason).to.deep.equal(want);
    });
  }
});
