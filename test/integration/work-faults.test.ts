import { expect } from 'chai';
import { ConditionType, findCondition, type Condition } from '../../sdk/api/condition.js';
import { ApiError } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { done, LeaseLostError } from '../../sdk/runtime/reconciler.js';
import type { WorkApi } from '../../sdk/runtime/work-api.js';
import type { WorkClaim } from '../../server/store/object-store.js';
import { eventually } from '../support/eventually.js';
import { startWorkPlane, type WorkPlane } from '../support/work-plane.js';

const WORKLOADS = 'workloads.workload.threeport.io';

function workloads(reconcile: Reconciler['reconcile']): Reconciler {
  return { resource: WORKLOADS, reconcile };
}

/** A broker that loses everything. */
class LosingQueue extends InProcessQueue {
  override publish(): Promise<void> {
    return Promise.resolve();
  }
}

/** The API until `cut`; then every call fails, as for a worker whose process or network is gone. */
function cuttable(api: WorkApi): { api: WorkApi; cut: () => void } {
  let isCut = false;
  const unlessCut = <T>(call: () => Promise<T>): Promise<T> =>
    isCut ? Promise.reject(new ApiError('ServiceUnavailable', 'cut off')) : call();
  return {
    api: {
      claim: (request) => unlessCut(() => api.claim(request)),
      complete: (request) => unlessCut(() => api.complete(request)),
      renew: (request) => unlessCut(() => api.renew(request)),
    },
    cut: () => (isCut = true),
  };
}

describe('work: faults', function () {
  this.timeout(30_000);
  let plane: WorkPlane;

  afterEach(() => plane.stop());

  const status = async (object: StoredApiObject): Promise<unknown> =>
    (await plane.get(object))?.status;
  const condition = async (object: StoredApiObject, type: string): Promise<Condition | undefined> =>
    findCondition(
      ((await status(object)) as { conditions?: Condition[] } | undefined)?.conditions,
      type,
    );

  it('finds all work without a single hint', async () => {
    plane = await startWorkPlane({ queue: new LosingQueue() });
    const names = Array.from({ length: 30 }, (_, index) => `w${index}`);
    const objects = await Promise.all(names.map((name) => plane.create('Workload', { name })));
    await plane.work([workloads(async () => done)], { concurrency: 4 });
    for (const object of objects) await eventually('done by the sweep', () => status(object));
  });

  it('writes nothing to the store while nothing changes', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    let looks = 0;
    await plane.work(
      [
        workloads(async () => {
          looks += 1;
          return done;
        }),
      ],
      { sweepMs: 50 },
    );
    const object = await plane.create('Workload', { name: 'web' });
    await eventually('done', () => status(object));
    await eventually('the cursor is kept', async () => (await plane.store.cursor('notifier')) > 0);
    const before = plane.storeWrites.length;
    // Twenty sweeps: what a minute would do, without the minute.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(plane.storeWrites.slice(before)).to.deep.equal([]);
    expect(looks).to.equal(1);
  });

  it('another worker takes over when a lease ends, and the first can no longer write', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    const { api, cut } = cuttable(plane.client);
    let begun = 0;
    let reason: unknown;
    await plane.work(
      [
        workloads(async (_object, ctx) => {
          begun += 1;
          ctx.signal.addEventListener('abort', () => (reason = ctx.signal.reason));
          return new Promise(() => undefined);
        }),
      ],
      { api, leaseMs: 1_000, name: 'first' },
    );
    const object = await plane.create('Workload', { name: 'web' });
    await eventually('the first begins', () => begun === 1);
    cut();
    await plane.work([workloads(async () => done)], { leaseMs: 1_000, name: 'second' });
    await eventually('the second finishes', async () => {
      return (await condition(object, ConditionType.reconciled))?.status === 'True';
    });
    await eventually('the first is told', () => reason !== undefined);
    expect(String(reason)).to.contain('the lease ended');
  });

  it('renews the lease of long work', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    let looks = 0;
    const slow = workloads(async () => {
      looks += 1;
      await new Promise((resolve) => setTimeout(resolve, 2_500));
      return done;
    });
    await plane.work([slow], { leaseMs: 1_000, name: 'first' });
    await plane.work([slow], { leaseMs: 1_000, name: 'second', sweepMs: 100 });
    const object = await plane.create('Workload', { name: 'web' });
    await eventually('done', () => status(object));
    expect(looks).to.equal(1);
    expect(plane.storeWrites).to.include('renew');
  });

  it('gives its work back when it stops', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    let begun = 0;
    const first = await plane.work(
      [
        workloads(() => {
          begun += 1;
          return new Promise(() => undefined);
        }),
      ],
      { graceMs: 100, name: 'first' },
    );
    const object = await plane.create('Workload', { name: 'web' });
    await eventually('the first begins', () => begun === 1);
    const began = Date.now();
    await first.stop();
    expect(Date.now() - began).to.be.below(2_000);
    expect(await status(object)).to.equal(undefined);
    await plane.work([workloads(async () => done)], { name: 'second' });
    await eventually('the second finishes', () => status(object), 5_000);
  });

  it('backs off while an object fails, stalls after five failures, and recovers', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    let failing = true;
    await plane.work([
      workloads(async () => {
        if (failing) throw new Error('refused');
        return done;
      }),
    ]);
    const object = await plane.create('Workload', { name: 'web' });
    // Any edit makes it due: no need to wait for the back-off.
    await eventually('Stalled', async () => {
      await plane.edit(object, (draft) => (draft.metadata.labels = { at: String(Date.now()) }));
      return (await condition(object, ConditionType.stalled))?.status === 'True';
    });
    failing = false;
    await plane.edit(object, (draft) => (draft.metadata.labels = { at: 'last' }));
    await eventually('Reconciled', async () => {
      return (await condition(object, ConditionType.reconciled))?.status === 'True';
    });
    expect(await condition(object, ConditionType.stalled)).to.equal(undefined);
  });

  it('retries a conflict at once and in silence', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    let tries = 0;
    await plane.work(
      [
        workloads(async () => {
          tries += 1;
          if (tries < 3) throw new ApiError('Conflict', 'the object has been modified');
          return done;
        }),
      ],
      { sweepMs: 60_000 },
    );
    const object = await plane.create('Workload', { name: 'web' });
    const said = new Set<string>();
    await eventually('done', async () => {
      const now = await condition(object, ConditionType.reconciled);
      if (now !== undefined) said.add(now.status);
      return now?.status === 'True';
    });
    expect(said).to.deep.equal(new Set(['True']));
  });

  it('keeps what was noted before an effect, and refuses to write without the lease', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    let failure: unknown;
    let stolen: WorkClaim | undefined;
    await plane.work(
      [
        workloads(async (object, ctx) => {
          Object.assign(ctx.status, { namespace: 'intent' });
          await ctx.checkpoint();
          const { uid } = object.metadata;
          // Another takes the object away, as after a lease that ended unnoticed.
          stolen = await eventually('the end of the lease', async () => {
            const claim = { worker: 'thief', leaseMs: 60_000, limit: 1, uids: [uid] };
            return (await plane.store.claim(plane.kind('Workload'), claim))[0];
          });
          Object.assign(ctx.status, { namespace: 'lost' });
          failure = await ctx.checkpoint().catch((error: unknown) => error);
          throw failure;
        }),
      ],
      { leaseMs: 1_000, api: { ...plane.client, renew: async () => ({ lost: [] }) } },
    );
    const object = await plane.create('Workload', { name: 'web' });
    await eventually('the lease is lost', () => failure !== undefined);
    expect(failure).to.be.instanceOf(LeaseLostError);
    expect(JSON.parse(stolen?.checkpoint ?? '{}')).to.include({ namespace: 'intent' });
    expect((await plane.get(object))?.status, 'nobody sees it yet').to.equal(undefined);
  });

  it('goes on from what an attempt noted that died, and shows it when it ends', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    const starts: unknown[] = [];
    const cannotRenew = async (): Promise<never> => {
      throw new ApiError('ServiceUnavailable', 'cut off');
    };
    await plane.work(
      [
        workloads(async (seen, ctx) => {
          starts.push({ noted: { ...ctx.status }, shown: seen.status });
          if (starts.length > 1) return done;
          Object.assign(ctx.status, { namespace: 'intent' });
          await ctx.checkpoint();
          return new Promise(() => undefined);
        }),
      ],
      { leaseMs: 1_000, sweepMs: 100, api: { ...plane.client, renew: cannotRenew } },
    );
    const object = await plane.create('Workload', { name: 'web' });
    await eventually('it is done', async () => {
      const now = await condition(object, ConditionType.reconciled);
      return now?.status === 'True';
    });
    expect(starts).to.deep.equal([
      { noted: {}, shown: undefined },
      { noted: { namespace: 'intent' }, shown: undefined },
    ]);
    expect(await status(object)).to.include({ namespace: 'intent' });
  });

  it('says so, and lets go, when a reconciler writes a status that the schema forbids', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    let looks = 0;
    await plane.work([
      workloads(async (_object, ctx) => {
        looks += 1;
        Object.assign(ctx.status, looks === 1 ? { resources: 'none' } : { namespace: 'web' });
        return done;
      }),
    ]);
    const object = await plane.create('Workload', { name: 'web' });
    const told = await eventually('the fault is told', () =>
      condition(object, ConditionType.reconciled),
    );
    expect(told).to.include({ status: 'False', reason: 'InvalidStatus' });
    expect(told.message).to.contain('status.resources');
    await eventually('the second look succeeds', async () => {
      return (await condition(object, ConditionType.reconciled))?.status === 'True';
    });
    expect(looks).to.equal(2);
    expect(await status(object)).to.include({ namespace: 'web' });
  });
});
