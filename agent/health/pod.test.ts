import { expect } from 'chai';

import type { Assessment } from './health.js';
import { assessHealth } from './index.js';
import { worstPodProblem } from './pod-problem.js';
import { keptPod, waiting } from './testing.js';

interface Case {
  readonly name: string;
  readonly reason: string;
  readonly given: object;
  readonly want: Assessment;
}

function container(state: object, more: object = {}): object {
  return {
    phase: 'Running',
    containerStatuses: [{ name: 'app', image: 'shop/web:2', ready: false, state, ...more }],
  };
}

const crashed = { exitCode: 1, reason: 'Error' };
const crashLoop = 'CrashLoopBackOff: container "app" exited with code 1 (Error)';

const cases: readonly Case[] = [
  {
    name: 'ready',
    reason: 'its condition says so',
    given: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
    want: { health: 'Healthy' },
  },
  {
    name: 'ended well',
    reason: 'a pod need not run for ever',
    given: { phase: 'Succeeded' },
    want: { health: 'Healthy' },
  },
  {
    name: 'evicted',
    reason: 'the node says why',
    given: { phase: 'Failed', reason: 'Evicted', message: 'The node was low on resource: memory.' },
    want: { health: 'Degraded', message: 'Evicted: The node was low on resource: memory.' },
  },
  {
    name: 'failed with an exit code',
    reason: 'the pod itself gives no reason, its container does',
    given: { ...container({ terminated: { exitCode: 3, reason: 'Error' } }), phase: 'Failed' },
    want: { health: 'Degraded', message: 'container "app" exited with code 3 (Error)' },
  },
  {
    name: 'running but not ready',
    reason: 'a probe may pass a little later',
    given: {
      phase: 'Running',
      conditions: [
        {
          type: 'Ready',
          status: 'False',
          reason: 'ContainersNotReady',
          message: 'containers with unready status: [app]',
        },
      ],
    },
    want: {
      health: 'Progressing',
      message: 'ContainersNotReady: containers with unready status: [app]',
    },
  },
  {
    name: 'new',
    reason: 'nobody has said anything of it yet',
    given: {},
    want: { health: 'Progressing', message: 'the pod is pending' },
  },
  {
    name: 'on a node that is lost',
    reason: 'nobody knows whether it runs',
    given: { phase: 'Unknown', reason: 'NodeLost', message: 'Node n1 is unresponsive' },
    want: { health: 'Unknown', message: 'NodeLost: Node n1 is unresponsive' },
  },
  {
    name: 'back-off of an image',
    reason: 'said with the image',
    given: waiting('ImagePullBackOff', 'Back-off pulling image "shop/web:2"'),
    want: { health: 'Degraded', message: 'ImagePullBackOff: Back-off pulling image "shop/web:2"' },
  },
  {
    name: 'pull error between two back-offs',
    reason: 'the two alternate, the report must not',
    given: waiting('ErrImagePull', 'rpc error: manifest unknown'),
    want: { health: 'Degraded', message: 'ImagePullBackOff: Back-off pulling image "shop/web:2"' },
  },
  {
    name: 'a configuration that is missing',
    reason: 'whatever the kubelet waits for is said',
    given: waiting('CreateContainerConfigError', 'secret "db" not found'),
    want: { health: 'Degraded', message: 'CreateContainerConfigError: secret "db" not found' },
  },
  {
    name: 'crash loop, waiting',
    reason: 'the last exit is what matters',
    given: container(
      { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 40s' } },
      { restartCount: 4, lastState: { terminated: crashed } },
    ),
    want: { health: 'Degraded', message: crashLoop },
  },
  {
    name: 'crash loop, just exited',
    reason: 'the loop goes round, the report must not',
    given: container({ terminated: crashed }, { restartCount: 4 }),
    want: { health: 'Degraded', message: crashLoop },
  },
  {
    name: 'crash loop, running for a moment',
    reason: 'the loop goes round, the report must not',
    given: container({ running: {} }, { restartCount: 4, lastState: { terminated: crashed } }),
    want: { health: 'Degraded', message: crashLoop },
  },
  {
    name: 'one restart after a crash',
    reason: 'once is no loop',
    given: container({ running: {} }, { restartCount: 1, lastState: { terminated: crashed } }),
    want: { health: 'Progressing', message: 'the pod is running' },
  },
  {
    name: 'an init container fails',
    reason: 'the containers wait for it for ever',
    given: {
      phase: 'Pending',
      initContainerStatuses: [{ name: 'migrate', restartCount: 0, state: { terminated: crashed } }],
      containerStatuses: [{ name: 'app', state: { waiting: { reason: 'PodInitializing' } } }],
    },
    want: { health: 'Degraded', message: 'container "migrate" exited with code 1 (Error)' },
  },
];

describe('assessHealth of a Pod', () => {
  for (const { name, reason, given, want } of cases) {
    it(name, () => {
      expect(assessHealth(keptPod(given), []), reason).to.deep.equal(want);
    });
  }
});

describe('worstPodProblem', () => {
  const unschedulable = keptPod({
    conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }],
  });
  const evicted = keptPod({ phase: 'Failed', reason: 'Evicted' });

  it('prefers a broken container to a pod without a node to one that is over', () => {
    const broken = keptPod(waiting('InvalidImageName', 'no such name'));
    expect(worstPodProblem([evicted, unschedulable, broken])?.message).to.equal(
      'InvalidImageName: no such name',
    );
    expect(worstPodProblem([evicted, unschedulable])?.message).to.equal('Unschedulable');
  });

  it('does not depend on the order of the pods', () => {
    const pods = [keptPod(waiting('B', 'x')), keptPod(waiting('A', 'x'))];
    expect(worstPodProblem(pods)).to.deep.equal(worstPodProblem(pods.toReversed()));
  });

  it('finds nothing wrong with pods that start', () => {
    expect(worstPodProblem([keptPod(waiting('ContainerCreating'))])).to.equal(undefined);
  });
});
