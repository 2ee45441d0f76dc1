import type { JournalEntry } from '../api/journal.js';

const RETRY_MS = 2_000;
/** Of what cannot be told, the oldest goes first beyond this. */
const MAX_ENTRIES = 10_000;

/** Journal entries that go with no completion: told in batches, again and again until it works. */
export class JournalOutbox {
  /** Entries in one request. */
  static readonly largest = 1_000;

  readonly #tell: (entries: readonly JournalEntry[]) => Promise<void>;
  #entries: JournalEntry[] = [];
  #timer: NodeJS.Timeout | undefined;
  #isTelling = false;
  #isClosed = false;

  constructor(tell: (entries: readonly JournalEntry[]) => Promise<void>) {
    this.#tell = tell;
  }

  put(entries: readonly JournalEntry[]): void {
    this.#entries = [...this.#entries, ...entries].slice(-MAX_ENTRIES);
    if (!this.#isTelling) this.#tellAfter(0);
  }

  /** Tells nothing more. Answers how many entries are lost by that. */
  close(): number {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    return this.#entries.length;
  }

  #tellAfter(waitMs: number): void {
    if (this.#isClosed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#tellAll(), waitMs);
  }

  async #tellAll(): Promise<void> {
    this.#isTelling = true;
    try {
      while (this.#entries.length > 0 && !this.#isClosed) {
        const batch = this.#entries.slice(0, JournalOutbox.largest);
        await this.#tell(batch);
        const told = new Set(batch);
        this.#entries = this.#entries.filter((entry) => !told.has(entry));
      }
    } catch {
      this.#tellAfter(RETRY_MS);
    } finally {
      this.#isTelling = false;
    }
  }
}
