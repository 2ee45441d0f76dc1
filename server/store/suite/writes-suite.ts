import { expect } from 'chai';
import type { ObjectStore, StoredObject } from '../object-store.js';
import {
  change,
  create,
  objectOf,
  parse,
  part,
  reasonOf,
  remove,
  widget,
  type CreateHarness,
  type StoreHarness,
} from './suite-kinds.js';

/** Single writes, unique names, optimistic concurrency, dense versions. */
export function describeWrites(createHarness: CreateHarness): void {
  describe('writes', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
    });
    afterEach(() => harness.close());

    it('reads several at once, each no older than the call, whoever wrote', async () => {
      const keys = ['a', 'b', 'c'].map((name) => ({ kind: widget, namespace: 'default', name }));
      expect(await store.getAll(keys)).to.deep.equal([undefined, undefined, undefined]);
      const a = await create(store, widget, 'a');
      const b = await create(harness.second, widget, 'b');
      expect(await store.getAll(keys)).to.deep.equal([a, b, undefined]);
      expect(await store.getAll([])).to.deep.equal([]);
      let [here, there] = [a, b];
      for (let i = 0; i < 20; i++) {
        const colour = String(i);
        here = await change(harness.second, widget, here, (object) => (object.spec = { colour }));
        if (i % 3 === 0) {
          there = await change(store, widget, there, (object) => (object.spec = { colour }));
        }
        expect(await store.getAll(keys)).to.deep.equal([here, there, undefined]);
        expect(await harness.second.getAll(keys)).to.deep.equal([here, there, undefined]);
      }
      await remove(harness.second, widget, here);
      expect(await store.getAll(keys)).to.deep.equal([undefined, there, undefined]);
      const again = await create(harness.second, widget, 'a');
      expect(await store.getAll(keys)).to.deep.equal([again, there, undefined]);
    });

    it('gives back what was written, with the version in it', async () => {
      const object = objectOf(part, 'p', {
        metadata: { labels: { a: 'b' }, annotations: { note: 'ünï "quoted" \\ \u0000 {}[],' } },
        spec: { list: [1, 'two', null], text: '{"metadata":{}}\n,\'"', empty: {} },
        data: { key: 'dmFsdWU=' },
        type: 'Opaque',
      });
      const stored = await store.write({ type: 'create', kind: part, object });

      const want = { ...object, metadata: { ...object.metadata, resourceVersion: '1' } };
      expect(parse(stored)).to.deep.equal(want);
      expect(stored).to.include({ resource: 'parts', namespace: 'default', name: 'p' });
      expect(stored.resourceVersion).to.equal(1);
      const byName = await store.get(part, 'default', 'p');
      expect(byName).to.deep.equal(stored);
      expect(await store.getByUid(part, stored.uid)).to.deep.equal(stored);
      expect(await store.get(part, 'other', 'p')).to.equal(undefined);
      expect(await store.getByUid(part, 'nobody')).to.equal(undefined);
    });

    it('updates and deletes under new versions', async () => {
      const created = await create(store, widget, 'w', { spec: { colour: 'red' } });
      const updated = await change(store, widget, created, (object) => {
        object.spec = { colour: 'blue' };
        object.status = { phase: 'Fine' };
      });
      expect(updated.resourceVersion).to.equal(2);
      expect(parse(updated)).to.deep.include({
        spec: { colour: 'blue' },
        status: { phase: 'Fine' },
      });
      expect(await store.get(widget, 'default', 'w')).to.deep.equal(updated);

      const deleted = await remove(store, widget, updated);
      expect(deleted.resourceVersion).to.equal(3);
      expect(parse(deleted)).to.deep.equal({
        ...parse(updated),
        metadata: { ...parse(updated).metadata, resourceVersion: '3' },
      });
      expect(await store.get(widget, 'default', 'w')).to.equal(undefined);
    });

    it('refuses what does not fit, without a version', async () => {
      const first = await create(store, widget, 'w');
      const newer = await change(
        store,
        widget,
        first,
        (object) => (object.spec = { colour: 'red' }),
      );
      const ghost = { ...first, uid: 'ghost', json: first.json.replaceAll(first.uid, 'ghost') };
      const table = [
        { name: 'name taken', want: 'AlreadyExists', call: () => create(store, widget, 'w') },
        {
          name: 'old update',
          want: 'Conflict',
          call: () => change(store, widget, first, () => undefined),
        },
        { name: 'old delete', want: 'Conflict', call: () => remove(store, widget, first) },
        {
          name: 'update of none',
          want: 'NotFound',
          call: () => change(store, widget, ghost, () => undefined),
        },
        { name: 'delete of none', want: 'NotFound', call: () => remove(store, widget, ghost) },
        {
          name: 'indexed field too long',
          want: 'Invalid',
          call: () => create(store, widget, 'long', { spec: { colour: 'x'.repeat(2_000) } }),
        },
      ];
      for (const { name, want, call } of table) {
        expect(await reasonOf(call()), name).to.equal(want);
      }
      expect(await store.currentVersion()).to.equal(2);
      expect(await store.get(widget, 'default', 'w')).to.deep.equal(newer);
    });

    it('lets a name be used again after its deletion', async () => {
      const first = await create(store, part, 'p');
      await remove(store, part, first);
      const again = await create(store, part, 'p');
      expect(again.uid).to.not.equal(first.uid);
      expect(again.resourceVersion).to.equal(3);
    });

    it('lets exactly one of 50 concurrent creates of a name win', async () => {
      const stores = [store, harness.second];
      for (let round = 0; round < 5; round++) {
        const reasons = await Promise.all(
          Array.from({ length: 50 }, (_, i) =>
            reasonOf(create(stores[i % 2] ?? store, widget, `same-${round}`)),
          ),
        );
        expect(reasons.filter((reason) => reason === 'none')).to.have.length(1);
        expect(reasons.filter((reason) => reason === 'AlreadyExists')).to.have.length(49);
        expect(await store.currentVersion()).to.equal(round + 1);
      }
    });

    it('loses no update', async () => {
      let counted = await create(store, widget, 'counter', { spec: { wheelCount: 0 } });
      const stores = [store, harness.second];
      let conflicts = 0;
      const increment = async (on: ObjectStore): Promise<void> => {
        for (;;) {
          const read = await on.getByUid(widget, counted.uid);
          if (read === undefined) throw new Error('the counter is gone');
          const reason = await reasonOf(
            change(on, widget, read, (object) => {
              const spec = object.spec as { wheelCount: number };
              object.spec = { wheelCount: spec.wheelCount + 1 };
            }),
          );
          if (reason === 'none') return;
          expect(reason).to.equal('Conflict');
          conflicts += 1;
        }
      };
      await Promise.all(Array.from({ length: 20 }, (_, i) => increment(stores[i % 2] ?? store)));
      counted = (await store.getByUid(widget, counted.uid)) as StoredObject;
      expect(parse(counted).spec).to.deep.equal({ wheelCount: 20 });
      expect(counted.resourceVersion).to.equal(21);
      expect(conflicts).to.be.greaterThan(0);
    });

    it('keeps versions dense under 200 concurrent writes of which many fail', async () => {
      const stores = [store, harness.second];
      const existing = await Promise.all(
        Array.from({ length: 50 }, (_, i) =>
          create(store, i % 2 === 0 ? widget : part, `old-${i}`),
        ),
      );
      const calls = Array.from({ length: 200 }, (_, i) => {
        const on = stores[i % 2] ?? store;
        const index = i % 50;
        const old = existing[index] as StoredObject;
        const kind = index % 2 === 0 ? widget : part;
        switch (i % 4) {
          case 0:
            return create(on, kind, `new-${i % 60}`);
          case 1:
            return change(on, kind, old, (object) => (object.status = { by: i }));
          case 2:
            return remove(on, kind, old);
          default:
            return create(on, kind, `old-${index}`);
        }
      });
      const results = await Promise.allSettled(calls);
      const won = results.flatMap((result) =>
        result.status === 'fulfilled' ? [result.value.resourceVersion] : [],
      );
      expect(won.length).to.be.greaterThan(50).and.lessThan(190);
      const versions = [...existing.map((each) => each.resourceVersion), ...won];
      versions.sort((a, b) => a - b);
      const want = versions.map((_, i) => i + 1);
      expect(versions).to.deep.equal(want);
      expect(await store.currentVersion()).to.equal(versions.length);

      const log = await store.revisionsAfter(0, 1_000);
      expect(log.map((entry) => entry.resourceVersion)).to.deep.equal(want);
      for (const entry of log) {
        expect(parse(entry.object).metadata.resourceVersion).to.equal(
          String(entry.resourceVersion),
        );
      }
    });
  });
}
