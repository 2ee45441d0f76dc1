import { expect } from 'chai';
import type { ObjectStore, StoredObject, WorkClaim, WorkCompletion } from '../object-store.js';
import {
  change,
  create,
  gadget,
  parse,
  remove,
  until,
  widget,
  type CreateHarness,
  type StoreHarness,
} from './suite-kinds.js';

const LONG_MS = 60_000;
const SHORT_MS = 40;

/** Claims, leases, fences, wakes and heartbeats. */
export function describeWork(createHarness: CreateHarness): void {
  describe('work', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
    });
    afterEach(() => harness.close());

    const claim = (options: { worker?: string; leaseMs?: number; uids?: string[] } = {}) =>
      store.claim(widget, { worker: 'a', leaseMs: LONG_MS, limit: 100, ...options });
    const claimOne = async (options: Parameters<typeof claim>[0] = {}): Promise<WorkClaim> => {
      const [first] = await claim(options);
      if (first === undefined) throw new Error('nothing is due');
      return first;
    };
    const completionOf = (
      { object, fence, failures }: WorkClaim,
      more: Partial<WorkCompletion> = {},
    ): WorkCompletion => ({ kind: widget, uid: object.uid, worker: 'a', fence, failures, ...more });
    const complete = async (claimed: WorkClaim, more: Partial<WorkCompletion> = {}) => {
      const [outcome] = await store.complete([completionOf(claimed, more)]);
      if (outcome === undefined) throw new Error('no outcome');
      return outcome;
    };
    const withStatus = (stored: StoredObject, status: unknown): NonNullable<WorkCompletion['write']> => ({
      type: 'update',
      object: { ...parse(stored), status },
      expectedResourceVersion: stored.resourceVersion,
    });

    it('gives each of 200 objects to exactly one of two workers', async () => {
      await Promise.all(Array.from({ length: 200 }, (_, i) => create(store, widget, `w-${i}`)));
      const uids: string[] = [];
      const work = async (on: ObjectStore, worker: string, byUid: boolean): Promise<void> => {
        for (;;) {
          const all = byUid ? (await on.list(widget, {})).items.map((item) => item.uid) : undefined;
          const options = { worker, leaseMs: LONG_MS, limit: 9, ...(all && { uids: all }) };
          const claims = await on.claim(widget, options);
          if (claims.length === 0) return;
          uids.push(...claims.map((each) => each.object.uid));
        }
      };
      await Promise.all([
        work(store, 'a', false),
        work(harness.second, 'b', false),
        work(harness.second, 'c', true),
      ]);
      // A sweep passes over rows that another claim holds at that moment.
      await work(store, 'a', false);
      expect(uids).to.have.length(200);
      expect(new Set(uids).size).to.equal(200);
    });

    it('gives the oldest first, at most the limit, of the uids asked for', async () => {
      const made: StoredObject[] = [];
      for (let i = 0; i < 4; i++) made.push(await create(store, widget, `w-${i}`));
      const first = await store.claim(widget, { worker: 'a', leaseMs: LONG_MS, limit: 2 });
      expect(first.map((each) => each.object)).to.deep.equal(made.slice(0, 2));
      expect(first.map(({ fence, failures }) => ({ fence, failures }))).to.deep.equal([
        { fence: 1, failures: 0 },
        { fence: 1, failures: 0 },
      ]);
      const asked = made.slice(1, 3).map((each) => each.uid);
      const second = await claim({ worker: 'b', uids: [...asked, ...asked, 'nobody'] });
      expect(second.map((each) => each.object.name)).to.deep.equal(['w-2']);
      expect(await claim({ uids: [] })).to.deep.equal([]);
    });

    it('ends the lease at completion and looks again when asked to', async () => {
      await create(store, widget, 'w');
      const claimed = await claimOne();
      expect(await complete(claimed, { failures: 3, requeueAfterMs: SHORT_MS })).to.deep.equal({
        outcome: 'done',
      });
      expect(await claim()).to.deep.equal([]);
      const again = await until('the requeue', async () => (await claim())[0]);
      expect(again).to.include({ fence: 2, failures: 3, alive: false });
      await complete(again, { failures: 0 });
      expect(await claim()).to.deep.equal([]);
      expect(await store.currentVersion()).to.equal(1);
    });

    it('writes with the completion, without waking its own reconciler', async () => {
      await create(store, widget, 'w');
      const claimed = await claimOne();
      const outcome = await complete(claimed, { write: withStatus(claimed.object, { phase: 'Up' }) });
      expect(outcome.outcome).to.equal('done');
      const now = await store.get(widget, 'default', 'w');
      expect(outcome.object).to.deep.equal(now);
      expect(now && parse(now).status).to.deep.equal({ phase: 'Up' });
      const [entry] = await store.revisionsAfter(1, 10);
      expect(entry).to.deep.equal({
        resourceVersion: 2,
        type: 'MODIFIED',
        object: now,
        wakesSelf: false,
      });
      expect(await claim()).to.deep.equal([]);
    });

    it('ends the object with the completion', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await claimOne();
      const { resourceVersion: expectedResourceVersion } = made;
      const outcome = await complete(claimed, { write: { type: 'delete', expectedResourceVersion } });
      expect(outcome).to.deep.equal({ outcome: 'done' });
      expect(await store.getByUid(widget, made.uid)).to.equal(undefined);
      const [entry] = await store.revisionsAfter(1, 10);
      expect(entry).to.include({ type: 'DELETED', wakesSelf: false });
      expect(await complete(claimed)).to.deep.equal({ outcome: 'gone' });
    });

    it('refuses a holder whose lease ended, and writes nothing for it', async () => {
      await create(store, widget, 'w');
      const old = await claimOne({ leaseMs: SHORT_MS });
      const next = await until('the end of the lease', async () => (await claim({ worker: 'b' }))[0]);
      expect(next.fence).to.equal(old.fence + 1);
      const write = withStatus(old.object, { phase: 'Stale' });
      expect(await complete(old, { write })).to.deep.equal({
        outcome: 'fenced',
      });
      expect(await complete(old)).to.deep.equal({ outcome: 'fenced' });
      expect(await complete(next, { worker: 'a' })).to.deep.equal({ outcome: 'fenced' });
      const leases = [{ uid: old.object.uid, fence: old.fence }];
      expect(await store.renew(widget, 'a', LONG_MS, leases)).to.deep.equal([old.object.uid]);
      expect(await store.currentVersion()).to.equal(1);
      expect(await complete(next, { worker: 'b' })).to.deep.equal({ outcome: 'done' });
    });

    it('refuses a completion after the lease ended even when nobody else took it', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await claimOne({ leaseMs: SHORT_MS });
      await until('the end of the lease', async () => {
        const outcome = await complete(claimed, { keepLease: true });
        return outcome.outcome === 'fenced';
      });
      const write = withStatus(made, {});
      expect(await complete(claimed, { write })).to.deep.equal({ outcome: 'fenced' });
    });

    it('answers conflict for an old version and keeps the lease', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await claimOne();
      const changed = await change(store, widget, made, (object) => (object.spec = { colour: 'red' }));
      const stale = withStatus(made, { phase: 'Up' });
      expect(await complete(claimed, { write: stale })).to.deep.equal({ outcome: 'conflict' });
      expect(await claim({ worker: 'b' })).to.deep.equal([]);
      const fresh = withStatus(changed, { phase: 'Up' });
      const outcome = await complete(claimed, { write: fresh });
      expect(outcome.outcome).to.equal('dirty');
    });

    it('says dirty when a write, a wake or a heartbeat came meanwhile, and is due at once', async () => {
      const made = await create(store, widget, 'w');
      let claimed = await claimOne();
      await change(store, widget, made, (object) => (object.spec = { colour: 'red' }));
      expect(await complete(claimed, { requeueAfterMs: LONG_MS })).to.deep.equal({ outcome: 'dirty' });
      claimed = await claimOne();
      await harness.second.wake(widget, [made.uid, 'nobody']);
      expect(await complete(claimed)).to.deep.equal({ outcome: 'dirty' });
      claimed = await claimOne();
      expect(await complete(claimed)).to.deep.equal({ outcome: 'done' });
      expect(await claim()).to.deep.equal([]);
    });

    it('remembers across a renewal that it is dirty', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await claimOne({ leaseMs: 5_000 });
      const leases = [{ uid: made.uid, fence: claimed.fence }];
      expect(await store.renew(widget, 'a', LONG_MS, leases)).to.deep.equal([]);
      const renewed = await complete(claimed, { keepLease: true });
      expect(renewed).to.deep.equal({ outcome: 'done' });
      await store.wake(widget, [made.uid]);
      expect(await store.renew(widget, 'a', LONG_MS * 2, leases)).to.deep.equal([]);
      expect(await complete(claimed)).to.deep.equal({ outcome: 'dirty' });
    });

    it('keeps a renewed lease beyond its first end', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await claimOne({ leaseMs: 500 });
      const leases = [{ uid: made.uid, fence: claimed.fence }];
      expect(await store.renew(widget, 'a', LONG_MS, leases)).to.deep.equal([]);
      const firstEnd = Date.now() + 600;
      await until('the first end of the lease', async () => Date.now() > firstEnd);
      expect(await claim({ worker: 'b' })).to.deep.equal([]);
      expect(await complete(claimed)).to.deep.equal({ outcome: 'done' });
    });

    it('writes an intent and keeps the lease', async () => {
      await create(store, widget, 'w');
      const claimed = await claimOne();
      const intent = await complete(claimed, {
        keepLease: true,
        write: withStatus(claimed.object, { token: 't' }),
      });
      expect(intent.outcome).to.equal('done');
      expect(await claim({ worker: 'b' })).to.deep.equal([]);
      const end = await complete(claimed, {
        write: withStatus(intent.object as StoredObject, { token: 't', id: 'i' }),
      });
      expect(end.outcome).to.equal('done');
      expect(end.object && parse(end.object).status).to.deep.equal({ token: 't', id: 'i' });
      expect(await claim()).to.deep.equal([]);
    });

    it('completes many at once, each by itself', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, i) => create(store, widget, `w-${i}`)));
      const claims = await claim();
      const outcomes = await store.complete(
        claims.map((each, i) => {
          const write = withStatus(each.object, { i });
          return completionOf(each, {
            ...(i % 2 === 0 && { write }),
            ...(i % 5 === 0 && { fence: 99 }),
          });
        }),
      );
      const want = claims.map((_, i) => (i % 5 === 0 ? 'fenced' : 'done'));
      expect(outcomes.map((each) => each.outcome)).to.deep.equal(want);
      expect(await store.currentVersion()).to.equal(28);
    });

    it('counts failures from 0 again when the generation moves', async () => {
      const made = await create(store, widget, 'w');
      await complete(await claimOne(), { failures: 7 });
      const relabelled = await change(store, widget, made, (object) => {
        object.metadata.labels = { a: 'b' };
      });
      const claimed = await claimOne();
      expect(claimed.failures).to.equal(7);
      await complete(claimed, { failures: 8 });
      await change(store, widget, relabelled, (object) => {
        object.metadata.generation = 2;
      });
      expect((await claimOne()).failures).to.equal(0);
    });

    it('wakes durably and without a revision', async () => {
      const made = await create(store, widget, 'w');
      await complete(await claimOne());
      expect(await harness.second.claim(widget, { worker: 'b', leaseMs: 1, limit: 1 })).to.have.length(0);
      await store.wake(widget, [made.uid]);
      const woken = await harness.second.claim(widget, { worker: 'b', leaseMs: LONG_MS, limit: 1 });
      expect(woken.map((each) => each.object.uid)).to.deep.equal([made.uid]);
      expect(await store.currentVersion()).to.equal(1);
    });

    it('does not work on what is gone', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await claimOne();
      await remove(store, widget, made);
      expect(await complete(claimed)).to.deep.equal({ outcome: 'gone' });
      expect(await store.renew(widget, 'a', LONG_MS, [{ uid: made.uid, fence: 1 }])).to.deep.equal([
        made.uid,
      ]);
      await store.wake(widget, [made.uid]);
      expect(await claim()).to.deep.equal([]);
    });

    it('follows heartbeats from alive to silent and back', async () => {
      const claimGadget = async (): Promise<WorkClaim | undefined> =>
        (await store.claim(gadget, { worker: 'a', leaseMs: LONG_MS, limit: 10 }))[0];
      const done = async (claimed: WorkClaim): Promise<void> => {
        const [outcome] = await store.complete([completionOf(claimed, { kind: gadget })]);
        expect(outcome).to.deep.equal({ outcome: 'done' });
      };
      await create(store, gadget, 'g');
      const created = await until('the new gadget', claimGadget);
      expect(created.alive).to.equal(false);
      await done(created);

      expect(await store.heartbeat(gadget, 'nobody', LONG_MS)).to.equal(false);
      expect(await store.heartbeat(gadget, 'g', 300)).to.equal(true);
      const revived = await until('the first heartbeat', claimGadget);
      expect(revived.alive).to.equal(true);
      await done(revived);
      expect(await store.heartbeat(gadget, 'g', 300)).to.equal(true);
      expect(await claimGadget()).to.equal(undefined);

      const silent = await until('the missed heartbeat', claimGadget);
      expect(silent.alive).to.equal(false);
      await done(silent);
      expect(await claimGadget()).to.equal(undefined);

      const beats = await Promise.all([
        store.heartbeat(gadget, 'g', LONG_MS),
        store.heartbeat(gadget, 'g', LONG_MS),
        harness.second.heartbeat(gadget, 'nobody', LONG_MS),
      ]);
      expect(beats).to.deep.equal([true, true, false]);
      const back = await until('the return', claimGadget);
      expect(back.alive).to.equal(true);
      await store.heartbeat(gadget, 'g', LONG_MS);
      await done(back);
      expect(await claimGadget()).to.equal(undefined);
      expect(await store.currentVersion()).to.equal(1);
    });
  });
}
