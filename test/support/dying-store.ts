import { ApiError } from '../../sdk/api/errors.js';
import type { ObjectStore } from '../../server/store/object-store.js';

export interface Death {
  /** So many calls are made before. */
  readonly afterCalls: number;
  /** The last call is made, and its answer lost. */
  readonly isLastMade: boolean;
  /** Which calls count. Default: all. */
  readonly counts?: readonly (keyof ObjectStore)[];
}

const ANSWERED_AT_ONCE: ReadonlySet<keyof ObjectStore> = new Set([
  'onCommit',
  'recall',
  'recallNamed',
]);

/** The way to a store of a process that is killed: from then on no call gets through. */
export class DyingStore {
  readonly store: ObjectStore;
  isDead = false;
  #death: Death | undefined;
  #left = Infinity;

  constructor(store: ObjectStore, death?: Death) {
    if (death !== undefined) this.dieLater(death);
    this.store = new Proxy(store, {
      get: (target, name: keyof ObjectStore) => {
        const method: unknown = target[name];
        if (typeof method !== 'function') return method;
        const bound = (method as (...args: unknown[]) => unknown).bind(target);
        if (ANSWERED_AT_ONCE.has(name)) return bound;
        return (...args: unknown[]) => this.#call(name, () => bound(...args));
      },
    });
  }

  dieLater(death: Death): void {
    this.#death = death;
    this.#left = death.afterCalls;
  }

  kill(): void {
    this.isDead = true;
  }

  async #call(name: keyof ObjectStore, call: () => unknown): Promise<unknown> {
    if (!this.isDead && this.#death?.counts?.includes(name) !== false) {
      this.#left -= 1;
      this.isDead = this.#left < 0;
      if (this.isDead && this.#death?.isLastMade === true) await call();
    }
    if (this.isDead) throw new ApiError('ServiceUnavailable', 'the process is dead');
    return call();
  }
}
