import type { JournalEntry } from '../../sdk/api/journal.js';

/**
 * Which entries: those of an object, those about one thing outside, or those about whatever has one of
 * these names there: the third part of a target, `default/web`.
 */
export type JournalSelection = { readonly limit: number } & (
  | { readonly uid: string }
  | {
      readonly target: string;
      /** Absent: in any place. */
      readonly place?: string;
    }
  | { readonly names: readonly string[]; readonly place: string }
);

export interface JournalLimits {
  /** Entries older than this go. */
  readonly maxAgeMs: number;
  /** Of what is left, the newest so many stay. */
  readonly maxEntries: number;
}

/** The part of the store that keeps what attempts did outside the plane. No revisions. */
export interface JournalStore {
  /**
   * Writes entries down. One that is there and `begun` gets its end; one that has ended stays as it
   * is: a batch may be repeated.
   */
  journal(entries: readonly JournalEntry[]): Promise<void>;
  /** The newest entries that match: an object's by attempt and sequence, others by when they came. */
  journaled(selection: JournalSelection): Promise<readonly JournalEntry[]>;
  /**
   * Drops what is beyond the limits, of effects and of attempts, a page of the oldest at a time;
   * answers how many went.
   */
  compactJournal(limits: JournalLimits): Promise<number>;
}

/** What `compactJournal` drops at most: as many more are looked for after as many as this. */
export const JOURNAL_PAGE = 5_000;
