import { expect } from 'chai';
import type { JournalAttempt } from '../../sdk/api/journal.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { done, waitingFor } from '../../sdk/runtime/reconciler.js';
import { eventually } from '../support/eventually.js';
import { startWorkPlane, type WorkPlane } from '../support/work-plane.js';

const INSTANCES = 'workloadinstances.workload.threeport.io';

describe('attempts in the journal', function () {
  this.timeout(20_000);
  let plane: WorkPlane;
  beforeEach(async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
  });
  afterEach(() => plane?.stop());

  const create = (): Promise<StoredApiObject> =>
    plane.create('WorkloadInstance', {
      name: 'web',
      spec: { definition: 'web', runtime: 'cluster' },
      finalizers: ['workload.threeport.io/workload-instance'],
    });
  const attempts = (of: StoredApiObject, count: number): Promise<readonly JournalAttempt[]> =>
    eventually(`${count} attempts`, async () => {
      const found = await plane.store.attemptsAt(of.metadata.uid, 100);
      return found.length >= count ? found : undefined;
    });

  it('say what woke each, and what came of it', async () => {
    const outcomes: Reconciler['reconcile'][] = [
      async () => waitingFor('NoRuntime', 'cluster is not there'),
      async () => Promise.reject(new Error('the cluster says no')),
      async () => done,
    ];
    let looks = 0;
    const reconcile: Reconciler['reconcile'] = (object, ctx) =>
      (outcomes[looks++] ?? (async () => done))(object, ctx);
    await plane.work([{ resource: INSTANCES, reconcile }]);
    const made = await create();
    const [first] = await attempts(made, 1);
    const runtime = await plane.create('KubernetesRuntimeInstance', { name: 'cluster' });
    const found = await attempts(made, 3);
    expect(found.map(({ outcome }) => outcome)).to.deep.equal(['done', 'failed', 'waiting']);
    expect(first).to.deep.include({
      name: 'web',
      namespace: 'default',
      foundVersion: made.metadata.resourceVersion,
      cause: { reason: 'change', resourceVersion: made.metadata.resourceVersion },
      message: 'NoRuntime: cluster is not there',
    });
    const [third, second] = found;
    const { resourceVersion } = runtime.metadata;
    expect(second?.cause).to.deep.equal({ reason: 'dependency', resourceVersion });
    expect(second?.message).to.equal('the cluster says no');
    expect(third?.cause).to.deep.equal({ reason: 'backoff', resourceVersion });
    expect(third?.resourceVersion).to.equal(String(await plane.store.currentVersion()));

    // A look that finds all as it is wanted.
    await plane.edit(made, (draft) => (draft.metadata.labels = { seen: 'true' }));
    await eventually('a fourth look', async () => looks >= 4);
    await eventually('its end', async () => plane.storeWrites.at(-1) === 'complete');
    expect(await attempts(made, 3)).to.have.length(3);
  });

  it('are refused when their cause or outcome is none', async () => {
    const made = await create();
    const claim = await plane.client.claim({
      worker: 'w',
      leaseMs: 5_000,
      keys: [{ resource: INSTANCES, uid: made.metadata.uid }],
    });
    const fence = claim.claimed[0]?.fence ?? 0;
    const attempt = {
      generation: 1,
      foundVersion: '1',
      startedAt: '2026-01-02T03:04:05.006Z',
      durationMs: 1,
      outcome: 'done',
    };
    for (const [change, want] of [
      [{ outcome: 'well' }, 'attempt.outcome must be one of'],
      [{ cause: { reason: 'why' } }, 'attempt.cause.reason must be one of'],
      [{ foundVersion: 'x' }, 'attempt.foundVersion must be a version'],
      [{ startedAt: 'now' }, 'attempt.startedAt must be a time'],
      [{ message: 'x'.repeat(1_001) }, 'attempt.message must be text of 1 to 1000'],
    ] as const) {
      const completion = { resource: INSTANCES, uid: made.metadata.uid, fence, failures: 0 };
      const completions = [{ ...completion, attempt: { ...attempt, ...change } as never }];
      const refused = await plane.client
        .complete({ worker: 'w', completions })
        .catch((error: Error) => error.message);
      expect(refused).to.include(want);
    }
    expect(await plane.store.attemptsAt(made.metadata.uid, 10)).to.deep.equal([]);
  });
});
