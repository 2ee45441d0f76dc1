import { expect } from 'chai';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { done } from '../../sdk/runtime/reconciler.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { eventually } from '../support/eventually.js';
import { testDatabase, type TestDatabase } from '../support/postgres.js';
import { startWorkPlane, type WorkPlane } from '../support/work-plane.js';

const ATTEMPT_MS = 100;

/** A broker that is away for good. */
class AwayQueue extends InProcessQueue {
  override publish(): Promise<void> {
    return Promise.resolve();
  }
}

describe('work: what goes first, in PostgreSQL, without hints', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let plane: WorkPlane;
  let looked: string[];

  beforeEach(async () => {
    database = await testDatabase();
    const store = new SqlObjectStore({ connectionString: database.url, kinds });
    plane = await startWorkPlane({ store, queue: new AwayQueue() });
    looked = [];
  });
  afterEach(async () => {
    await plane.stop();
    await database.drop();
  });

  const reconciler = (attemptMs: number): Reconciler => ({
    resource: 'workloads.workload.threeport.io',
    async reconcile({ metadata }) {
      await new Promise((resolve) => setTimeout(resolve, attemptMs));
      looked.push(metadata.name);
      return done;
    },
  });

  /** Objects that were reconciled before and are due for another look. */
  const backlog = async (count: number): Promise<StoredApiObject[]> => {
    const names = Array.from({ length: count }, (_, i) => `old-${i}`);
    const objects = await Promise.all(names.map((name) => plane.create('Workload', { name })));
    const worker = await plane.work([reconciler(0)], { concurrency: 100 });
    await eventually('all were reconciled', () => looked.length >= count, 30_000);
    await worker.stop();
    await plane.store.wake(
      plane.kind('Workload'),
      objects.map(({ metadata: { uid } }) => ({ uid })),
    );
    looked = [];
    return objects;
  };

  it('a fresh change is reconciled within a second, in spite of 1,000 looks that are due', async () => {
    const objects = await backlog(1_000);
    await plane.work([reconciler(ATTEMPT_MS)]);
    await eventually('the backlog is being worked off', () => looked.length > 0);
    const begunAtMs = performance.now();
    await plane.create('Workload', { name: 'new' });
    const [edited] = objects.slice(-1);
    if (edited === undefined) throw new Error('there are no objects');
    await plane.edit(edited, (draft) => (draft.spec = { yaml: 'a: 2' }));
    await eventually('both were looked at', () =>
      ['new', edited.metadata.name].every((name) => looked.includes(name)),
    );
    expect(performance.now() - begunAtMs).to.be.lessThan(1_000);
    expect(looked.length, 'of the backlog').to.be.lessThan(200);
  });

  it('goes first also after a restart', async () => {
    const objects = await backlog(100);
    const doomed = objects[70];
    if (doomed === undefined) throw new Error('there are no objects');
    await plane.remove(doomed);
    await plane.create('Workload', { name: 'new' });
    const cleanedUp: string[] = [];
    const cleanUp: Reconciler['reconcile'] = async ({ metadata }) => {
      cleanedUp.push(metadata.name);
      return done;
    };
    await plane.work([{ ...reconciler(ATTEMPT_MS), cleanUp }], { concurrency: 4 });
    await eventually('both were looked at', () => cleanedUp.length > 0 && looked.includes('new'));
    expect(looked.length, 'of the backlog').to.be.lessThan(10);
  });

  it('changes without end do not starve the looks that are due', async () => {
    await backlog(60);
    const names = Array.from({ length: 120 }, (_, i) => `new-${i}`);
    await Promise.all(names.map((name) => plane.create('Workload', { name })));
    await plane.work([reconciler(20)], { concurrency: 4 });
    const changed = (): number => looked.filter((name) => name.startsWith('new')).length;
    await eventually('the changes were all looked at', () => changed() === names.length, 30_000);
    const others = looked.length - changed();
    expect(others, 'looks meanwhile').to.be.at.least(20);
  });
});
