import { expect } from 'chai';
import { createLogger, nopLogger } from '../../sdk/logger.js';
import type { JournalLimits } from '../store/journal-store.js';
import { JournalCompaction } from './journal-compaction.js';

describe('JournalCompaction', () => {
  it('drops page after page until nothing is left beyond the limits', async () => {
    const asked: JournalLimits[] = [];
    const pages = [5_000, 120, 0];
    const store = {
      async compactJournal(limits: JournalLimits) {
        asked.push(limits);
        return pages[asked.length - 1] ?? 0;
      },
    };
    const limits = { maxEntries: 10 };
    await new JournalCompaction({ store, logger: nopLogger, limits }).compact();
    const all = { maxAgeMs: 604_800_000, maxEntries: 10 };
    expect(asked).to.deep.equal([all, all, all]);
  });

  it('survives a database that is away, and says so', async () => {
    const store = { compactJournal: () => Promise.reject(new Error('away')) };
    const said: string[] = [];
    const logger = { ...createLogger('test'), warn: (message: string) => said.push(message) };
    await new JournalCompaction({ store, logger: logger as never }).compact();
    expect(said).to.deep.equal(['cannot compact the journal']);
  });
});
