import { expect } from 'chai';
import { ConditionType, findCondition, type Condition } from '../../sdk/api/condition.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { done, requeueAfter } from '../../sdk/runtime/reconciler.js';
import { eventually } from '../support/eventually.js';
import { startWorkPlane, type WorkPlane } from '../support/work-plane.js';

const WORKLOADS = 'workloads.workload.threeport.io';

type Act = Reconciler<unknown, Record<string, unknown>>['reconcile'];

/** What cannot be written as a type: authors of plain JavaScript do it all the same. */
const untyped = (act: (...args: Parameters<Act>) => unknown): Act => act as Act;

function circular(): object {
  const status: Record<string, unknown> = {};
  status['namespace'] = status;
  return status;
}

describe('work: bad reconcilers', function () {
  this.timeout(30_000);
  let plane: WorkPlane;
  afterEach(() => plane.stop());

  const conditionOf = async (
    object: StoredApiObject,
    type: string,
  ): Promise<Condition | undefined> =>
    findCondition(
      ((await plane.get(object))?.status as { conditions?: Condition[] } | undefined)?.conditions,
      type,
    );

  const cases: { name: string; act: Act; reason: string; message: string }[] = [
    {
      name: 'throws before it gives a promise',
      act: untyped(() => {
        throw new Error('at once');
      }),
      reason: 'ReconcileError',
      message: 'at once',
    },
    {
      name: 'answers nothing',
      act: untyped(async () => undefined),
      reason: 'InvalidResult',
      message: 'want done, requeueAfter(...) or waitingFor(...)',
    },
    {
      name: 'answers what is no result',
      act: untyped(async () => ({ outcome: 'perhaps' })),
      reason: 'InvalidResult',
      message: 'want done, requeueAfter(...) or waitingFor(...)',
    },
    {
      name: 'wants to be asked again at no time',
      act: async () => requeueAfter(Number.NaN),
      reason: 'InvalidResult',
      message: 'requeueAfterMs must be a number',
    },
    {
      name: 'never ends, whatever the signal says',
      act: () => new Promise(() => undefined),
      reason: 'ReconcileError',
      message: 'not finished within 300 ms',
    },
    {
      name: 'throws text',
      act: () => Promise.reject('just text'),
      reason: 'ReconcileError',
      message: 'just text',
    },
    {
      name: 'throws what cannot be read',
      act: () => Promise.reject(Object.create(null)),
      reason: 'ReconcileError',
      message: 'an error that cannot be read',
    },
    {
      name: 'throws an error that is its own cause',
      act: async () => {
        const error = new Error('round');
        error.cause = error;
        throw error;
      },
      reason: 'ReconcileError',
      message: 'round',
    },
    {
      name: 'throws ten megabytes',
      act: () => Promise.reject(new Error('x'.repeat(10_000_000))),
      reason: 'ReconcileError',
      message: 'x'.repeat(1_000),
    },
    {
      name: 'allocates a lot',
      act: async () => {
        const blocks = Array.from({ length: 200 }, () => Array.from({ length: 65_536 }, () => 1));
        throw new Error(`${blocks.length} blocks`);
      },
      reason: 'ReconcileError',
      message: '200 blocks',
    },
    {
      name: 'edits the object that it was given',
      act: async (object) => {
        object.metadata.name = 'mine';
        return done;
      },
      reason: 'ReconcileError',
      message: 'read only',
    },
    {
      name: 'writes a status that its schema forbids',
      act: async (_object, ctx) => {
        ctx.status['resources'] = 'none';
        return done;
      },
      reason: 'InvalidStatus',
      message: 'status.resources',
    },
    {
      name: 'writes a status that is a circle',
      act: async (_object, ctx) => {
        Object.assign(ctx.status, circular());
        return done;
      },
      reason: 'InvalidStatus',
      message: 'circular',
    },
    {
      name: 'writes a status that is no JSON',
      act: async (_object, ctx) => {
        ctx.status['resources'] = 1n;
        return done;
      },
      reason: 'InvalidStatus',
      message: 'BigInt',
    },
    {
      name: 'writes two megabytes of status',
      act: async (_object, ctx) => {
        ctx.status['namespace'] = 'x'.repeat(2_000_000);
        return done;
      },
      reason: 'InvalidStatus',
      message: 'of at most 1048576',
    },
    {
      name: 'writes a status that the server does not even read',
      act: async (_object, ctx) => {
        ctx.status['resources'] = Array.from({ length: 300_000 }, () => 1);
        return done;
      },
      reason: 'InvalidStatus',
      message: 'the server refuses what was to be written',
    },
    {
      name: 'says itself that it is reconciled',
      act: async (_object, ctx) => {
        ctx.setCondition({ type: 'Reconciled', status: 'True', reason: 'Mine', message: '' });
        return done;
      },
      reason: 'ReconcileError',
      message: 'written by the runtime alone',
    },
    {
      name: 'takes away that it has stalled',
      act: async (_object, ctx) => {
        ctx.removeCondition('Stalled');
        return done;
      },
      reason: 'ReconcileError',
      message: 'written by the runtime alone',
    },
  ];
  for (const { name, act, reason, message } of cases) {
    it(`one that ${name} harms nobody, is told of and tried again`, async () => {
      plane = await startWorkPlane({ queue: new InProcessQueue() });
      let isBad = true;
      let tries = 0;
      const reconcile: Act = (object, ctx) => {
        if (object.metadata.name !== 'bad') return Promise.resolve(done);
        tries += 1;
        return isBad ? act(object, ctx) : Promise.resolve(done);
      };
      await plane.work([{ resource: WORKLOADS, reconcile } as Reconciler], {
        concurrency: 2,
        timeLimitMs: 300,
      });
      const bad = await plane.create('Workload', { name: 'bad' });
      const names = Array.from({ length: 20 }, (_, i) => `good-${i}`);
      const good = await Promise.all(names.map((each) => plane.create('Workload', { name: each })));
      for (const object of good) {
        await eventually(`${object.metadata.name} is reconciled`, async () => {
          return (await conditionOf(object, ConditionType.reconciled))?.status === 'True';
        });
      }
      const told = await eventually('told', async () => {
        const condition = await conditionOf(bad, ConditionType.reconciled);
        return condition?.status === 'False' && condition;
      });
      expect(told).to.include({ reason, observedGeneration: 1 });
      expect(told.message).to.contain(message);
      await eventually('it is tried again', () => tries > 1);
      isBad = false;
      await eventually('it is reconciled in the end', async () => {
        return (await conditionOf(bad, ConditionType.reconciled))?.status === 'True';
      });
    });
  }

  it('one that wants to be asked again at once is asked ten times a second', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    let tries = 0;
    const reconcile: Act = async () => {
      tries += 1;
      return requeueAfter(0);
    };
    await plane.work([{ resource: WORKLOADS, reconcile } as Reconciler]);
    await plane.create('Workload', { name: 'eager' });
    await eventually('it was asked', () => tries > 0);
    const before = tries;
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(tries - before)
      .to.be.at.least(2)
      .and.at.most(11);
  });

  it('what an author writes as conditions or observed generation is ignored', async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    let looks = 0;
    const reconcile: Act = async (_object, ctx) => {
      looks += 1;
      expect(ctx.status).not.to.have.any.keys('conditions', 'observedGeneration');
      Object.assign(ctx.status, {
        observedGeneration: 99,
        conditions: [{ type: 'Reconciled', status: 'Unknown', reason: 'Mine', message: 'mine' }],
      });
      return done;
    };
    await plane.work([{ resource: WORKLOADS, reconcile } as Reconciler]);
    const object = await plane.create('Workload', { name: 'web' });
    const status = await eventually('a status', async () => (await plane.get(object))?.status);
    expect(status).to.have.property('observedGeneration', 1);
    const { conditions } = status as { conditions: Condition[] };
    expect(conditions.map((each) => [each.type, each.status, each.reason])).to.deep.equal([
      ['Reconciled', 'True', 'Reconciled'],
    ]);
    await plane.edit(object, (draft) => (draft.metadata.labels = { again: 'yes' }));
    const { length } = plane.storeWrites;
    await eventually('another look, handed back', () =>
      plane.storeWrites.slice(length).includes('complete'),
    );
    expect(looks).to.equal(2);
    expect((await plane.get(object))?.status).to.deep.equal(status);
    expect(await plane.store.currentVersion(), 'no revision but the edit').to.equal(4);
  });
});
