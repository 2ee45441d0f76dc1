import type { JournalEntry } from '../../../sdk/api/journal.js';
import {
  JOURNAL_PAGE,
  type JournalLimits,
  type JournalSelection,
  type JournalStore,
} from '../journal-store.js';

interface Kept {
  readonly entry: JournalEntry;
  readonly recordedAt: number;
}

/** A journal that ends with its process. */
export class MemoryJournal implements Omit<JournalStore, 'compactJournal'> {
  readonly #now: () => number;
  /** In the order in which they came. */
  readonly #kept = new Map<string, Kept>();

  constructor(now: () => number) {
    this.#now = now;
  }

  async journal(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries) {
      const key = `${entry.uid}/${entry.fence}/${entry.sequence}`;
      const { entry: known, recordedAt = this.#now() } = this.#kept.get(key) ?? {};
      if (known === undefined || known.outcome === 'begun') {
        this.#kept.set(key, { entry, recordedAt });
      }
    }
  }

  async journaled(selection: JournalSelection): Promise<readonly JournalEntry[]> {
    const entries = [...this.#kept.values()].map(({ entry }) => entry);
    const found =
      'uid' in selection
        ? entries
            .filter(({ uid }) => uid === selection.uid)
            .sort((a, b) => b.fence - a.fence || b.sequence - a.sequence)
        : entries.filter((entry) => isAbout(entry, selection)).toReversed();
    return found.slice(0, selection.limit);
  }

  /** See JournalStore.compactJournal. */
  compact({ maxAgeMs, maxEntries }: JournalLimits): number {
    const oldest = this.#now() - maxAgeMs;
    const keys = [...this.#kept.keys()];
    const tooMany = keys.length - maxEntries;
    const dropped = keys
      .filter((key, index) => index < tooMany || (this.#kept.get(key)?.recordedAt ?? 0) < oldest)
      .slice(0, JOURNAL_PAGE);
    for (const key of dropped) this.#kept.delete(key);
    return dropped.length;
  }
}

function isAbout(
  { target, place }: JournalEntry,
  selection: Exclude<JournalSelection, { readonly uid: string }>,
): boolean {
  if (selection.place !== undefined && place !== selection.place) return false;
  return 'names' in selection
    ? selection.names.includes(target.split(' ')[2] ?? '')
    : target === selection.target;
}
