import type { JournalEntry } from '../api/journal.js';
import type { ClaimedObject } from '../api/work.js';
import type { NoteEffect } from './journal-calls.js';

/** What one attempt did outside and the server was not told yet. */
export class EffectLog {
  readonly #claimed: ClaimedObject;
  readonly #late: (entries: readonly JournalEntry[]) => void;
  readonly #untold = new Map<string, JournalEntry>();
  #isClosed = false;

  /** `late` is given what is noted after the end. */
  constructor(claimed: ClaimedObject, late: (entries: readonly JournalEntry[]) => void) {
    this.#claimed = claimed;
    this.#late = late;
  }

  readonly note: NoteEffect = (effect) => {
    const { resource, object, cause } = this.#claimed;
    const { uid, namespace, name, generation, resourceVersion } = object.metadata;
    const entry: JournalEntry = {
      ...effect,
      resource,
      uid,
      ...(namespace !== undefined && { namespace }),
      name,
      generation,
      foundVersion: resourceVersion,
      ...(cause !== undefined && { cause }),
    };
    if (this.#isClosed) this.#late([entry]);
    else this.#untold.set(`${entry.fence}/${entry.sequence}`, entry);
  };

  /** What is to be told now; of a call under way, that it has begun. */
  take(): JournalEntry[] {
    const entries = [...this.#untold.values()];
    this.#untold.clear();
    return entries;
  }

  /** The attempt is over: what is left, and what calls under way still come to, is late. */
  close(): void {
    this.#isClosed = true;
    const left = this.take();
    if (left.length > 0) this.#late(left);
  }
}
