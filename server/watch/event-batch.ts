import type { KindDefinition } from '../../sdk/api/kind.js';
import type { WatchEvent } from './watch-event.js';

/** The lines of some events as one text. */
export interface BatchText {
  readonly text: Buffer;
  /** How many lines. */
  readonly count: number;
}

/** Events in a row that many watchers get at once. What they all send is put together once. */
export class EventBatch {
  readonly events: readonly WatchEvent[];
  /** The version before the first event. */
  readonly from: number;
  /** That of the last one. */
  readonly through: number;
  readonly #texts = new Map<KindDefinition, Map<string, BatchText>>();

  constructor(from: number, events: readonly WatchEvent[]) {
    this.from = from;
    this.events = events;
    this.through = from + events.length;
  }

  /** The lines that `make` gives; it is called once for all who have the same kind and key. */
  text(kind: KindDefinition, key: string, make: () => readonly Buffer[]): BatchText {
    let texts = this.#texts.get(kind);
    if (texts === undefined) this.#texts.set(kind, (texts = new Map()));
    let text = texts.get(key);
    if (text === undefined) {
      const lines = make();
      text = { text: Buffer.concat(lines), count: lines.length };
      texts.set(key, text);
    }
    return text;
  }

  /** Frees what can be made again. */
  forget(): void {
    this.#texts.clear();
    for (const event of this.events) event.forget();
  }
}
