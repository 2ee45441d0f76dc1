import { expect } from 'chai';
import { resourceName } from '../../../sdk/api/kind.js';
import type { ApiObject } from '../../../sdk/api/object.js';
import type { ObjectStore, Revision, StoredObject } from '../object-store.js';
import {
  create,
  gadget,
  parse,
  reasonOf,
  remove,
  waiter,
  widget,
  type CreateHarness,
  type StoreHarness,
} from './suite-kinds.js';

const TARGETS = 12;

/** References that block a deletion. */
export function describeBlocking(createHarness: CreateHarness): void {
  describe('references that block', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
    });
    afterEach(() => harness.close());

    const end = (by: ObjectStore, { uid, resourceVersion }: StoredObject): Promise<StoredObject> =>
      by.write({
        type: 'delete',
        kind: gadget,
        uid,
        expectedResourceVersion: resourceVersion,
        unlessReferenced: true,
      });
    const mark = (by: ObjectStore, stored: StoredObject): Promise<StoredObject> => {
      const object = parse(stored);
      object.metadata.deletionTimestamp = '2026-01-02T03:04:05Z';
      const { resourceVersion: expectedResourceVersion } = stored;
      const write = { kind: gadget, object, expectedResourceVersion, unlessReferenced: true };
      return by.write({ type: 'update', ...write });
    };

    const cases = [
      { why: 'a blocking field names it', kind: widget, spec: { gadget: 'g' }, want: 'Conflict' },
      { why: 'a blocking field names another', kind: widget, spec: { gadget: 'h' }, want: 'none' },
      { why: 'another field names it', kind: widget, spec: { spare: 'g' }, want: 'none' },
      { why: 'somebody waits for any', kind: waiter, spec: {}, want: 'none' },
    ];
    for (const { why, kind, spec, want } of cases) {
      it(`${want === 'none' ? 'lets go' : 'keeps'} an object when ${why}`, async () => {
        const target = await create(store, gadget, 'g');
        const referrer = await create(harness.second, kind, 'r', { spec });
        expect(await reasonOf(mark(store, target))).to.equal(want);
        if (want === 'none') return;
        expect((await store.getByUid(gadget, target.uid))?.resourceVersion).to.equal(1);
        expect(await reasonOf(end(store, target))).to.equal(want);
        await remove(harness.second, kind, referrer);
        await end(store, target);
        expect(await store.getByUid(gadget, target.uid)).to.equal(undefined);
      });
    }

    it('tells a version that moved on from a reference', async () => {
      const target = await create(store, gadget, 'g');
      const moved = await store.write({
        type: 'update',
        kind: gadget,
        object: { ...parse(target), status: { seen: true } },
        expectedResourceVersion: target.resourceVersion,
      });
      const messageOf = (call: Promise<unknown>): Promise<string> =>
        call.then(
          () => 'none',
          (error: unknown) => (error as Error).message,
        );
      expect(await messageOf(end(store, target))).to.include('has been modified');
      await create(store, widget, 'r', { spec: { gadget: 'g' } });
      expect(await messageOf(end(store, moved))).to.include('still used by other objects');
    });

    it('writes without asking when nobody wants to be asked', async () => {
      const target = await create(store, gadget, 'g');
      await create(store, widget, 'r', { spec: { gadget: 'g' } });
      await remove(store, gadget, target);
      expect(await store.getByUid(gadget, target.uid)).to.equal(undefined);
    });

    it('never ends an object that is named, whoever writes meanwhile', async () => {
      const { second } = harness;
      const targets = await Promise.all(
        Array.from({ length: TARGETS }, (_, i) => create(store, gadget, `g-${i}`)),
      );
      const outcomes = await Promise.all(
        targets.flatMap((target, i) => {
          const [near, far] = i % 2 === 0 ? [store, second] : [second, store];
          const refer = (by: ObjectStore, who: string): Promise<unknown> =>
            create(by, widget, `${who}-${i}`, { spec: { gadget: `g-${i}` } });
          return [refer(far, 'a'), reasonOf(end(near, target)), refer(near, 'b')];
        }),
      );
      expect(outcomes).to.have.length(3 * TARGETS);
      expect(danglingAtDeletion(await store.revisionsAfter(0, 1_000))).to.deep.equal([]);
    });
  });
}

/** Referrers that were there, in the order of the log, as the gadget that they name ended. */
function danglingAtDeletion(log: readonly Revision[]): string[] {
  const named = new Map<string, string>();
  const dangling: string[] = [];
  for (const { type, object } of log) {
    if (object.resource === resourceName(widget)) {
      const { gadget: name } =
        (JSON.parse(object.json) as ApiObject<{ gadget: string }>).spec ?? {};
      if (type === 'DELETED' || name === undefined) named.delete(object.name);
      else named.set(object.name, name);
    } else if (type === 'DELETED') {
      for (const [referrer, name] of named) if (name === object.name) dangling.push(referrer);
    }
  }
  return dangling;
}
