import { expect } from 'chai';
import type { Pod } from '../kubernetes-types.js';
import type { MissingParts, PodStep } from './pod-lifecycle.js';
import { nextPodStep, stageOf } from './pod-lifecycle.js';

const NOW_MS = Date.UTC(2026, 0, 1);

function podWith(
  annotations: Record<string, string> = {},
  restartPolicy = 'Always',
  image = 'nginx:1',
): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-1',
      namespace: 'default',
      uid: 'u-1',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
      annotations,
    },
    spec: { restartPolicy, containers: [{ name: 'main', image }] },
  };
}

/** Lives a pod's life to its rest, on a clock that jumps from step to step. */
function live(
  pod: Pod,
  missing: MissingParts = {},
): { pod: Pod; tookMs: number; events: string[]; phases: string[] } {
  let current = pod;
  let tookMs = 0;
  const events: string[] = [];
  const phases: string[] = [];
  for (let count = 0; count < 50; count++) {
    const step: PodStep | undefined = nextPodStep(current, missing, NOW_MS + tookMs);
    if (step === undefined) return { pod: current, tookMs, events, phases };
    tookMs += step.afterMs;
    const before = stageOf(current);
    current = {
      ...current,
      spec: { ...current.spec, ...(step.nodeName !== undefined && { nodeName: step.nodeName }) },
      ...(step.status !== undefined && { status: step.status }),
    };
    events.push(...step.events.map(({ reason }) => reason));
    phases.push(current.status?.phase ?? '');
    if (stageOf(current) === before) return { pod: current, tookMs, events, phases };
  }
  throw new Error('the pod never comes to rest');
}

describe('the life of a pod', () => {
  const cases: readonly {
    name: string;
    reason: string;
    given: Pod;
    missing?: MissingParts;
    want: { phase: string; ready: boolean; waiting?: string; lastEvent: string; maxMs: number };
  }[] = [
    {
      name: 'a plain pod',
      reason: 'runs and is ready within a second',
      given: podWith(),
      want: { phase: 'Running', ready: true, lastEvent: 'Started', maxMs: 1_000 },
    },
    {
      name: 'a slow one',
      reason: 'gets ready after the time it was told',
      given: podWith({ 'sandbox.threeport.io/start-seconds': '5' }),
      want: { phase: 'Running', ready: true, lastEvent: 'Started', maxMs: 6_000 },
    },
    {
      name: 'a finite one',
      reason: 'a Job runs to its end',
      given: podWith({}, 'Never'),
      want: { phase: 'Succeeded', ready: false, lastEvent: 'Started', maxMs: 2_000 },
    },
    {
      name: 'a failing finite one',
      reason: 'fail-job',
      given: podWith({ 'sandbox.threeport.io/fail-job': 'true' }, 'Never'),
      want: { phase: 'Failed', ready: false, lastEvent: 'Started', maxMs: 2_000 },
    },
    {
      name: 'an image that is not there',
      reason: 'by its name',
      given: podWith({}, 'Always', 'example.com/does-not-exist:1'),
      want: {
        phase: 'Pending',
        ready: false,
        waiting: 'ImagePullBackOff',
        lastEvent: 'Failed',
        maxMs: 2_000,
      },
    },
    {
      name: 'a crash loop',
      reason: 'ends after some restarts, so that nothing is written at rest',
      given: podWith({ 'sandbox.threeport.io/fail': 'CrashLoopBackOff' }),
      want: {
        phase: 'Running',
        ready: false,
        waiting: 'CrashLoopBackOff',
        lastEvent: 'BackOff',
        maxMs: 10_000,
      },
    },
    {
      name: 'a missing ConfigMap in the environment',
      reason: 'waits until it is there',
      given: podWith(),
      missing: { environment: 'configmap "x" not found' },
      want: {
        phase: 'Pending',
        ready: false,
        waiting: 'CreateContainerConfigError',
        lastEvent: 'Failed',
        maxMs: 1_000,
      },
    },
    {
      name: 'an unknown fault',
      reason: 'is ignored',
      given: podWith({ 'sandbox.threeport.io/fail': 'Gremlins' }),
      want: { phase: 'Running', ready: true, lastEvent: 'Started', maxMs: 1_000 },
    },
  ];
  for (const { name, reason, given, missing, want } of cases) {
    it(`${name}: ${reason}`, () => {
      const { pod, tookMs, events } = live(given, missing);
      const [status] = pod.status?.containerStatuses ?? [];
      expect(pod.status?.phase).to.equal(want.phase);
      expect(status?.ready).to.equal(want.ready);
      expect(status?.state.waiting?.reason).to.equal(want.waiting);
      expect(events.at(-1)).to.equal(want.lastEvent);
      expect(tookMs).to.be.at.most(want.maxMs);
    });
  }

  it('stays unscheduled, with the reason in its condition', () => {
    const { pod, events } = live(podWith({ 'sandbox.threeport.io/fail': 'Unschedulable' }));
    expect(pod.spec?.nodeName).to.equal(undefined);
    expect(pod.status?.conditions?.[0]).to.include({
      type: 'PodScheduled',
      status: 'False',
      reason: 'Unschedulable',
    });
    expect(events).to.deep.equal(['FailedScheduling']);
  });
});
