import type { WatchEvent } from './watch-event.js';

const MAX_EVENTS = 4_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** The newest events, up to 4,000 or 16 MiB: every one after the floor and up to the head. */
export class EventWindow {
  #events: WatchEvent[] = [];
  #bytes = 0;
  #floor = 0;

  get floor(): number {
    return this.#floor;
  }

  get head(): number {
    return this.#floor + this.#events.length;
  }

  /** Begins anew, empty, after this version. */
  restart(version: number): void {
    this.#events = [];
    this.#bytes = 0;
    this.#floor = version;
  }

  /** Takes the next event: versions are dense. Drops the oldest when there are too many. */
  push(event: WatchEvent): void {
    this.#events.push(event);
    this.#bytes += event.size;
    while (
      this.#events.length > MAX_EVENTS ||
      (this.#bytes > MAX_BYTES && this.#events.length > 1)
    ) {
      this.#bytes -= this.#events.shift()?.size ?? 0;
      this.#floor += 1;
    }
  }

  /** The newest event before this one of the same object, as far back as the window goes. */
  before({ resourceVersion, uid }: WatchEvent): WatchEvent | undefined {
    if (resourceVersion > this.head) return undefined;
    for (let i = resourceVersion - this.#floor - 2; i >= 0; i--) {
      if (this.#events[i]?.uid === uid) return this.#events[i];
    }
    return undefined;
  }

  /** Events after a version that is not below the floor, at most `limit`. */
  after(version: number, limit = Infinity): readonly WatchEvent[] {
    const from = version - this.#floor;
    return this.#events.slice(from, from + limit);
  }

  /** Events after a version that is not below the floor: up to so many bytes, or one. */
  afterInBytes(version: number, maxBytes: number): readonly WatchEvent[] {
    const from = version - this.#floor;
    let end = from;
    for (let bytes = 0; end < this.#events.length && bytes < maxBytes; end++) {
      bytes += this.#events[end]?.size ?? 0;
    }
    return this.#events.slice(from, end);
  }
}
