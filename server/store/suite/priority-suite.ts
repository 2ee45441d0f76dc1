import { expect } from 'chai';
import type { ObjectStore, WorkClaim } from '../object-store.js';
import {
  change,
  create,
  until,
  widget,
  type CreateHarness,
  type StoreHarness,
} from './suite-kinds.js';
import { LONG_MS, SHORT_MS, withStatus, Worker } from './worker.js';

/** What a claim gives first. */
export function describePriority(createHarness: CreateHarness): void {
  describe('priority', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    let worker: Worker;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
      worker = new Worker(store);
    });
    afterEach(() => harness.close());

    it('lets what nobody acted on go first, and gives each fourth place to the others', async () => {
      const old = Array.from({ length: 8 }, (_, i) => `old-${i}`);
      const made = [];
      for (const name of old) made.push(await create(store, widget, name));
      for (const claimed of await worker.claim()) await worker.complete(claimed, { generation: 1 });
      await store.wake(widget, made);
      for (let i = 0; i < 4; i++) await create(harness.second, widget, `new-${i}`);
      const [edited] = made;
      if (edited === undefined) throw new Error('nothing was made');
      await change(store, widget, edited, (object) => (object.metadata.generation = 2));
      const claims = await store.claim(widget, { worker: 'a', leaseMs: LONG_MS, limit: 4 });
      expect(claims.filter(({ urgent }) => !urgent)).to.have.length(1);
      const urgent = claims.filter((each) => each.urgent).map(({ object }) => object.name);
      // The edited one is due since its wake, hence the first.
      expect(urgent).to.deep.equal(['old-0', 'new-0', 'new-1']);
      const rest = await worker.claim();
      expect(rest.map((each) => each.urgent)).to.deep.equal([true, true, ...Array(6).fill(false)]);
    });

    it('stays urgent until an attempt has acted on its generation', async () => {
      const made = await create(store, widget, 'w');
      const take = async (): Promise<WorkClaim> =>
        until('a claim', async () => (await worker.claim({ leaseMs: SHORT_MS }))[0]);
      expect((await take()).urgent, 'new').to.equal(true);
      const again = await take();
      expect(again.urgent, 'after a worker died').to.equal(true);
      await worker.complete(again, { keepLease: true, generation: 1 });
      await worker.complete(again, { requeueAfterMs: 0 });
      const third = await worker.claimOne();
      expect(third.urgent, 'after it was handed back').to.equal(true);
      const edited = await change(
        store,
        widget,
        made,
        (object) => (object.metadata.generation = 2),
      );
      expect(await worker.complete(third, { generation: 1 })).to.deep.equal({ outcome: 'dirty' });
      const fourth = await worker.claimOne();
      expect(fourth.urgent, 'edited meanwhile').to.equal(true);
      const write = withStatus(edited, { phase: 'Up' });
      await worker.complete(fourth, { generation: 2, write, requeueAfterMs: 0 });
      expect((await worker.claimOne()).urgent, 'a look again').to.equal(false);
    });

    it('counts attempts that nobody completed, until one is or the generation moves', async () => {
      const made = await create(store, widget, 'w');
      const take = async (): Promise<WorkClaim> =>
        until('a claim', async () => (await worker.claim({ leaseMs: SHORT_MS }))[0]);
      const lost: number[] = [];
      for (let i = 0; i < 3; i++) lost.push((await take()).lostAttempts);
      expect(lost).to.deep.equal([0, 1, 2]);
      const held = await until('a claim', async () => (await worker.claim())[0]);
      await worker.complete(held, { keepLease: true, checkpoint: '{}' });
      await worker.complete(held, { requeueAfterMs: 0 });
      const again = await worker.claimOne();
      expect(again.lostAttempts, 'handed back without an attempt').to.equal(3);
      await worker.complete(again, { generation: 1, requeueAfterMs: 0 });
      expect((await take()).lostAttempts, 'after one that was completed').to.equal(0);
      expect((await take()).lostAttempts).to.equal(1);
      await change(store, widget, made, (object) => (object.metadata.generation = 2));
      const edited = await take();
      // The one that was under way is lost as well.
      expect(edited.lostAttempts, 'after an edit').to.equal(1);
    });
  });
}
