import { expect } from 'chai';
import { ConditionType, findCondition, type Condition } from '../../sdk/api/condition.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import { JetStreamQueue } from '../../sdk/queue/jetstream-queue.js';
import type { ReconcileContext, Reconciler } from '../../sdk/runtime/reconciler.js';
import { done, TerminalError, waitingFor } from '../../sdk/runtime/reconciler.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { eventually } from '../support/eventually.js';
import { natsServerBinary, testNatsServer } from '../support/nats-server.js';
import { testDatabase } from '../support/postgres.js';
import { startWorkPlane, type WorkPlane } from '../support/work-plane.js';

const WORKLOADS = 'workloads.workload.threeport.io';
const INSTANCES = 'workloadinstances.workload.threeport.io';
const FINALIZER = 'workload.threeport.io/instance';

type Act = Reconciler['reconcile'];

function workloads(reconcile: Act, cleanUp?: Act): Reconciler {
  return { resource: WORKLOADS, reconcile, ...(cleanUp !== undefined && { cleanUp }) };
}

function conditionOf(object: StoredApiObject | undefined, type: string): Condition | undefined {
  return findCondition(
    (object?.status as { conditions?: Condition[] } | undefined)?.conditions,
    type,
  );
}

interface Setting {
  readonly name: string;
  readonly isThere: () => boolean;
  readonly start: () => Promise<{ plane: WorkPlane; stop: () => Promise<void> }>;
}

const inProcess: Setting = {
  name: 'in memory, hints in process',
  isThere: () => true,
  async start() {
    const plane = await startWorkPlane({ queue: new InProcessQueue() });
    return { plane, stop: () => plane.stop() };
  },
};

const withServers: Setting = {
  name: 'in PostgreSQL, hints through nats-server',
  isThere: () => natsServerBinary() !== undefined,
  async start() {
    const [database, nats] = await Promise.all([testDatabase(), testNatsServer()]);
    const store = new SqlObjectStore({ connectionString: database.url, kinds });
    const queue = new JetStreamQueue({ url: nats.url, name: 'test', logger: nopLogger });
    const plane = await startWorkPlane({ store, queue });
    return {
      plane,
      async stop() {
        await plane.stop();
        await Promise.all([database.drop(), nats.remove()]);
      },
    };
  },
};

for (const setting of [inProcess, withServers]) {
  describe(`work: change, hint, claim, reconcile, complete; ${setting.name}`, function () {
    this.timeout(30_000);
    let plane: WorkPlane;
    let stop: (() => Promise<void>) | undefined;

    before(function () {
      if (!setting.isThere()) this.skip();
    });
    beforeEach(async () => {
      ({ plane, stop } = await setting.start());
    });
    afterEach(() => stop?.());

    const handedBack = (): number =>
      plane.storeWrites.filter((method) => method === 'complete').length;

    const reconciled = (object: StoredApiObject, reason = 'Reconciled'): Promise<StoredApiObject> =>
      eventually(`${object.metadata.name} has Reconciled with reason ${reason}`, async () => {
        const now = await plane.get(object);
        const condition = conditionOf(now, ConditionType.reconciled);
        return condition?.reason === reason &&
          condition.observedGeneration === now?.metadata.generation
          ? now
          : false;
      });

    it('reconciles what is created and what is edited, and says so for its generation', async () => {
      const seen: unknown[] = [];
      await plane.work([
        workloads(async (object) => {
          seen.push(object.spec);
          return done;
        }),
      ]);
      const created = await plane.create('Workload', { name: 'web', spec: { yaml: 'a: 1' } });
      const first = await reconciled(created);
      expect(first.metadata.finalizers).to.deep.equal([FINALIZER]);
      expect(first.status).to.have.property('observedGeneration', 1);
      await plane.edit(created, (draft) => {
        draft.spec = { yaml: 'a: 2' };
      });
      const second = await reconciled(created);
      expect(second.status).to.have.property('observedGeneration', 2);
      expect(seen).to.deep.equal([{ yaml: 'a: 1' }, { yaml: 'a: 2' }]);
      expect(conditionOf(second, 'Reconciled')?.lastTransitionTime).to.equal(
        conditionOf(first, 'Reconciled')?.lastTransitionTime,
      );
    });

    it('writes nothing when a second look finds nothing to do', async () => {
      let looks = 0;
      await plane.work([
        workloads(async () => {
          looks += 1;
          return done;
        }),
      ]);
      const object = await plane.create('Workload', { name: 'web' });
      const { metadata } = await reconciled(object);
      const before = handedBack();
      await plane.store.wake(plane.kind('Workload'), [{ uid: object.metadata.uid }]);
      await eventually('a second look, ended', () => handedBack() > before);
      expect(looks).to.equal(2);
      expect((await plane.get(object))?.metadata.resourceVersion).to.equal(
        metadata.resourceVersion,
      );
    });

    it('is woken by the object that it waits for, without polling', async () => {
      let looks = 0;
      const runtimes = plane.kind('KubernetesRuntimeInstance');
      await plane.work(
        [
          {
            resource: INSTANCES,
            async reconcile() {
              looks += 1;
              const runtime = await plane.store.get(runtimes, '', 'cluster');
              return runtime === undefined
                ? waitingFor('RuntimeMissing', 'no runtime cluster')
                : done;
            },
          },
        ],
        { sweepMs: 60_000 },
      );
      const spec = { definition: 'web', runtime: 'cluster' };
      const instance = await plane.create('WorkloadInstance', { name: 'web', spec });
      await reconciled(instance, 'RuntimeMissing');
      const before = looks;
      const began = Date.now();
      await plane.create('KubernetesRuntimeInstance', {
        name: 'cluster',
        spec: { definition: 'd', kubeconfigSecret: { name: 's' } },
      });
      await reconciled(instance);
      expect(Date.now() - began).to.be.below(1_000);
      expect(looks).to.equal(before + 1);
    });

    it('wakes an owner when what it owns changes or goes', async () => {
      let looks = 0;
      await plane.work(
        [
          workloads(async () => {
            looks += 1;
            return done;
          }),
        ],
        { sweepMs: 60_000 },
      );
      const owner = await plane.create('Workload', { name: 'web', finalizers: [FINALIZER] });
      await reconciled(owner);
      const { apiVersion, kind, metadata } = owner;
      const owned = await plane.create('WorkloadReport', {
        name: 'web',
        spec: { runtime: 'cluster' },
        ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid }],
      });
      await eventually('a look after the create, ended', () => handedBack() >= 2);
      const before = looks;
      await plane.remove(owned);
      await eventually('a look after the deletion', () => looks > before);
    });

    it('looks again at once when the object changes during the work', async () => {
      const specs: unknown[] = [];
      let finish: () => void = () => undefined;
      await plane.work(
        [
          workloads(async (object) => {
            specs.push(object.spec);
            if (specs.length === 1) await new Promise<void>((resolve) => (finish = resolve));
            return done;
          }),
        ],
        { sweepMs: 60_000 },
      );
      const object = await plane.create('Workload', { name: 'web', spec: { yaml: 'a: 1' } });
      await eventually('the work begins', () => specs.length === 1);
      await plane.edit(object, (draft) => {
        draft.spec = { yaml: 'a: 2' };
      });
      finish();
      await reconciled(object);
      expect(specs).to.deep.equal([{ yaml: 'a: 1' }, { yaml: 'a: 2' }]);
    });

    const failures: {
      name: string;
      reason: string;
      error: Error;
      want: { reason: string; message: string; stalled: boolean };
    }[] = [
      {
        name: 'an error',
        reason: 'is retried, and visible with its whole cause',
        error: new Error('cannot apply', { cause: new Error('refused') }),
        want: { reason: 'ReconcileError', message: 'cannot apply: refused', stalled: false },
      },
      {
        name: 'a terminal error',
        reason: 'is stalled at once, under its own reason',
        error: new TerminalError('BadManifest', 'document 2 has no kind'),
        want: { reason: 'BadManifest', message: 'document 2 has no kind', stalled: true },
      },
    ];
    for (const { name, reason, error, want } of failures) {
      it(`${name} ${reason}`, async () => {
        await plane.work([workloads(() => Promise.reject(error))]);
        const object = await plane.create('Workload', { name: 'web' });
        const now = await reconciled(object, want.reason);
        expect(conditionOf(now, 'Reconciled')).to.include({
          status: 'False',
          message: want.message,
        });
        expect(conditionOf(now, 'Stalled')?.status).to.equal(want.stalled ? 'True' : undefined);
      });
    }

    it('takes back, then lets go of what is deleted', async () => {
      let tries = 0;
      await plane.work(
        [
          workloads(
            async () => done,
            async () => {
              tries += 1;
              return tries === 1 ? { outcome: 'requeue', requeueAfterMs: 20 } : done;
            },
          ),
        ],
        { sweepMs: 60_000 },
      );
      const object = await plane.create('Workload', { name: 'web' });
      await reconciled(object);
      await plane.remove(object);
      await eventually('the object is gone', async () => (await plane.get(object)) === undefined);
      expect(tries).to.equal(2);
    });

    it('does not clean up for a finalizer of somebody else', async () => {
      let cleanUps = 0;
      await plane.work([
        workloads(
          async () => done,
          async () => {
            cleanUps += 1;
            return done;
          },
        ),
      ]);
      const finalizers = [FINALIZER, 'example.com/other'];
      const object = await plane.create('Workload', { name: 'web', finalizers });
      await reconciled(object);
      await plane.remove(object);
      const left = await eventually('ours is removed', async () => {
        const now = await plane.get(object);
        return now?.metadata.finalizers?.length === 1 ? now : false;
      });
      expect(left.metadata.finalizers).to.deep.equal(['example.com/other']);
      const before = handedBack();
      await plane.edit(object, (draft) => {
        draft.metadata.labels = { touched: 'yes' };
      });
      await eventually('looked at again', () => handedBack() > before);
      expect(cleanUps).to.equal(1);
    });

    it('ends a reconciler that never returns, and does not let it hold up others', async () => {
      let late: Promise<unknown> | undefined;
      await plane.work(
        [
          workloads(async (object, ctx: ReconcileContext<object>) => {
            if (object.metadata.name !== 'stuck') return done;
            late = new Promise<void>((resolve) => {
              ctx.signal.addEventListener('abort', () => resolve(), { once: true });
            }).then(() => ctx.api.list('secrets').catch((error: unknown) => error));
            return new Promise(() => undefined);
          }),
        ],
        { timeLimitMs: 300, concurrency: 2 },
      );
      const stuck = await plane.create('Workload', { name: 'stuck' });
      const other = await plane.create('Workload', { name: 'other' });
      await reconciled(other);
      const now = await reconciled(stuck, 'ReconcileError');
      expect(conditionOf(now, 'Reconciled')?.message).to.equal('not finished within 300 ms');
      expect(String(await late)).to.contain('not finished within 300 ms');
    });

    it('two workers share 200 objects, each reconciled once for each change', async () => {
      const counts = new Map<string, number>();
      const reconcile: Act = async (object) => {
        const key = `${object.metadata.name}@${object.metadata.generation}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
        await new Promise((resolve) => setTimeout(resolve, 2));
        return done;
      };
      await plane.work([workloads(reconcile)], { name: 'one' });
      await plane.work([workloads(reconcile)], { name: 'two' });
      const names = Array.from({ length: 200 }, (_, index) => `w${index}`);
      const objects = await Promise.all(names.map((name) => plane.create('Workload', { name })));
      for (const object of objects) await reconciled(object);
      await Promise.all(
        objects.map((object) => plane.edit(object, (draft) => (draft.spec = { yaml: 'x' }))),
      );
      for (const object of objects) await reconciled(object);
      expect(counts.size).to.equal(400);
      expect([...counts.values()].filter((count) => count !== 1)).to.deep.equal([]);
    });
  });
}
