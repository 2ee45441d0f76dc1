import { expect } from 'chai';
import type { Pod, StatefulSet } from '../kubernetes-types.js';
import { REVISION_LABEL, planStatefulSet, revisionNameOf } from './stateful-set-plan.js';

const NOW_MS = Date.UTC(2026, 0, 1);

function setWith(replicas: number, policy = 'OrderedReady'): StatefulSet {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: {
      name: 'db',
      namespace: 'default',
      uid: 's',
      resourceVersion: '1',
      generation: 1,
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      replicas,
      podManagementPolicy: policy,
      template: { spec: { containers: [{ name: 'a', image: 'b' }] } },
    },
  };
}

function pod(ordinal: number, options: { ready?: boolean; old?: boolean } = {}): Pod {
  const { ready = true, old = false } = options;
  const set = setWith(1);
  return {
    ...set,
    kind: 'Pod',
    metadata: {
      ...set.metadata,
      name: `db-${ordinal}`,
      uid: `p-${ordinal}`,
      labels: { [REVISION_LABEL]: old ? 'db-old' : revisionNameOf(set) },
    },
    spec: {},
    status: {
      phase: 'Running',
      conditions: [
        {
          type: 'Ready',
          status: ready ? 'True' : 'False',
          lastTransitionTime: '2025-12-31T00:00:00Z',
        },
      ],
    },
  };
}

describe('planStatefulSet', () => {
  const cases: readonly {
    name: string;
    reason: string;
    set: StatefulSet;
    pods: readonly Pod[];
    want: { create: number[]; remove: string[] };
  }[] = [
    {
      name: 'nothing there',
      reason: 'the first comes first',
      set: setWith(3),
      pods: [],
      want: { create: [0], remove: [] },
    },
    {
      name: 'the first not ready',
      reason: 'the second waits',
      set: setWith(3),
      pods: [pod(0, { ready: false })],
      want: { create: [], remove: [] },
    },
    {
      name: 'Parallel',
      reason: 'all at once',
      set: setWith(3, 'Parallel'),
      pods: [],
      want: { create: [0, 1, 2], remove: [] },
    },
    {
      name: 'too many',
      reason: 'the last goes first, one at a time',
      set: setWith(1),
      pods: [pod(0), pod(1), pod(2)],
      want: { create: [], remove: ['db-2'] },
    },
    {
      name: 'old template',
      reason: 'replaced from the top',
      set: setWith(2),
      pods: [pod(0, { old: true }), pod(1, { old: true })],
      want: { create: [], remove: ['db-1'] },
    },
    {
      name: 'half way through an update',
      reason: 'the next waits for the new one to be ready',
      set: setWith(2),
      pods: [pod(0, { old: true }), pod(1, { ready: false })],
      want: { create: [], remove: [] },
    },
    {
      name: 'as it should be',
      reason: 'nothing to do',
      set: setWith(2),
      pods: [pod(0), pod(1)],
      want: { create: [], remove: [] },
    },
  ];
  for (const { name, reason, set, pods, want } of cases) {
    it(`${name}: ${reason}`, () => {
      const { create, remove } = planStatefulSet(set, pods, NOW_MS);
      expect({ create, remove: remove.map(({ metadata }) => metadata.name) }).to.deep.equal(want);
    });
  }
});
