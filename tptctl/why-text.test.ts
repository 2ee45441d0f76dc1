import { expect } from 'chai';
import type { Why, WhyAttempt, WhyRevision } from '../sdk/api/why.js';
import { formatWhy } from './why-text.js';

const NOW = Date.parse('2026-01-02T03:05:00Z');
const at = (second: number): string => `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`;

const request = (second: number, verb: string) => ({
  at: at(second),
  origin: { user: 'jane', verb, address: '10.0.0.7', userAgent: 'kubectl' },
});
const byWorker = (second: number, fence: number, uid = 'w') => ({
  at: at(second),
  origin: { user: 'reconcilers', verb: 'complete' },
  attempt: { uid, fence },
});
const attempt = (fence: number, second: number, more: Partial<WhyAttempt>): WhyAttempt => ({
  uid: 'w',
  fence,
  startedAt: at(second),
  durationMs: 12,
  outcome: 'done',
  effects: [],
  ...more,
});
const woken = (resourceVersion: string) => ({ reason: 'change', resourceVersion }) as const;

const why: Why = {
  apiVersion: 'journal.threeport.io/v1alpha1',
  kind: 'Why',
  objects: [
    {
      resource: 'workloads',
      kind: 'Workload',
      namespace: 'default',
      name: 'web',
      uid: 'w',
      relation: 'asked',
      conditions: [{ type: 'Ready', status: 'True', reason: 'Healthy' }],
    },
    {
      resource: 'workloadinstances',
      kind: 'WorkloadInstance',
      namespace: 'default',
      name: 'web',
      uid: 'i',
      relation: 'owned',
    },
  ],
  revisions: [
    {
      uid: 'w',
      resourceVersion: '6',
      type: 'MODIFIED',
      generation: 2,
      changed: ['spec.replicas', 'metadata.labels'],
      ...request(30, 'patch'),
    },
    {
      uid: 'w',
      resourceVersion: '4',
      type: 'MODIFIED',
      generation: 1,
      changed: ['status'],
      conditions: [{ type: 'Ready', status: 'True', reason: 'Healthy' }],
      ...byWorker(3, 1),
    },
    { uid: 'i', resourceVersion: '3', type: 'ADDED', generation: 1, ...byWorker(2, 1) },
    { uid: 'w', resourceVersion: '1', type: 'ADDED', generation: 1, ...request(0, 'apply') },
  ],
  attempts: [
    attempt(2, 40, { cause: { reason: 'backoff' }, outcome: 'failed', message: 'no such host' }),
    attempt(1, 1, { cause: woken('1') }),
    attempt(7, 2, {
      uid: 'i',
      cause: woken('3'),
      effects: [
        {
          sequence: 2,
          port: 'kube',
          place: 'sandbox',
          nature: 'update',
          operation: 'apply',
          target: 'apps/v1 Deployment default/web',
          outcome: 'failed',
          message: 'quota exceeded',
          startedAt: at(2),
          durationMs: 150,
        },
        {
          sequence: 1,
          port: 'kube',
          place: 'sandbox',
          nature: 'update',
          operation: 'apply',
          target: 'v1 ConfigMap default/web',
          outcome: 'ok',
          startedAt: at(2),
          durationMs: 7,
        },
      ],
    }),
  ],
  waitsFor: [
    {
      resource: 'kubernetesruntimeinstances',
      kind: 'KubernetesRuntimeInstance',
      name: 'sandbox',
      by: 'spec.runtime',
      state: 'notReady',
      message: 'ApiSilent: no answer within 10 s',
    },
    { resource: 'x', kind: 'Secret', namespace: 'other', name: 'key', by: 'y', state: 'missing' },
  ],
  waitedForBy: [],
};

describe('text of why', () => {
  it('is a tree from the requests, the newest first, to what came of them', () => {
    expect(formatWhy(why, { nowMs: NOW, width: 100 })).to.equal(`\
Workload default/web: Ready=True (Healthy)
waits for      KubernetesRuntimeInstance sandbox  not ready: ApiSilent: no answer within 10 s
               Secret other/key                   missing

20s ago, 2026-01-02T03:04:40Z: Workload web reconciled in 12 ms (trying again after a failure),
  failed: no such host

30s ago, 2026-01-02T03:04:30Z: jane patch from 10.0.0.7 (kubectl)
└─ Workload web [6] spec.replicas, metadata.labels

60s ago, 2026-01-02T03:04:00Z: jane apply from 10.0.0.7 (kubectl)
└─ Workload web created [1]
   └─ Workload web reconciled in 12 ms, done
      ├─ WorkloadInstance web created [3]
      │  └─ WorkloadInstance web reconciled in 12 ms, done
      │     ├─ sandbox: apply v1 ConfigMap default/web        ok 7 ms
      │     └─ sandbox: apply apps/v1 Deployment default/web  failed 150 ms: quota exceeded
      └─ Workload web [4] status Ready=True (Healthy)
`);
  });

  it('has no line wider than asked for, and does not obey what others wrote', () => {
    const long: WhyRevision = {
      uid: 'w',
      resourceVersion: '9',
      type: 'MODIFIED',
      generation: 1,
      changed: ['spec.\u001b[2J', `spec.${'x'.repeat(2_000)}`],
      at: at(59),
      origin: { user: 'u'.repeat(256), userAgent: 'a b '.repeat(50) },
    };
    const text = formatWhy({ ...why, revisions: [long] }, { nowMs: NOW, width: 100 });
    expect(text.split('\n').filter((line) => line.length > 100)).to.deep.equal([]);
    expect(text).not.to.include('\u001b');
    expect(text).to.include('…');
  });

  it('tells of an attempt that nobody saw end, by what it made', () => {
    const revisions = why.revisions.filter(({ resourceVersion }) => resourceVersion === '3');
    const text = formatWhy(
      { ...why, revisions, attempts: [], waitsFor: [] },
      { nowMs: NOW, width: 100 },
    );
    expect(text).to.include(`
58s ago, 2026-01-02T03:04:02Z: Workload web worked on; its end is not known (fence 1)
└─ WorkloadInstance web created [3]
`);
  });

  it('says that there is more', () => {
    expect(formatWhy({ ...why, truncated: true }, { nowMs: NOW, width: 100 })).to.match(
      /There is more: --limit/,
    );
  });
});
