import { expect } from 'chai';
import type { AttemptRecord } from '../../../sdk/api/journal.js';
import type { ApiObject } from '../../../sdk/api/object.js';
import type { ObjectStore, StoredObject, WorkClaim } from '../object-store.js';
import {
  change,
  create,
  gadget,
  objectOf,
  parse,
  remove,
  until,
  widget,
  type CreateHarness,
  type StoreHarness,
} from './suite-kinds.js';
import { completionOf, LONG_MS, SHORT_MS, withStatus, Worker } from './worker.js';

/** Time is what these tests measure. */
async function pass(ms: number): Promise<void> {
  const fromMs = performance.now();
  await until('time to pass', async () => performance.now() - fromMs > ms);
}

/** Claims, completions, wakes and heartbeats. */
export function describeWork(createHarness: CreateHarness): void {
  describe('work', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    let worker: Worker;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
      worker = new Worker(store);
    });
    afterEach(() => harness.close());

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
      const second = await worker.claim({ worker: 'b', uids: [...asked, ...asked, 'nobody'] });
      expect(second.map((each) => each.object.name)).to.deep.equal(['w-2']);
      expect(await worker.claim({ uids: [] })).to.deep.equal([]);
    });

    it('ends the lease at completion and looks again when asked to', async () => {
      await create(store, widget, 'w');
      const claimed = await worker.claimOne();
      expect(
        await worker.complete(claimed, { failures: 3, requeueAfterMs: SHORT_MS }),
      ).to.deep.equal({
        outcome: 'done',
      });
      expect(await worker.claim()).to.deep.equal([]);
      const again = await until('the requeue', async () => (await worker.claim())[0]);
      expect(again).to.include({ fence: 2, failures: 3, alive: false });
      await worker.complete(again, { failures: 0 });
      expect(await worker.claim()).to.deep.equal([]);
      expect(await store.currentVersion()).to.equal(1);
    });

    it('writes with the completion, without waking its own reconciler', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await worker.claimOne();
      const outcome = await worker.complete(claimed, {
        write: withStatus(claimed.object, { phase: 'Up' }),
      });
      expect(outcome.outcome).to.equal('done');
      const now = await store.get(widget, 'default', 'w');
      expect(outcome.object).to.deep.equal(now);
      expect(now && parse(now).status).to.deep.equal({ phase: 'Up' });
      const [entry] = await store.revisionsAfter(1, 10);
      expect(entry).to.deep.equal({
        resourceVersion: 2,
        type: 'MODIFIED',
        object: now,
        cause: { uid: made.uid, fence: claimed.fence },
      });
      expect(await worker.claim()).to.deep.equal([]);
    });

    it('ends the object with the completion', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await worker.claimOne();
      const { resourceVersion: expectedResourceVersion } = made;
      const outcome = await worker.complete(claimed, {
        write: { type: 'delete', expectedResourceVersion },
      });
      expect(outcome).to.deep.equal({ outcome: 'done' });
      expect(await store.getByUid(widget, made.uid)).to.equal(undefined);
      const [entry] = await store.revisionsAfter(1, 10);
      expect(entry).to.deep.include({ type: 'DELETED', cause: { uid: made.uid, fence: 1 } });
      expect(await worker.complete(claimed)).to.deep.equal({ outcome: 'gone' });
    });

    it('completes many at once, each by itself', async () => {
      await Promise.all(Array.from({ length: 20 }, (_, i) => create(store, widget, `w-${i}`)));
      const claims = await worker.claim();
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
      await worker.complete(await worker.claimOne(), { failures: 7 });
      const relabelled = await change(store, widget, made, (object) => {
        object.metadata.labels = { a: 'b' };
      });
      const claimed = await worker.claimOne();
      expect(claimed.failures).to.equal(7);
      await worker.complete(claimed, { failures: 8 });
      await change(store, widget, relabelled, (object) => {
        object.metadata.generation = 2;
      });
      expect((await worker.claimOne()).failures).to.equal(0);
    });

    describe('cause of a claim', () => {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const origin = { user: 'jane', traceparent };
      const take = (): Promise<WorkClaim> =>
        until('a claim', async () => (await worker.claim({ leaseMs: SHORT_MS }))[0]);

      it('is the change that made the object due, the newest of several', async () => {
        const object = objectOf(widget, 'w');
        const made = await store.write({ type: 'create', kind: widget, object, origin });
        const first = await worker.claimOne();
        expect(first.cause).to.deep.equal({ reason: 'change', resourceVersion: '1', traceparent });
        await worker.complete(first);
        const spec = { colour: 'red' };
        const edited = await change(store, widget, made, (draft) => (draft.spec = spec));
        await harness.second.write({
          type: 'update',
          kind: widget,
          object: { ...parse(edited), spec: { colour: 'blue' } },
          expectedResourceVersion: edited.resourceVersion,
          origin,
        });
        const second = await worker.claimOne();
        expect(second.cause).to.deep.equal({ reason: 'change', resourceVersion: '3', traceparent });
        const write = withStatus(second.object, { phase: 'Up' });
        await worker.complete(second, { write, requeueAfterMs: 0 });
        expect((await worker.claimOne()).cause, 'the own status is no cause').to.deep.equal({
          ...second.cause,
          reason: 'requeue',
        });
      });

      it('is the revision of what it depends on, where that came first', async () => {
        const { uid } = await create(store, widget, 'w');
        await worker.complete(await worker.claimOne());
        await store.wake(widget, [{ uid, by: { resourceVersion: '41', traceparent } }]);
        await store.wake(widget, [{ uid, by: { resourceVersion: '42' } }]);
        const woken = await worker.claimOne();
        expect(woken.cause).to.deep.equal({
          reason: 'dependency',
          resourceVersion: '41',
          traceparent,
        });
        await store.wake(widget, [{ uid }]);
        expect(await worker.complete(woken)).to.deep.equal({ outcome: 'dirty' });
        expect((await worker.claimOne()).cause, 'by nobody in particular').to.deep.equal({
          reason: 'resync',
        });
      });

      it('is what the attempt before asked for, with what had woken that', async () => {
        await create(store, widget, 'w');
        const by = { resourceVersion: '1' };
        await worker.complete(await worker.claimOne(), {
          failures: 1,
          requeueAfterMs: 0,
          requeueReason: 'backoff',
        });
        const retried = await worker.claimOne();
        expect(retried.cause).to.deep.equal({ reason: 'backoff', ...by });
        await worker.complete(retried, { requeueAfterMs: 0 });
        const again = await worker.claimOne();
        expect(again.cause).to.deep.equal({ reason: 'requeue', ...by });
        await worker.complete(again, { requeueAfterMs: 0, requeueReason: 'resync' });
        expect((await worker.claimOne()).cause).to.deep.equal({ reason: 'resync' });
      });

      it('says that the worker before died, and with what', async () => {
        await create(store, widget, 'w');
        await take();
        expect((await take()).cause).to.deep.equal({
          reason: 'leaseExpired',
          resourceVersion: '1',
        });
      });

      it('is the heartbeat that came, and the one that did not', async () => {
        await create(store, gadget, 'g');
        const claimGadget = async (): Promise<WorkClaim | undefined> =>
          (await store.claim(gadget, { worker: 'a', leaseMs: LONG_MS, limit: 1 }))[0];
        const done = (claim: WorkClaim): Promise<unknown> =>
          store.complete([completionOf(claim, { kind: gadget })]);
        const made = await until('the creation', claimGadget);
        expect(made.cause?.reason).to.equal('change');
        await done(made);
        await store.heartbeat(gadget, 'g', SHORT_MS);
        const came = await until('the first heartbeat', claimGadget);
        expect(came.cause).to.deep.equal({ reason: 'heartbeat' });
        await done(came);
        await store.heartbeat(gadget, 'g', SHORT_MS);
        const missed = await until('the missed heartbeat', claimGadget);
        expect(missed.cause).to.deep.equal({ reason: 'heartbeat' });
      });
    });

    it('tells once how old a generation was when it was reached', async () => {
      const made = await create(store, widget, 'w');
      const first = await worker.claimOne();
      expect(await worker.complete(first)).to.deep.equal({ outcome: 'done' });
      await store.wake(widget, [{ uid: made.uid }]);
      const reach = async (): Promise<number | undefined> => {
        const claimed = await worker.claimOne();
        const write = withStatus(claimed.object, { looked: claimed.fence });
        return (await worker.complete(claimed, { write, converged: true })).convergedMs;
      };
      const reached = await reach();
      expect(reached).to.be.within(0, LONG_MS);
      await store.wake(widget, [{ uid: made.uid }]);
      expect(await reach(), 'the same generation again').to.equal(undefined);
      const edit = async (act: (object: ApiObject) => void): Promise<void> => {
        const present = await store.get(widget, 'default', 'w');
        await change(store, widget, present ?? made, act);
      };
      await edit((object) => (object.metadata.labels = { a: 'b' }));
      expect(await reach(), 'labels are no generation').to.equal(undefined);
      await edit((object) => (object.metadata.generation = 2));
      await pass(SHORT_MS);
      expect(await reach(), 'the next').to.be.within(SHORT_MS - 1, LONG_MS);
    });

    it('tells how long an object that ends was on its way', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await worker.claimOne();
      const write = { type: 'delete', expectedResourceVersion: made.resourceVersion } as const;
      const ended = await worker.complete(claimed, { write, converged: true });
      expect(ended.outcome).to.equal('done');
      expect(ended.convergedMs).to.be.within(0, LONG_MS);
    });

    it('counts what is due, up to a limit, without what is leased or looked at later', async () => {
      expect(await store.countDue(widget, 10)).to.equal(0);
      for (let i = 0; i < 4; i++) await create(store, widget, `w-${i}`);
      expect(await store.countDue(widget, 10)).to.equal(4);
      expect(await store.countDue(widget, 3)).to.equal(3);
      const claimed = await worker.claimOne({ leaseMs: LONG_MS });
      const [, ...rest] = [claimed, ...(await worker.claim())];
      expect(await harness.second.countDue(widget, 10), 'all are leased').to.equal(0);
      await worker.complete(claimed, { requeueAfterMs: 0 });
      await Promise.all(rest.map((one) => worker.complete(one, { requeueAfterMs: LONG_MS })));
      await until('one is due', async () => (await store.countDue(widget, 10)) === 1);
    });

    it('tells how long what it gives was due', async () => {
      await create(store, widget, 'w');
      await pass(SHORT_MS);
      const claimed = await worker.claimOne();
      expect(claimed.dueForMs).to.be.within(SHORT_MS - 1, LONG_MS);
      await worker.complete(claimed, { failures: 0, requeueAfterMs: 0 });
      const again = await until('it is due', async () => (await worker.claim())[0]);
      expect(again.dueForMs).to.be.within(0, claimed.dueForMs);
    });

    describe('journal of attempts', () => {
      const attempt: AttemptRecord = {
        generation: 1,
        foundVersion: '1',
        cause: { reason: 'change', resourceVersion: '1' },
        startedAt: '2026-01-02T03:04:05.006Z',
        durationMs: 12,
        outcome: 'done',
      };
      const key = (of: WorkClaim) => ({
        resource: of.object.resource,
        uid: of.object.uid,
        namespace: 'default',
        name: 'w',
        fence: of.fence,
        worker: 'a',
      });

      it('has what completions tell, with what they made; those that tell nothing leave none', async () => {
        const made = await create(store, widget, 'w');
        const first = await worker.claimOne();
        const write = withStatus(made, { phase: 'Up' });
        await worker.complete(first, { write, attempt, requeueAfterMs: 0 });
        const second = await worker.claimOne();
        const failed = { ...attempt, outcome: 'failed', message: 'say "no"' } as const;
        await worker.complete(second, { attempt: failed, failures: 1, requeueAfterMs: 0 });
        const third = await worker.claimOne();
        await worker.complete(third, { requeueAfterMs: 0 });
        const fourth = await worker.claimOne();
        const end = { type: 'delete', expectedResourceVersion: 2 } as const;
        await worker.complete(fourth, { write: end, attempt });
        for (const reader of [store, harness.second]) {
          const entries = [
            { ...key(fourth), resourceVersion: '3', ...attempt },
            { ...key(second), ...failed },
            { ...key(first), resourceVersion: '2', ...attempt },
          ];
          expect(await reader.attemptsAt(made.uid, 10)).to.deep.equal(entries);
          expect(await reader.attemptsAt(made.uid, 1)).to.deep.equal(entries.slice(0, 1));
          expect(await reader.attemptsAt('nobody', 10)).to.deep.equal([]);
          const refs = [first, third].map(({ fence }) => ({ uid: made.uid, fence }));
          expect(await reader.attempts(refs)).to.deep.equal(entries.slice(2));
        }
      });

      it('has nothing of who lost the lease, or was too late', async () => {
        const made = await create(store, widget, 'w');
        const lost = await worker.claimOne({ leaseMs: SHORT_MS });
        const held = await until('a claim', async () => (await worker.claim())[0]);
        const write = withStatus(made, { phase: 'Old' });
        expect((await worker.complete(lost, { attempt })).outcome).to.equal('fenced');
        expect((await worker.complete(lost, { attempt, write })).outcome).to.equal('fenced');
        await change(store, widget, made, (object) => (object.spec = { colour: 'red' }));
        expect((await worker.complete(held, { attempt, write })).outcome).to.equal('conflict');
        expect(await store.attemptsAt(made.uid, 10)).to.deep.equal([]);
      });
    });

    it('wakes durably and without a revision', async () => {
      const made = await create(store, widget, 'w');
      await worker.complete(await worker.claimOne());
      expect(
        await harness.second.claim(widget, { worker: 'b', leaseMs: 1, limit: 1 }),
      ).to.have.length(0);
      const wakes = [{ uid: made.uid }, { uid: 'nobody' }];
      expect(await store.wake(widget, wakes)).to.deep.equal([made.uid]);
      expect(await store.wake(widget, wakes), 'due already').to.deep.equal([]);
      const woken = await harness.second.claim(widget, { worker: 'b', leaseMs: LONG_MS, limit: 1 });
      expect(woken.map((each) => each.object.uid)).to.deep.equal([made.uid]);
      expect(await store.currentVersion()).to.equal(1);
    });

    it('does not wake for what the attempt of a fence knows, unless another came since', async () => {
      const { uid } = await create(store, widget, 'w');
      const { fence } = await worker.claimOne();
      const known = [{ uid, knownAtFence: fence }];
      expect(await store.wake(widget, known), 'while it works').to.deep.equal([]);
      await store.complete([{ kind: widget, uid, worker: 'a', fence, failures: 0 }]);
      expect(await store.wake(widget, known), 'after it ended').to.deep.equal([]);
      await store.wake(widget, [{ uid }]);
      await worker.claimOne();
      expect(await store.wake(widget, known), 'of an attempt before').to.deep.equal([uid]);
    });

    it('does not work on what is gone', async () => {
      const made = await create(store, widget, 'w');
      const claimed = await worker.claimOne();
      await remove(store, widget, made);
      expect(await worker.complete(claimed)).to.deep.equal({ outcome: 'gone' });
      expect(await store.renew(widget, 'a', LONG_MS, [{ uid: made.uid, fence: 1 }])).to.deep.equal([
        made.uid,
      ]);
      await store.wake(widget, [{ uid: made.uid }]);
      expect(await worker.claim()).to.deep.equal([]);
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
