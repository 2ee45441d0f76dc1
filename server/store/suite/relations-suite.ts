import { expect } from 'chai';
import type { ApiObject } from '../../../sdk/api/object.js';
import type { DependentPage, DependentPlace, ObjectStore, StoredObject } from '../object-store.js';
import {
  change,
  create,
  gadget,
  objectOf,
  parse,
  part,
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
