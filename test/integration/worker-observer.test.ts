import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { done, requeueAfter, TerminalError, waitingFor } from '../../sdk/runtime/reconciler.js';
import type {
  AttemptVerdict,
  ClaimSeen,
  WorkerObserver,
} from '../../sdk/runtime/worker-observer.js';
import { eventually } from '../support/eventually.js';
import { noPorts, startWorkPlane, type WorkPlane } from '../support/work-plane.js';

const WORKLOADS = 'workloads.workload.threeport.io';

interface Seen {
  readonly observer: WorkerObserver;
  readonly verdicts: AttemptVerdict[];
  readonly convergedMs: (number | undefined)[];
  readonly claims: ClaimSeen[];
  readonly calls: string[];
  hints: number;
  lost: number;
  renewed: number;
}

function watching(): Seen {
  const seen: Seen = {
    verdicts: [],
    convergedMs: [],
    claims: [],
    calls: [],
    hints: 0,
    lost: 0,
    renewed: 0,
    observer: {
      hinted: (hints) => (seen.hints += hints.length),
      claimed: (claim) => seen.claims.push(claim),
      renewed: (count) => (seen.renewed += count),
      leaseLost: () => (seen.lost += 1),
      began: () => ({
        around: async (call, make) => {
          seen.calls.push(`${call.port} ${call.nature} ${call.target}`);
          return make();
        },
        ended: ({ verdict, convergedMs }) => {
          seen.verdicts.push(verdict);
          seen.convergedMs.push(convergedMs);
        },
      }),
    },
  };
  return seen;
}

describe('what a worker tells of its work', function () {
  this.timeout(20_000);
  let plane: WorkPlane;
  beforeEach(async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
  });
  afterEach(() => plane?.stop());

  const work = async (reconcile: Reconciler['reconcile'], options = {}): Promise<Seen> => {
    const seen = watching();
    await plane.work([{ resource: WORKLOADS, reconcile }], {
      observers: [seen.observer],
      ...options,
    });
    return seen;
  };

  const cases: readonly (readonly [verdict: AttemptVerdict, act: Reconciler['reconcile']])[] = [
    ['done', async () => done],
    ['requeue', async () => requeueAfter(60_000)],
    ['waiting', async () => waitingFor('NotThere', 'waits for it')],
    ['failed', async () => Promise.reject(new Error('no'))],
    ['terminal', async () => Promise.reject(new TerminalError('Bad', 'never'))],
    ['conflict', async () => Promise.reject(new ApiError('Conflict', 'changed'))],
    [
      'invalid',
      async (_object, ctx) => {
        Object.assign(ctx.status, { resources: 'none' });
        return done;
      },
    ],
  ];
  for (const [verdict, act] of cases) {
    it(`calls it ${verdict}`, async () => {
      const seen = await work(act);
      await plane.create('Workload', { name: 'web' });
      await eventually('an attempt', () => seen.verdicts.length > 0);
      expect(seen.verdicts[0]).to.equal(verdict);
    });
  }

  it('tells of hints, of claims by whom, and of calls through ports', async () => {
    const seen = await work(
      async (_object, ctx) => {
        await ctx.api.find('secrets', { namespace: 'default', name: 'key' });
        return done;
      },
      { ports: { ...noPorts, api: { ...noPorts.api, find: async () => undefined } } },
    );
    await eventually('the first sweep', () => seen.claims.length > 0);
    await plane.create('Workload', { name: 'web' });
    await eventually('an attempt', () => seen.verdicts.length > 0);
    expect(seen.calls).to.deep.equal(['api read secrets default/key']);
    expect(seen.hints).to.be.at.least(1);
    const got = seen.claims.filter(({ claimed }) => claimed.length > 0);
    expect(got.map(({ by, claimed }) => [by, claimed[0]?.object.metadata.name])).to.deep.equal([
      ['hint', 'web'],
    ]);
    expect(seen.claims[0]).to.deep.include({ by: 'sweep', claimed: [] });
  });

  it('tells how long a change took, from its commit, over attempts that had to wait', async () => {
    const waitMs = 100;
    let ready = false;
    const seen = await work(async () => (ready ? done : waitingFor('NotThere', 'waits for it')));
    const object = await plane.create('Workload', { name: 'web' });
    const createdMs = performance.now();
    await eventually('it waits', () => seen.verdicts.length === 1);
    await eventually('some time', () => performance.now() - createdMs > waitMs);
    ready = true;
    await plane.store.wake(plane.kind('Workload'), [{ uid: object.metadata.uid }]);
    await eventually('it is done', () => seen.verdicts.includes('done'));
    await plane.store.wake(plane.kind('Workload'), [{ uid: object.metadata.uid }]);
    await eventually('another look', () => seen.verdicts.length === 3);
    expect(seen.convergedMs).to.have.length(3);
    expect(seen.convergedMs[0]).to.equal(undefined);
    expect(seen.convergedMs[1]).to.be.within(waitMs, performance.now() - createdMs + waitMs);
    expect(seen.convergedMs[2]).to.equal(undefined);
  });

  it('tells of renewals, and of a lease that was lost with its attempt', async () => {
    const api = { ...plane.client };
    const seen = await work(() => new Promise(() => undefined), { api, leaseMs: 1_000 });
    await plane.create('Workload', { name: 'web' });
    await eventually('a renewal', () => seen.renewed > 0);
    const away = (): Promise<never> => Promise.reject(new ApiError('ServiceUnavailable', 'away'));
    Object.assign(api, { claim: away, renew: away, complete: away });
    await eventually('the loss', () => seen.lost === 1);
    await eventually('the end', () => seen.verdicts.length > 0);
    expect(seen.verdicts).to.deep.equal(['fenced']);
    await eventually('a claim that failed', () => seen.claims.at(-1)?.error !== undefined);
  });

  it('tells what was given back by a worker that stops', async () => {
    const seen = watching();
    const worker = await plane.work(
      [{ resource: WORKLOADS, reconcile: () => new Promise(() => undefined) }],
      { observers: [seen.observer], graceMs: 10 },
    );
    await plane.create('Workload', { name: 'web' });
    await eventually('it has it', () => seen.claims.some(({ claimed }) => claimed.length > 0));
    await worker.stop();
    expect(seen.verdicts).to.deep.equal(['released']);
  });
});
