import { expect } from 'chai';
import type { AttemptRecord, JournalEntry } from '../../../sdk/api/journal.js';
import type { ObjectStore } from '../object-store.js';
import { create, until, widget, type CreateHarness, type StoreHarness } from './suite-kinds.js';
import { Worker } from './worker.js';

function entry(fields: Partial<JournalEntry> = {}): JournalEntry {
  return {
    uid: 'u1',
    fence: 1,
    sequence: 1,
    resource: 'widgets.suite.threeport.io',
    namespace: 'default',
    name: 'w',
    generation: 3,
    foundVersion: '7',
    port: 'kube',
    place: 'here',
    nature: 'update',
    operation: 'apply',
    target: 'v1 ConfigMap default/a',
    outcome: 'ok',
    startedAt: '2026-01-02T03:04:05.678Z',
    durationMs: 12.5,
    ...fields,
  };
}

/** What attempts did outside the plane. */
export function describeJournal(createHarness: CreateHarness): void {
  describe('journal', () => {
    let harness: StoreHarness;
    let store: ObjectStore;
    beforeEach(async () => {
      harness = await createHarness();
      ({ store } = harness);
    });
    afterEach(() => harness.close());

    const all = { limit: 100 };
    const forever = { maxAgeMs: 3_600_000, maxEntries: 100 };

    it('gives the entries of an object as they were told, the newest first', async () => {
      const begun = entry({ fence: 2, outcome: 'begun', token: 't', nature: 'create' });
      const { durationMs: _none, ...open } = begun;
      const told = [entry(), entry({ sequence: 2, outcome: 'failed', message: 'refused' }), open];
      await store.journal([...told, entry({ uid: 'u2' })]);
      expect(await harness.second.journaled({ uid: 'u1', ...all })).to.deep.equal(
        told.toReversed(),
      );
      expect(await store.journaled({ uid: 'u1', limit: 1 })).to.deep.equal([open]);
      expect(await store.journaled({ uid: 'nobody', ...all })).to.deep.equal([]);
      expect(await store.currentVersion(), 'no revision').to.equal(0);
    });

    it('finds who touched a thing, in one place or in any', async () => {
      const there = entry({ uid: 'u2', place: 'there' });
      const { place: _none, ...nowhere } = entry({ uid: 'u3' });
      await store.journal([entry()]);
      await store.journal([there]);
      await store.journal([nowhere, entry({ sequence: 2, target: 'v1 Secret default/s' })]);
      const { target } = there;
      expect(await store.journaled({ target, ...all })).to.deep.equal([nowhere, there, entry()]);
      expect(await store.journaled({ target, place: 'there', ...all })).to.deep.equal([there]);
    });

    it('finds who touched what has one of some names in a place, the newest first', async () => {
      const map = entry();
      const secret = entry({ sequence: 2, target: 'v1 Secret default/a' });
      const space = entry({ sequence: 3, target: 'v1 Namespace a' });
      const others = [
        entry({ sequence: 4, target: 'v1 Secret default/aa' }),
        entry({ sequence: 5, target: 'v1 Secret other/a' }),
        entry({ sequence: 6, place: 'there' }),
      ];
      for (const each of [map, secret, space, ...others]) await store.journal([each]);
      const names = ['default/a', 'a'];
      const found = await harness.second.journaled({ names, place: 'here', ...all });
      expect(found).to.deep.equal([space, secret, map]);
      expect(await store.journaled({ names, place: 'here', limit: 1 })).to.deep.equal([space]);
      expect(await store.journaled({ names: ['%'], place: 'here', ...all })).to.deep.equal([]);
    });

    it('takes a batch twice, adds an end to a begin, and never undoes an end', async () => {
      const begun = entry({ outcome: 'begun' });
      const failed = entry({ outcome: 'failed', message: 'no' });
      await store.journal([begun, begun]);
      await store.journal([begun, failed]);
      await Promise.all([store.journal([failed]), harness.second.journal([begun])]);
      await store.journal([entry()]);
      expect(await store.journaled({ uid: 'u1', ...all })).to.deep.equal([failed]);
    });

    it('drops what is beyond its size, the oldest first, and what is too old', async () => {
      for (let sequence = 1; sequence <= 5; sequence++) await store.journal([entry({ sequence })]);
      expect(await store.compactJournal(forever)).to.equal(0);
      expect(await store.compactJournal({ ...forever, maxEntries: 3 })).to.equal(2);
      const left = await store.journaled({ uid: 'u1', ...all });
      expect(left.map(({ sequence }) => sequence)).to.deep.equal([5, 4, 3]);
      expect(await store.compactJournal({ ...forever, maxAgeMs: -1_000 })).to.equal(3);
      expect(await store.journaled({ uid: 'u1', ...all })).to.deep.equal([]);
    });

    it('drops attempts by the same limits', async () => {
      const worker = new Worker(store);
      const { uid } = await create(store, widget, 'w');
      for (let turn = 1; turn <= 3; turn++) {
        const attempt: AttemptRecord = {
          generation: 1,
          foundVersion: '1',
          startedAt: '2026-01-02T03:04:05.678Z',
          durationMs: 1,
          outcome: 'requeue',
        };
        const claimed = await until('the object is due', async () => (await worker.claim())[0]);
        await worker.complete(claimed, { attempt, requeueAfterMs: 0 });
      }
      expect(await store.compactJournal({ ...forever, maxEntries: 2 })).to.equal(1);
      const left = await store.attemptsAt(uid, 10);
      expect(left.map(({ fence }) => fence)).to.deep.equal([3, 2]);
      expect(await store.compactJournal({ ...forever, maxAgeMs: -1_000 })).to.equal(2);
      expect(await store.attemptsAt(uid, 10)).to.deep.equal([]);
    });

    it('keeps what two write at once', async () => {
      const writes = Array.from({ length: 40 }, (_, i) =>
        (i % 2 === 0 ? store : harness.second).journal([
          entry({ sequence: i + 1, outcome: 'begun' }),
          entry({ sequence: i + 1 }),
        ]),
      );
      await Promise.all(writes);
      const kept = await store.journaled({ uid: 'u1', ...all });
      expect(kept.map(({ outcome }) => outcome)).to.deep.equal(writes.map(() => 'ok'));
    });
  });
}
