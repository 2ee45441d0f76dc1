import { expect } from 'chai';
import type { ObjectStore, StoredObject, WorkClaim } from '../object-store.js';
import {
  change,
  create,
  parse,
  reasonOf,
  until,
  widget,
  type CreateHarness,
  type StoreHarness,
} from './suite-kinds.js';
import { completionOf, LONG_MS, SHORT_MS, withStatus, Worker } from './worker.js';

/** Fences, renewals, kept leases, and what happens to an object meanwhile. */
export function describeLeases(createHarness: CreateHarness): void {
  describe('leases', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    let worker: Worker;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
      worker = new Worker(store);
    });
    afterEach(() => harness.close());

    it('refuses a holder whose lease ended, and writes nothing for it', async () => {
      await create(store, widget, 'w');
      const old = await worker.claimOne({ leaseMs: SHORT_MS });
      const next = await until(
        'the end of the lease',
        async () => (await worker.claim({ worker: 'b' }))[0],
      );
      expect(next.fence).to.equal(old.fence + 1);
      const write = withStatus(old.object, { phase: 'Stale' });
      expect(await worker.complete(old, { write })).to.deep.equal({
        outcome: 'fenced',
      });
      expect(await worker.complete(old)).to.deep.equal({ outcome: 'fenced' });
      expect(await worker.complete(next, { worker: 'a' })).to.deep.equal({ outcome: 'fenced' });
      const leases = [{ uid: old.object.uid, fence: old.fence }];
      expect(await store.renew(widget, 'a', LONG_MS, leases)).to.deep.equal([old.object.uid]);
      expect(await store.currentVersion()).to.equal(1);
      expect(await worker.complete(next, { worker: 'b' })).to.deep.equal({ outcome: 'done' });
    });

    it('refuses a completion after the lease ended even when nobody else took it', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await worker.claimOne({ leaseMs: SHORT_MS });
      await until('the end of the lease', async () => {
        const outcome = await worker.complete(claimed, { keepLease: true });
        return outcome.outcome === 'fenced';
      });
      const write = withStatus(made, {});
      expect(await worker.complete(claimed, { write })).to.deep.equal({ outcome: 'fenced' });
    });

    it('answers conflict for an old version and keeps the lease', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await worker.claimOne();
      const changed = await change(
        store,
        widget,
        made,
        (object) => (object.spec = { colour: 'red' }),
      );
      const stale = withStatus(made, { phase: 'Up' });
      expect(await worker.complete(claimed, { write: stale })).to.deep.equal({
        outcome: 'conflict',
      });
      expect(await worker.claim({ worker: 'b' })).to.deep.equal([]);
      const fresh = withStatus(changed, { phase: 'Up' });
      const outcome = await worker.complete(claimed, { write: fresh });
      expect(outcome.outcome).to.equal('dirty');
    });

    it('says dirty when a write, a wake or a heartbeat came meanwhile, and is due at once', async () => {
      const made = await create(store, widget, 'w');
      let claimed = await worker.claimOne();
      await change(store, widget, made, (object) => (object.spec = { colour: 'red' }));
      expect(await worker.complete(claimed, { requeueAfterMs: LONG_MS })).to.deep.equal({
        outcome: 'dirty',
      });
      claimed = await worker.claimOne();
      await harness.second.wake(widget, [{ uid: made.uid }, { uid: 'nobody' }]);
      expect(await worker.complete(claimed)).to.deep.equal({ outcome: 'dirty' });
      claimed = await worker.claimOne();
      expect(await worker.complete(claimed)).to.deep.equal({ outcome: 'done' });
      expect(await worker.claim()).to.deep.equal([]);
    });

    it('remembers across a renewal that it is dirty', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await worker.claimOne({ leaseMs: 5_000 });
      const leases = [{ uid: made.uid, fence: claimed.fence }];
      expect(await store.renew(widget, 'a', LONG_MS, leases)).to.deep.equal([]);
      const renewed = await worker.complete(claimed, { keepLease: true });
      expect(renewed).to.deep.equal({ outcome: 'done' });
      await store.wake(widget, [{ uid: made.uid }]);
      expect(await store.renew(widget, 'a', LONG_MS * 2, leases)).to.deep.equal([]);
      expect(await worker.complete(claimed)).to.deep.equal({ outcome: 'dirty' });
    });

    it('keeps a renewed lease beyond its first end', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await worker.claimOne({ leaseMs: 500 });
      const leases = [{ uid: made.uid, fence: claimed.fence }];
      expect(await store.renew(widget, 'a', LONG_MS, leases)).to.deep.equal([]);
      const firstEnd = Date.now() + 600;
      await until('the first end of the lease', async () => Date.now() > firstEnd);
      expect(await worker.claim({ worker: 'b' })).to.deep.equal([]);
      expect(await worker.complete(claimed)).to.deep.equal({ outcome: 'done' });
    });

    it('writes an intent and keeps the lease', async () => {
      await create(store, widget, 'w');
      const claimed = await worker.claimOne();
      const intent = await worker.complete(claimed, {
        keepLease: true,
        write: withStatus(claimed.object, { token: 't' }),
      });
      expect(intent.outcome).to.equal('done');
      expect(await worker.claim({ worker: 'b' })).to.deep.equal([]);
      const end = await worker.complete(claimed, {
        write: withStatus(intent.object as StoredObject, { token: 't', id: 'i' }),
      });
      expect(end.outcome).to.equal('done');
      expect(end.object && parse(end.object).status).to.deep.equal({ token: 't', id: 'i' });
      expect(await worker.claim()).to.deep.equal([]);
    });

    it('keeps a checkpoint for the next holder, shows it to nobody, and drops it when told', async () => {
      const made = await create(store, widget, 'w');
      const first = await worker.claimOne({ leaseMs: SHORT_MS });
      expect(first).not.to.have.property('checkpoint');
      const noted = { keepLease: true, checkpoint: '{"token":"t"}' };
      expect(await worker.complete(first, noted)).to.deep.equal({ outcome: 'done' });
      expect(await store.currentVersion(), 'no revision').to.equal(1);
      const take = async (): Promise<WorkClaim> =>
        until('a claim', async () => (await worker.claim())[0]);
      const second = await take();
      expect(second.checkpoint).to.equal('{"token":"t"}');
      expect(second.object.json).to.equal(made.json);
      expect(await worker.complete(first, noted), 'of the one before').to.deep.equal({
        outcome: 'fenced',
      });
      await worker.complete(second, { requeueAfterMs: 0 });
      const third = await take();
      expect(third.checkpoint, 'a hand-back alone leaves it').to.equal('{"token":"t"}');
      const write = withStatus(third.object, { token: 't', id: 'i' });
      await worker.complete(third, { write, checkpoint: null, requeueAfterMs: 0 });
      const fourth = await take();
      expect(fourth).not.to.have.property('checkpoint');
      await worker.complete(fourth, { ...noted });
      await worker.complete(fourth, { checkpoint: null, requeueAfterMs: 0 });
      expect(await take()).not.to.have.property('checkpoint');
    });

    it('ends with every object seen as last written, whoever writes, wakes and works at once', async () => {
      const stores = [store, harness.second];
      const made = await Promise.all(
        Array.from({ length: 12 }, (_, i) => create(store, widget, `w-${i}`)),
      );
      const seen = new Map<string, number>();
      let writing = true;
      const work = async (on: ObjectStore, worker: string): Promise<void> => {
        for (;;) {
          const last = !writing;
          const claims = await on.claim(widget, { worker, leaseMs: LONG_MS, limit: 5 });
          await Promise.all(
            claims.map(async (claimed, i) => {
              let { object } = claimed;
              for (;;) {
                seen.set(object.uid, Number(parse(object).metadata.generation));
                const write = withStatus(object, { worker, version: object.resourceVersion });
                const completion = completionOf(claimed, { worker, ...(i % 2 === 0 && { write }) });
                const [outcome] = await on.complete([completion]);
                expect(outcome?.outcome).to.be.oneOf(['done', 'dirty', 'conflict']);
                if (outcome?.outcome !== 'conflict') return;
                object = (await on.getByUid(widget, object.uid)) as StoredObject;
              }
            }),
          );
          if (claims.length === 0 && last) return;
        }
      };
      const write = async (on: ObjectStore, uid: string): Promise<void> => {
        for (let i = 0; i < 12;) {
          const read = (await on.getByUid(widget, uid)) as StoredObject;
          const reason = await reasonOf(
            change(on, widget, read, (object) => {
              object.metadata.generation = (object.metadata.generation ?? 0) + 1;
            }),
          );
          if (reason === 'none') i += 1;
          if (i % 3 === 0) await on.wake(widget, [{ uid }, { uid: made[0]?.uid ?? '' }]);
        }
      };
      const workers = [work(store, 'a'), work(harness.second, 'b')];
      await Promise.all(made.map(({ uid }, i) => write(stores[i % 2] ?? store, uid)));
      writing = false;
      await Promise.all(workers);
      // Each worker stops at an empty claim, so one may leave what the other was just handing back.
      await work(store, 'a');
      expect([...seen.values()]).to.deep.equal(made.map(() => 13));
      const log = await store.revisionsAfter(0, 10_000);
      expect(log.map((entry) => entry.resourceVersion)).to.deep.equal(log.map((_, i) => i + 1));
      expect(log).to.have.length(await store.currentVersion());
    });
  });
}
