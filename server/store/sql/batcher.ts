import { ApiError } from '../../../sdk/api/errors.js';

/** Lets at most so many tasks run at once; the others wait in order. */
export class Lane {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(width: number) {
    this.#free = width;
  }

  async run<Result>(task: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}

export interface BatcherOptions<Item, Answer> {
  /** Answers item by item; an Error is that item's own. When it throws, all items fail with that. */
  readonly run: (items: readonly Item[]) => Promise<readonly (Answer | Error)[]>;
  /** Items with equal keys never share a batch. */
  readonly keyOf: (item: Item) => string;
  readonly sizeOf: (item: Item) => number;
  readonly lane: Lane;
}

interface Pending<Item, Answer> {
  readonly item: Item;
  readonly since: number;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

const MAX_BATCH_ITEMS = 200;
const MAX_BATCH_CHARACTERS = 4_000_000;
/** Who waited longer is refused: the database hangs, and others wait behind. */
const MAX_WAIT_MS = 5_000;

/**
 * Gathers single calls into batches: whatever comes in one turn of the event loop, or while the
 * batch before is on its way, goes together. Batches of one batcher never overlap.
 */
export class Batcher<Item, Answer> {
  readonly #options: BatcherOptions<Item, Answer>;
  #queue: Pending<Item, Answer>[] = [];
  #running = false;

  constructor(options: BatcherOptions<Item, Answer>) {
    this.#options = options;
  }

  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ item, since: Date.now(), resolve, reject });
      if (this.#running) return;
      this.#running = true;
      setImmediate(() => void this.#drain());
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      await this.#options.lane.run(async () => {
        this.#refuseLate();
        const batch = this.#take();
        if (batch.length === 0) return;
        try {
          const answers = await this.#options.run(batch.map(({ item }) => item));
          batch.forEach(({ resolve, reject }, i) => {
            const answer = answers[i];
            if (answer instanceof Error) reject(answer);
            else resolve(answer as Answer);
          });
        } catch (error) {
          for (const { reject } of batch) reject(error);
        }
      });
    }
    this.#running = false;
  }

  #refuseLate(): void {
    const oldest = Date.now() - MAX_WAIT_MS;
    for (const { since, reject } of this.#queue) {
      if (since < oldest) {
        reject(new ApiError('ServiceUnavailable', 'the database is too busy; nothing was written'));
      }
    }
    this.#queue = this.#queue.filter(({ since }) => since >= oldest);
  }

  #take(): Pending<Item, Answer>[] {
    const { keyOf, sizeOf } = this.#options;
    const keys = new Set<string>();
    const batch: Pending<Item, Answer>[] = [];
    const left: Pending<Item, Answer>[] = [];
    let size = 0;
    for (const pending of this.#queue) {
      const key = keyOf(pending.item);
      const full =
        batch.length >= MAX_BATCH_ITEMS || (batch.length > 0 && size > MAX_BATCH_CHARACTERS);
      if (full || keys.has(key)) {
        left.push(pending);
        // A later item must not overtake an earlier one with its key.
        keys.add(key);
        continue;
      }
      keys.add(key);
      size += sizeOf(pending.item);
      batch.push(pending);
    }
    this.#queue = left;
    return batch;
  }
}
