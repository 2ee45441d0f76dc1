import { expect } from 'chai';
import type { RevisionOrigin } from '../../../sdk/api/origin.js';
import type { ObjectStore, Revision, StoredObject } from '../object-store.js';
import {
  change,
  create,
  objectOf,
  parse,
  part,
  reasonOf,
  remove,
  until,
  widget,
  type CreateHarness,
  type StoreHarness,
} from './suite-kinds.js';
import { withStatus, Worker } from './worker.js';

/** The ordered log: tailing, notices of commits, compaction, cursors. */
export function describeLog(createHarness: CreateHarness): void {
  describe('log', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
    });
    afterEach(() => harness.close());

    it('has an entry for every write, with the object as it then was', async () => {
      const created = await create(store, widget, 'w', { spec: { colour: 'red' } });
      const updated = await change(store, widget, created, (object) => (object.status = { n: 1 }));
      const deleted = await remove(store, widget, updated);
      expect(await store.revisionsAfter(0, 10)).to.deep.equal([
        { resourceVersion: 1, type: 'ADDED', object: created },
        { resourceVersion: 2, type: 'MODIFIED', object: updated },
        { resourceVersion: 3, type: 'DELETED', object: deleted },
      ]);
      expect((await store.revisionsAfter(1, 1)).map((entry) => entry.type)).to.deep.equal([
        'MODIFIED',
      ]);
      expect(await store.revisionsAfter(3, 10)).to.deep.equal([]);
    });

    it('knows how an object was before an entry, also when that was compacted since', async () => {
      const created = await create(store, widget, 'w', { spec: { colour: 'red' } });
      const other = await create(store, widget, 'x');
      const updated = await change(store, widget, created, (object) => (object.status = { n: 1 }));
      const deleted = await remove(store, widget, updated);
      await store.compact(other.resourceVersion);
      for (const reader of [store, harness.second]) {
        expect(await reader.stateBefore(updated.resourceVersion)).to.deep.equal(created);
        expect(await reader.stateBefore(deleted.resourceVersion)).to.deep.equal(updated);
        expect(await reader.stateBefore(other.resourceVersion)).to.equal(undefined);
        expect(await reader.stateBefore(deleted.resourceVersion + 1)).to.equal(undefined);
      }
    });

    it('keeps the attempt that made a write', async () => {
      const cause = { uid: 'owner', fence: 3 };
      const made = await store.write({
        type: 'create',
        kind: widget,
        object: objectOf(widget, 'w'),
        cause,
      });
      const object = { ...parse(made), spec: { colour: 'red' } };
      const updated = await store.write({
        type: 'update',
        kind: widget,
        object,
        expectedResourceVersion: made.resourceVersion,
        cause,
      });
      await remove(store, widget, updated);
      for (const reader of [store, harness.second]) {
        const entries = await reader.revisionsAfter(0, 10);
        expect(entries.map((entry) => entry.cause)).to.deep.equal([cause, cause, undefined]);
      }
    });

    describe('history', () => {
      const origin: RevisionOrigin = {
        user: 'jane "j" doe',
        impersonatedBy: 'admin',
        verb: 'apply',
        address: '::1',
        userAgent: 'kubectl/v1.35.0',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      };
      const cause = { uid: 'owner', fence: 3 };
      const { traceparent } = origin;

      it('has the entries of one object, newest first, with who made each', async () => {
        const beganMs = Date.now();
        const object = objectOf(widget, 'w', { spec: { colour: 'red' } });
        const made = await store.write({ type: 'create', kind: widget, object, origin });
        await create(store, part, 'other');
        const changed = await store.write({
          type: 'update',
          kind: widget,
          object: { ...parse(made), spec: { colour: 'blue' } },
          expectedResourceVersion: made.resourceVersion,
          cause,
          origin: { ...origin, verb: 'patch' },
        });
        const gone = await store.write({
          type: 'delete',
          kind: widget,
          uid: changed.uid,
          expectedResourceVersion: changed.resourceVersion,
          origin,
        });
        const expected = [
          {
            resourceVersion: 4,
            type: 'DELETED',
            object: gone,
            previousVersion: 3,
            traceparent,
            origin,
          },
          {
            resourceVersion: 3,
            type: 'MODIFIED',
            object: changed,
            previousVersion: 1,
            cause,
            traceparent,
            origin: { ...origin, verb: 'patch' },
          },
          { resourceVersion: 1, type: 'ADDED', object: made, traceparent, origin },
        ];
        for (const reader of [store, harness.second]) {
          const entries = await reader.history(4, 10, 1_000_000);
          const times = entries.map(({ committedAt }) => Date.parse(committedAt));
          expect(times).to.deep.equal(times.toSorted((a, b) => b - a));
          expect(times[2]).to.be.within(beganMs - 60_000, Date.now() + 60_000);
          expect(entries.map(({ committedAt: _at, ...entry }) => entry)).to.deep.equal(expected);
          expect(await reader.history(3, 1, 1_000_000)).to.deep.equal(entries.slice(1, 2));
          expect(await reader.history(9, 10, 1_000_000)).to.deep.equal([]);
          const traces = (await reader.revisionsAfter(0, 10)).map((entry) => entry.traceparent);
          expect(traces).to.deep.equal([traceparent, undefined, traceparent, traceparent]);
        }
      });

      it('ends where the objects would be too large together, or the log was compacted', async () => {
        let last = await create(store, widget, 'w', { spec: { text: 'x'.repeat(1_000) } });
        for (let n = 1; n <= 5; n++) {
          last = await change(store, widget, last, (object) => (object.status = { n }));
        }
        const versions = async (maxBytes: number): Promise<number[]> =>
          (await store.history(6, 10, maxBytes)).map((entry) => entry.resourceVersion);
        expect(await versions(1)).to.deep.equal([6]);
        expect(await versions(3_000)).to.deep.equal([6, 5]);
        await store.compact(4);
        const left = await versions(100_000);
        expect(left.slice(0, 2)).to.deep.equal([6, 5]);
        // The object as it was at 4 may be kept, for lists of later versions.
        expect(left.filter((version) => version < 4)).to.deep.equal([]);
      });

      it('of what a worker wrote says so', async () => {
        const made = await create(store, widget, 'w');
        const worker = new Worker(store);
        const claim = await worker.claimOne();
        await worker.complete(claim, { write: withStatus(made, { n: 1 }), origin });
        const [entry] = await harness.second.history(2, 1, 1_000_000);
        expect(entry?.origin).to.deep.equal(origin);
        expect(entry?.cause).to.deep.equal({ uid: made.uid, fence: claim.fence });
      });

      it('is found for what was deleted', async () => {
        for (let i = 0; i < 2; i++) await remove(store, part, await create(store, part, 'p'));
        await create(store, part, 'q');
        for (const reader of [store, harness.second]) {
          expect(await reader.deletionOf(part, 'default', 'p')).to.equal(4);
          expect(await reader.deletionOf(part, 'default', 'q')).to.equal(undefined);
          expect(await reader.deletionOf(part, 'other', 'p')).to.equal(undefined);
          expect(await reader.deletionOf(widget, 'default', 'p')).to.equal(undefined);
        }
      });
    });

    it('shows every entry once and in order to tails while two stores write', async () => {
      let writing = true;
      const tail = async (on: ObjectStore, from: number): Promise<Revision[]> => {
        const seen: Revision[] = [];
        for (let last = from; ;) {
          const stopAfter = !writing;
          const entries = await on.revisionsAfter(last, 7);
          seen.push(...entries);
          last = entries.at(-1)?.resourceVersion ?? last;
          if (entries.length === 0) {
            if (stopAfter) return seen;
            await new Promise((resolve) => setImmediate(resolve));
          }
        }
      };
      const tails = [tail(store, 0), tail(harness.second, 0), tail(harness.second, 5)];
      const write = async (on: ObjectStore, who: string): Promise<void> => {
        for (let i = 0; i < 15; i++) {
          const kind = i % 2 === 0 ? widget : part;
          const made = await create(on, kind, `${who}-${i}`);
          const changed = await change(on, kind, made, (object) => (object.status = { i }));
          if (i % 3 === 0) await remove(on, kind, changed);
        }
      };
      await Promise.all([
        ...Array.from({ length: 4 }, (_, i) => write(store, `a${i}`)),
        ...Array.from({ length: 4 }, (_, i) => write(harness.second, `b${i}`)),
      ]);
      writing = false;
      const total = await store.currentVersion();
      expect(total).to.equal(8 * (15 * 2 + 5));
      const seen = (await Promise.all(tails)).map((entries) =>
        entries.map((entry) => entry.resourceVersion),
      );
      const all = Array.from({ length: total }, (_, i) => i + 1);
      expect(seen[0]).to.deep.equal(all);
      expect(seen[1]).to.deep.equal(all);
      expect(seen[2]).to.deep.equal(all.slice(5));
    });

    it('replays to exactly what is listed', async () => {
      await Promise.all(
        Array.from({ length: 30 }, async (_, i) => {
          const made = await create(i % 2 === 0 ? store : harness.second, widget, `w-${i}`);
          const changed = await change(store, widget, made, (object) => (object.status = { i }));
          if (i % 4 === 0) await remove(harness.second, widget, changed);
        }),
      );
      const replayed = new Map<string, StoredObject>();
      for (const { type, object } of await store.revisionsAfter(0, 1_000)) {
        if (type === 'DELETED') replayed.delete(object.uid);
        else replayed.set(object.uid, object);
      }
      const { items, resourceVersion } = await store.list(widget, {});
      expect(resourceVersion).to.equal(await store.currentVersion());
      expect(items).to.have.length(22);
      const byName = (a: StoredObject, b: StoredObject): number => (a.name < b.name ? -1 : 1);
      const objects = [...replayed.values()].sort(byName);
      expect(objects.map(parse)).to.deep.equal(items.map(parse));
    });

    it('tells of own commits at once and of others within about a second', async () => {
      let own = 0;
      let others = 0;
      const endOwn = store.onCommit(() => (own += 1));
      harness.second.onCommit(() => (others += 1));
      await create(store, part, 'p');
      await until('the notice of an own commit', async () => own > 0);
      await until("the notice of another's commit", async () => others > 0);
      endOwn();
      const before = own;
      await create(store, part, 'q');
      await until('the second notice', async () => others > 1 || own > before);
      expect(own).to.equal(before);
    });

    it('drops entries up to a version, and says Expired below it', async () => {
      for (let i = 0; i < 6; i++) await create(store, part, `p-${i}`);
      expect(await store.oldestVersion()).to.equal(0);
      await store.compact(4);
      expect(await store.oldestVersion()).to.equal(4);
      expect(await reasonOf(harness.second.revisionsAfter(3, 10))).to.equal('Expired');
      const left = await harness.second.revisionsAfter(4, 10);
      expect(left.map((entry) => entry.resourceVersion)).to.deep.equal([5, 6]);
      await store.compact(2);
      expect(await store.oldestVersion()).to.equal(4);
      await store.compact(100);
      expect(await store.oldestVersion()).to.equal(6);
      expect(await store.revisionsAfter(6, 10)).to.deep.equal([]);
      expect((await create(store, part, 'next')).resourceVersion).to.equal(7);
      expect((await store.list(part, {})).items).to.have.length(7);
    });

    it('keeps cursors by name', async () => {
      expect(await store.cursor('notifier')).to.equal(0);
      await store.setCursor('notifier', 41);
      await store.setCursor('notifier', 42);
      await store.setCursor('other', 1);
      expect(await harness.second.cursor('notifier')).to.equal(42);
    });
  });
}
