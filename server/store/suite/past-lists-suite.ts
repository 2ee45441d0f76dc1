import { expect } from 'chai';
import { parseFieldSelector, parseLabelSelector } from '../../../sdk/api/selector.js';
import type { ListOptions, ObjectList, ObjectStore, StoredObject } from '../object-store.js';
import { RandomWrites } from './random-writes.js';
import {
  change,
  create,
  part,
  reasonOf,
  remove,
  widget,
  type CreateHarness,
  type StoreHarness,
} from './suite-kinds.js';

const SELECTIONS: readonly (ListOptions & { readonly name: string })[] = [
  { name: 'everything' },
  { name: 'a namespace', namespace: 'b' },
  { name: 'labels', labels: parseLabelSelector('room in (x,y)') },
  { name: 'an absent label', labels: parseLabelSelector('!room') },
  { name: 'fields', fields: parseFieldSelector('spec.colour=red') },
  { name: 'an absent field', fields: parseFieldSelector('spec.wheelCount!=2') },
  { name: 'a name', fields: parseFieldSelector('metadata.name=w-3') },
  {
    name: 'all of these',
    namespace: 'a',
    labels: parseLabelSelector('room'),
    fields: parseFieldSelector('spec.colour!=blue,spec.wheelCount=2'),
  },
];

/** Lists as they were at a version, pages of one among them. */
export function describePastLists(createHarness: CreateHarness): void {
  describe('lists of a version', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    let seed: number;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
      seed = Math.floor(Math.random() * 2 ** 31);
    });
    afterEach(function () {
      if (this.currentTest?.state === 'failed') process.stderr.write(`    the seed was ${seed}\n`);
      return harness.close();
    });

    /** All pages, with something happening before each but the first. */
    const pagesOf = async (
      selection: ListOptions,
      limit: number,
      between: () => Promise<void>,
    ): Promise<ObjectList[]> => {
      const pages = [await store.list(widget, { ...selection, limit })];
      for (;;) {
        const { next: after, resourceVersion: at } = pages.at(-1) as ObjectList;
        if (after === undefined) return pages;
        await between();
        pages.push(await store.list(widget, { ...selection, limit, after, at }));
      }
    };

    it('shows on all pages what the first page began with, whatever is written meanwhile', async () => {
      const writes = new RandomWrites([store, harness.second], seed);
      await writes.run(60);
      for (const { name, ...selection } of [...SELECTIONS, ...SELECTIONS]) {
        const limit = writes.pick([1, 2, 3, 7, 50]);
        const want = await store.list(widget, selection);
        const pages = await pagesOf(selection, limit, () => writes.run(writes.pick([0, 1, 5])));
        const why = `${name}, limit ${limit}`;
        expect(itemsOf(pages), why).to.deep.equal(want.items);
        const hasSelectors = selection.labels !== undefined || selection.fields !== undefined;
        let left = want.items.length;
        for (const page of pages) {
          left -= page.items.length;
          expect(page.resourceVersion, why).to.equal(want.resourceVersion);
          expect(page.remaining, why).to.equal(left === 0 || hasSelectors ? undefined : left);
        }
      }
    });

    it('shows every version as it was, selectors included', async () => {
      const writes = new RandomWrites([store, harness.second], seed);
      const known: { readonly selection: ListOptions; readonly list: ObjectList }[] = [];
      for (let round = 0; round < 12; round++) {
        await writes.run(10);
        for (const { name: _, ...selection } of SELECTIONS) {
          known.push({ selection, list: await store.list(widget, selection) });
        }
      }
      for (const { selection, list } of known) {
        const again = { ...selection, at: list.resourceVersion };
        expect(await harness.second.list(widget, again)).to.deep.equal(list);
      }
      // What is gone from the log is told; what is left is still whole.
      const oldest = known[known.length / 2]?.list.resourceVersion ?? 0;
      await store.compact(oldest);
      await writes.run(10);
      for (const { selection, list } of known) {
        const again = store.list(widget, { ...selection, at: list.resourceVersion });
        if (list.resourceVersion < oldest) expect(await reasonOf(again)).to.equal('Expired');
        else expect(await again).to.deep.equal(list);
      }
    });

    it('goes back to objects that were last written before the log was compacted', async () => {
      const old = await create(store, widget, 'old', { spec: { colour: 'red' } });
      const gone = await create(store, widget, 'gone');
      const dead = await create(store, widget, 'dead');
      await remove(store, widget, dead);
      for (let i = 0; i < 3; i++) await create(store, part, `p-${i}`);
      const at = await store.currentVersion();
      await store.compact(at);
      await change(store, widget, old, (object) => (object.spec = { colour: 'blue' }));
      await remove(harness.second, widget, gone);
      await create(store, widget, 'new');
      const { items } = await store.list(widget, { at });
      expect(items).to.deep.equal([gone, old]);
      const fields = parseFieldSelector('spec.colour=red');
      expect((await store.list(widget, { at, fields })).items).to.deep.equal([old]);
      // A second compaction drops what the first had to keep.
      const later = await store.currentVersion();
      await store.compact(later);
      expect(await reasonOf(store.list(widget, { at }))).to.equal('Expired');
      expect((await store.list(widget, { at: later })).items).to.have.length(2);
    });

    it('tells an object from a new one of the same name', async () => {
      const first = await create(store, widget, 'w');
      const at = first.resourceVersion;
      await remove(store, widget, first);
      const second = await create(store, widget, 'w');
      expect((await store.list(widget, { at })).items).to.deep.equal([first]);
      expect((await store.list(widget, { at: at + 1 })).items).to.deep.equal([]);
      expect((await store.list(widget, { at: at + 2 })).items).to.deep.equal([second]);
    });

    it('refuses a version that is yet to come', async () => {
      await create(store, part, 'p');
      expect((await store.list(part, { at: 1 })).items).to.have.length(1);
      expect(await reasonOf(store.list(part, { at: 2 }))).to.equal('Timeout');
    });
  });
}

function itemsOf(pages: readonly ObjectList[]): StoredObject[] {
  return pages.flatMap(({ items }) => [...items]);
}
