import { expect } from 'chai';
import { parseFieldSelector, parseLabelSelector } from '../../../sdk/api/selector.js';
import type { ListOptions, ObjectStore } from '../object-store.js';
import {
  create,
  part,
  reasonOf,
  widget,
  type CreateHarness,
  type StoreHarness,
} from './suite-kinds.js';

/** Pages, order and selectors. */
export function describeLists(createHarness: CreateHarness): void {
  describe('lists', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
    });
    afterEach(() => harness.close());

    it('is empty, at the current version, before any object', async () => {
      expect(await store.list(part, {})).to.deep.equal({ items: [], resourceVersion: 0 });
      await create(store, widget, 'w');
      expect(await store.list(part, { limit: 5 })).to.deep.equal({ items: [], resourceVersion: 1 });
    });

    it('goes through pages in (namespace, name) order', async () => {
      const keys = ['b/a', 'a/z', 'a/b', 'c/0', 'a/b-1', 'b/B'.toLowerCase(), 'a/a.b'];
      for (const key of keys) {
        const [namespace = '', name = ''] = key.split('/');
        await create(store, part, name, { metadata: { namespace } });
      }
      const want = ['a/a.b', 'a/b', 'a/b-1', 'a/z', 'b/a', 'b/b', 'c/0'];
      const pages: string[][] = [];
      const remaining: (number | undefined)[] = [];
      for (let options: ListOptions = { limit: 3 }; ;) {
        const page = await store.list(part, options);
        expect(page.resourceVersion).to.equal(7);
        pages.push(page.items.map((item) => `${item.namespace}/${item.name}`));
        remaining.push(page.remaining);
        if (page.next === undefined) break;
        options = { limit: 3, after: page.next };
      }
      expect(pages).to.deep.equal([want.slice(0, 3), want.slice(3, 6), want.slice(6)]);
      expect(remaining).to.deep.equal([4, 1, undefined]);
      const all = await store.list(part, {});
      expect(all.items.map((item) => `${item.namespace}/${item.name}`)).to.deep.equal(want);
      const inA = await store.list(part, { namespace: 'a', limit: 4 });
      expect(inA.items.map((item) => item.name)).to.deep.equal(['a.b', 'b', 'b-1', 'z']);
      expect(inA.next).to.equal(undefined);
    });

    it('selects by labels as Kubernetes does', async () => {
      await create(store, part, 'none');
      await create(store, part, 'web', { metadata: { labels: { app: 'web', n: '5' } } });
      await create(store, part, 'db', { metadata: { labels: { app: 'db', n: '10' } } });
      await create(store, part, 'odd', {
        metadata: { labels: { app: '', n: 'x', 'a.b/c-d': 'v' } },
      });
      const table = [
        { selector: 'app=web', want: ['web'] },
        { selector: 'app!=web', want: ['db', 'none', 'odd'] },
        { selector: 'app in (web,db)', want: ['db', 'web'] },
        { selector: 'app notin (web,db)', want: ['none', 'odd'] },
        { selector: 'app', want: ['db', 'odd', 'web'] },
        { selector: '!app', want: ['none'] },
        { selector: 'n>5', want: ['db'] },
        { selector: 'n<10', want: ['web'] },
        { selector: 'a.b/c-d=v', want: ['odd'] },
        { selector: 'app=', want: ['odd'] },
        { selector: 'app,n>1,app!=db', want: ['web'] },
        { selector: '', want: ['db', 'none', 'odd', 'web'] },
      ];
      for (const { selector, want } of table) {
        const { items } = await store.list(part, { labels: parseLabelSelector(selector) });
        expect(
          items.map((item) => item.name),
          selector,
        ).to.deep.equal(want);
      }
      const limited = await store.list(part, { labels: parseLabelSelector('app'), limit: 2 });
      expect(limited.items.map((item) => item.name)).to.deep.equal(['db', 'odd']);
      expect(limited.next).to.deep.equal({ namespace: 'default', name: 'odd' });
    });

    it('selects by name, namespace and indexed fields', async () => {
      await create(store, widget, 'bare');
      await create(store, widget, 'car', { spec: { colour: 'red', wheelCount: 4, running: true } });
      await create(store, widget, 'bike', {
        spec: { colour: 'red', wheelCount: 2, running: false },
      });
      await create(store, widget, 'far', { metadata: { namespace: 'far' }, spec: { colour: '' } });
      const table = [
        { selector: 'metadata.name=car', want: ['car'] },
        { selector: 'metadata.name!=car', want: ['bare', 'bike', 'far'] },
        { selector: 'metadata.namespace=far', want: ['far'] },
        { selector: 'spec.colour=red', want: ['bike', 'car'] },
        { selector: 'spec.colour!=red', want: ['bare', 'far'] },
        { selector: 'spec.colour=', want: ['bare', 'far'] },
        { selector: 'spec.colour!=', want: ['bike', 'car'] },
        { selector: 'spec.wheelCount=4', want: ['car'] },
        { selector: 'spec.wheelCount!=4', want: ['bare', 'bike', 'far'] },
        { selector: 'spec.wheelCount=four', want: [] },
        { selector: 'spec.wheelCount=', want: ['bare', 'far'] },
        { selector: 'spec.running=true', want: ['car'] },
        { selector: 'spec.running=false', want: ['bike'] },
        { selector: 'spec.running!=yes', want: ['bare', 'bike', 'car', 'far'] },
        { selector: 'spec.colour=red,spec.wheelCount=2', want: ['bike'] },
      ];
      for (const { selector, want } of table) {
        const { items } = await store.list(widget, { fields: parseFieldSelector(selector) });
        expect(
          items.map((item) => item.name),
          selector,
        ).to.deep.equal(want);
      }
      const unknown = store.list(widget, { fields: parseFieldSelector('spec.gadget=x') });
      expect(await reasonOf(unknown)).to.equal('BadRequest');
    });
  });
}
