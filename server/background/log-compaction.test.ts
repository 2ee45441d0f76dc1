import { expect } from 'chai';
import { nopLogger } from '../../sdk/logger.js';
import { namespaceKind } from '../../sdk/api/zz_generated.kinds.js';
import { MemoryObjectStore } from '../store/memory/memory-object-store.js';
import { LogCompaction } from './log-compaction.js';

const HOUR_MS = 3_600_000;

describe('LogCompaction', () => {
  const kind = namespaceKind;

  async function storeWith(entries: number, read: number): Promise<MemoryObjectStore> {
    const store = new MemoryObjectStore({ kinds: [kind] });
    for (let entry = 1; entry <= entries; entry++) await add(store, entry);
    await store.setCursor('reader', read);
    return store;
  }

  async function add(store: MemoryObjectStore, entry: number): Promise<void> {
    const metadata = { name: `n${entry}`, uid: `u${entry}` };
    await store.write({
      type: 'create',
      kind,
      object: { apiVersion: 'v1', kind: 'Namespace', metadata },
    });
  }

  function compactionOf(store: MemoryObjectStore, maxEntries: number): LogCompaction {
    return new LogCompaction({ store, logger: nopLogger, readers: ['reader'], maxEntries });
  }

  const cases = [
    { name: 'short log', reason: 'nothing to do', given: { entries: 10, read: 10 }, want: 0 },
    {
      name: 'a little long',
      reason: 'a tenth is not worth a write',
      given: { entries: 11, read: 11 },
      want: 0,
    },
    { name: 'long log', reason: 'the newest ten stay', given: { entries: 30, read: 30 }, want: 20 },
    {
      name: 'slow reader',
      reason: 'what it has not read stays',
      given: { entries: 30, read: 5 },
      want: 5,
    },
  ];
  for (const { name, reason, given, want } of cases) {
    it(name, async () => {
      const store = await storeWith(given.entries, given.read);
      await compactionOf(store, 10).compact();
      expect(await store.oldestVersion(), reason).to.equal(want);
    });
  }

  it('is stuck when the database refuses again and again, not when a reader lags', async () => {
    class Refusing extends MemoryObjectStore {
      refuses = true;
      override async compact(upTo: number): Promise<void> {
        if (this.refuses) throw new Error('no');
        await super.compact(upTo);
      }
    }
    const store = new Refusing({ kinds: [kind] });
    for (let entry = 1; entry <= 30; entry++) await add(store, entry);
    const compaction = compactionOf(store, 10);
    for (let look = 0; look < 5; look++) await compaction.compact();
    expect(compaction.isStuck, 'a reader that has read nothing').to.equal(false);
    await store.setCursor('reader', 30);
    const states: boolean[] = [];
    for (let look = 0; look < 3; look++) {
      await compaction.compact();
      states.push(compaction.isStuck);
    }
    expect(states).to.deep.equal([false, false, true]);
    store.refuses = false;
    await compaction.compact();
    expect(compaction.isStuck).to.equal(false);
  });

  it('drops what is older than a day, and looks without writing until then', async () => {
    const store = await storeWith(3, 100);
    const compaction = compactionOf(store, 1_000);
    await compaction.compact(0);
    await add(store, 4);
    await compaction.compact(23 * HOUR_MS);
    expect(await store.oldestVersion()).to.equal(0);
    await compaction.compact(25 * HOUR_MS);
    expect(await store.oldestVersion()).to.equal(3);
  });
});
