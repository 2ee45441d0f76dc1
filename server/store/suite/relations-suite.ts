import { expect } from 'chai';
import type { ApiObject } from '../../../sdk/api/object.js';
import type { DependentPage, DependentPlace, ObjectStore, StoredObject } from '../object-store.js';
import {
  change,
  collector,
  create,
  gadget,
  objectOf,
  parse,
  part,
  picker,
  remove,
  waiter,
  widget,
  type CreateHarness,
  type StoreHarness,
} from './suite-kinds.js';

/** Owners and references. */
export function describeRelations(createHarness: CreateHarness): void {
  describe('relations', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
    });
    afterEach(() => harness.close());

    const names = (objects: readonly StoredObject[]): string[] =>
      objects.map((object) => `${object.resource.split('.')[0]}/${object.name}`).sort();
    const ownedBy = (...uids: string[]): NonNullable<ApiObject['metadata']['ownerReferences']> =>
      uids.map((uid) => ({ apiVersion: 'v1', kind: 'Part', name: 'any', uid }));

    /** Two at a time, all pages. */
    async function dependents(owner: string, reader = store): Promise<readonly StoredObject[]> {
      const found: StoredObject[] = [];
      let after: DependentPlace | undefined;
      do {
        const page: DependentPage = await reader.dependentsOf(owner, {
          limit: 2,
          ...(after && { after }),
        });
        expect(page.items.length).to.be.at.most(2);
        found.push(...page.items);
        after = page.next;
      } while (after !== undefined);
      return found;
    }

    it('gives dependents page by page, also while they go', async () => {
      for (let i = 0; i < 5; i++) {
        await create(store, widget, `w${i}`, { metadata: { ownerReferences: ownedBy('a') } });
        await create(store, part, `p${i}`, { metadata: { ownerReferences: ownedBy('a', 'b') } });
      }
      const all = await dependents('a');
      expect(new Set(names(all)).size).to.equal(10);
      const first = await store.dependentsOf('a', { limit: 4 });
      expect(first.items.map(({ uid }) => uid)).to.have.members(
        all.slice(0, 4).map(({ uid }) => uid),
      );
      const kindOf = ({ resource }: StoredObject) =>
        resource.startsWith('widgets') ? widget : part;
      for (const item of first.items) await remove(store, kindOf(item), item);
      const next = await store.dependentsOf('a', {
        limit: 10,
        ...(first.next && { after: first.next }),
      });
      expect(names(next.items)).to.deep.equal(names(all.slice(4)));
      expect(next.next).to.equal(undefined);
    });

    it('finds dependents over all kinds, as owner references come and go', async () => {
      const made = await create(store, widget, 'w', {
        metadata: { ownerReferences: ownedBy('a') },
      });
      const other = await create(store, part, 'p', {
        metadata: { ownerReferences: ownedBy('a', 'b', 'b') },
      });
      await create(store, part, 'free');
      expect(names(await dependents('a'))).to.deep.equal(['parts/p', 'widgets/w']);
      expect(names(await dependents('b', harness.second))).to.deep.equal(['parts/p']);
      expect(await dependents('nobody')).to.deep.equal([]);

      const moved = await change(store, widget, made, (object) => {
        object.metadata.ownerReferences = ownedBy('b', 'c');
      });
      expect(names(await dependents('a'))).to.deep.equal(['parts/p']);
      expect(names(await dependents('b'))).to.deep.equal(['parts/p', 'widgets/w']);
      expect((await dependents('c')).map(parse)).to.deep.equal([parse(moved)]);

      const freed = await change(store, widget, moved, (object) => {
        delete object.metadata.ownerReferences;
      });
      expect(names(await dependents('b'))).to.deep.equal(['parts/p']);
      await change(store, widget, freed, (object) => {
        object.metadata.ownerReferences = ownedBy('a');
      });
      await remove(store, part, other);
      expect(names(await dependents('a'))).to.deep.equal(['widgets/w']);
      expect(await dependents('b')).to.deep.equal([]);
    });

    it('finds who refers to a cluster-scoped object, and who waits for any', async () => {
      await create(store, widget, 'uses', { spec: { gadget: 'g' } });
      await create(store, widget, 'spares', { spec: { gadget: 'other', spare: 'g' } });
      await create(store, widget, 'absent');
      await create(store, waiter, 'any', { metadata: { namespace: 'elsewhere' } });
      await create(store, waiter, 'named', { spec: { gadget: 'other' } });
      const referrers = await store.referrersOf(gadget, { namespace: '', name: 'g' });
      expect(names(referrers)).to.deep.equal(['waiters/any', 'widgets/spares', 'widgets/uses']);
      const others = await store.referrersOf(gadget, { namespace: '', name: 'other' });
      expect(names(others)).to.deep.equal(['waiters/any', 'waiters/named', 'widgets/spares']);
      expect(await store.referrersOf(widget, { namespace: 'default', name: 'uses' })).to.deep.equal(
        [],
      );
    });

    it('finds who refers to a namespaced object, by its own namespace or a named one', async () => {
      await create(store, widget, 'near', { spec: { part: 'p' } });
      await create(store, widget, 'far', { spec: { part: 'p', partNamespace: 'far' } });
      await create(store, widget, 'resident', {
        metadata: { namespace: 'far' },
        spec: { part: 'p' },
      });
      const find = async (namespace: string): Promise<string[]> =>
        names(await store.referrersOf(part, { namespace, name: 'p' }));
      expect(await find('default')).to.deep.equal(['widgets/near']);
      expect(await find('far')).to.deep.equal(['widgets/far', 'widgets/resident']);
    });

    it('follows an update of the reference', async () => {
      const made = await create(store, widget, 'w', { spec: { gadget: 'g' } });
      await change(store, widget, made, (object) => (object.spec = { gadget: 'h' }));
      expect(await store.referrersOf(gadget, { namespace: '', name: 'g' })).to.deep.equal([]);
      const found = await store.referrersOf(gadget, { namespace: '', name: 'h' });
      expect(names(found)).to.deep.equal(['widgets/w']);
    });

    it('finds who names an object by a field that blocks, and nobody else', async () => {
      await create(store, widget, 'uses', { spec: { gadget: 'g' } });
      await create(store, widget, 'spares', { spec: { spare: 'g' } });
      await create(store, waiter, 'any');
      const key = { namespace: '', name: 'g' };
      expect(names(await store.referrersOf(gadget, key, 'block'))).to.deep.equal(['widgets/uses']);
      expect(await store.referrersOf(gadget, key, 'cascade')).to.deep.equal([]);
    });

    describe('selectors', () => {
      const pick = (name: string, spec: object, namespace = 'default') =>
        create(store, picker, name, { spec, metadata: { namespace } });
      const find = async (
        target: typeof part,
        namespace: string,
        ...labels: Record<string, string>[]
      ): Promise<string[]> =>
        names(await harness.second.selectorsOf(target, { namespace, labels }));
      const tier = (operator: string, ...values: string[]) => ({
        matchExpressions: [{ key: 'tier', operator, ...(values.length > 0 && { values }) }],
      });

      it('are found by any of the labels that they select', async () => {
        await pick('web', { gadgets: { matchLabels: { app: 'web' } } });
        await pick('web-front', { gadgets: { matchLabels: { app: 'web', tier: 'front' } } });
        await pick('either', { gadgets: tier('In', 'front', 'back') });
        await pick('tiered', { gadgets: tier('Exists') });
        await pick('untiered', { gadgets: tier('DoesNotExist') });
        await pick('not-back', { gadgets: tier('NotIn', 'back') });
        await pick('all', { gadgets: {} });
        await pick('none', {});
        const at = (...labels: Record<string, string>[]) => find(gadget, '', ...labels);
        const selecting = (...found: string[]) => found.map((name) => `pickers/${name}`).sort();
        expect(await at({ app: 'web' })).to.deep.equal(
          selecting('web', 'untiered', 'not-back', 'all'),
        );
        expect(await at({ app: 'web', tier: 'front' })).to.deep.equal(
          selecting('web', 'web-front', 'either', 'tiered', 'not-back', 'all'),
        );
        expect(await at({ tier: 'back' }, { app: 'web' })).to.deep.equal(
          selecting('web', 'either', 'tiered', 'untiered', 'not-back', 'all'),
        );
        expect(await at({})).to.deep.equal(selecting('untiered', 'not-back', 'all'));
        expect(names(await store.selectorsOf(gadget, { namespace: '' }))).to.have.length(7);
        expect(await find(part, 'default', { app: 'web' })).to.deep.equal([]);
      });

      it('select in their own namespace, a named one, or all', async () => {
        const parts = { matchLabels: { app: 'web' } };
        await pick('near', { parts });
        await pick('far', { parts, partNamespace: 'far' });
        await pick('resident', { parts }, 'far');
        await create(store, collector, 'all', { spec: { parts } });
        const near = ['collectors/all', 'pickers/near'];
        expect(await find(part, 'default', { app: 'web' })).to.deep.equal(near);
        const far = ['collectors/all', 'pickers/far', 'pickers/resident'];
        expect(await find(part, 'far', { app: 'web' })).to.deep.equal(far);
        const whatever = await store.selectorsOf(part, { namespace: 'far' });
        expect(names(whatever)).to.deep.equal(far);
      });

      it('change with their objects', async () => {
        const made = await pick('p', { gadgets: { matchLabels: { app: 'web' } } });
        const moved = await change(store, picker, made, (object) => {
          object.spec = { gadgets: { matchLabels: { app: 'shop' } } };
        });
        expect(await find(gadget, '', { app: 'web' })).to.deep.equal([]);
        expect(await find(gadget, '', { app: 'shop' })).to.deep.equal(['pickers/p']);
        await remove(store, picker, moved);
        expect(await find(gadget, '', { app: 'shop' })).to.deep.equal([]);
      });

      it('that are none select nothing, and a field may become one later', async () => {
        const plain = { ...part, group: 'late.example', plural: 'laters', kind: 'Later' };
        await store.addKind(plain);
        await create(store, plain, 'good', { spec: { gadgets: { matchLabels: { app: 'web' } } } });
        await create(store, plain, 'odd', { spec: { gadgets: { matchLabels: ['app'] } } });
        const selectors = [{ path: 'spec.gadgets', group: gadget.group, kind: 'Gadget' }];
        const grown = { ...plain, selectors };
        await Promise.all([store.addKind(grown), harness.second.addKind(grown)]);
        expect(await find(gadget, '', { app: 'web' })).to.deep.equal(['laters/good']);
        const whatever = await store.selectorsOf(gadget, { namespace: '' });
        expect(names(whatever)).to.deep.equal(['laters/good']);
      });
    });

    it('takes a kind that comes later, and an indexed field that it gains', async () => {
      const late = { ...part, group: 'late.example', plural: 'lates', kind: 'Late', indexed: [] };
      await Promise.all([store.addKind(late), harness.second.addKind(late), store.addKind(late)]);
      const object = objectOf(late, 'one', { spec: { colour: 'red' } });
      await store.write({ type: 'create', kind: late, object });
      const grown = {
        ...late,
        indexed: [{ path: 'spec.colour', type: 'string' } as const],
        references: [
          { path: 'spec.gadget', group: gadget.group, kind: 'Gadget', onDelete: 'orphan' } as const,
        ],
      };
      await Promise.all([store.addKind(grown), harness.second.addKind(grown)]);
      await create(harness.second, grown, 'two', { spec: { colour: 'red', gadget: 'g' } });
      const fields = [{ path: 'spec.colour', operator: '=', value: 'red' } as const];
      const { items } = await store.list(grown, { fields });
      expect(items.map((item) => item.name)).to.deep.equal(['one', 'two']);
      const referrers = await store.referrersOf(gadget, { namespace: '', name: 'g' });
      expect(referrers.map((item) => item.name)).to.deep.equal(['two']);
    });
  });
}
