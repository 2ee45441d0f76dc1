import type { ApiObject } from '../../../sdk/api/object.js';
import type { ObjectStore, StoredObject } from '../object-store.js';
import { change, create, part, remove, widget } from './suite-kinds.js';

const NAMESPACES = ['a', 'b', 'c'] as const;

/** Widgets that come, change and go on several stores, the same for the same seed. */
export class RandomWrites {
  readonly #stores: readonly ObjectStore[];
  readonly #present = new Map<string, StoredObject>();
  #state: number;
  #parts = 0;

  constructor(stores: readonly ObjectStore[], seed: number) {
    this.#stores = stores;
    this.#state = seed;
  }

  pick<Choice>(choices: readonly Choice[]): Choice {
    return choices[this.#below(choices.length)] as Choice;
  }

  /** So many writes, one after the other. */
  async run(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.#write(this.pick(this.#stores));
  }

  async #write(store: ObjectStore): Promise<void> {
    const namespace = this.pick(NAMESPACES);
    const name = `w-${this.#below(12)}`;
    const key = `${namespace}/${name}`;
    const present = this.#present.get(key);
    const fate = this.#below(10);
    if (fate === 0) {
      await create(store, part, `p-${this.#parts++}`);
    } else if (present === undefined) {
      const { labels, spec } = this.#content();
      const made = await create(store, widget, name, { metadata: { namespace, labels }, spec });
      this.#present.set(key, made);
    } else if (fate < 4) {
      await remove(store, widget, present);
      this.#present.delete(key);
    } else {
      const { labels, spec } = this.#content();
      const changed = await change(store, widget, present, (object: ApiObject) => {
        object.metadata.labels = labels;
        object.spec = spec;
      });
      this.#present.set(key, changed);
    }
  }

  #content(): { labels: Record<string, string>; spec: Record<string, unknown> } {
    const room = this.pick(['x', 'y', 'z', undefined]);
    const colour = this.pick(['red', 'blue', undefined]);
    const wheelCount = this.pick([2, 4, undefined]);
    return {
      labels: room === undefined ? {} : { room },
      spec: { ...(colour && { colour }), ...(wheelCount && { wheelCount }), n: this.#below(1_000) },
    };
  }

  /** Mulberry32. */
  #below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * limit);
  }
}
