import type { WakeHandler, WakeHint, WakeQueue } from './wake-queue.js';

interface Subscription {
  readonly resources: ReadonlySet<string>;
  readonly handler: WakeHandler;
}

/**
 * Hints within one process: for a control plane in one process, for simulation and tests. Delivers
 * in the next turn of the event loop, each hint to one subscriber in turn, repeated ones once.
 */
export class InProcessQueue implements WakeQueue {
  readonly status = 'connected';
  readonly #subscriptions = new Set<Subscription>();
  readonly #pending = new Map<string, WakeHint>();
  #deliveries = 0;

  publish(keys: readonly WakeHint[]): Promise<void> {
    if (this.#pending.size === 0 && keys.length > 0) setImmediate(() => this.#deliver());
    for (const key of keys) this.#pending.set(`${key.resource}/${key.uid}`, key);
    return Promise.resolve();
  }

  subscribe(resources: readonly string[], handler: WakeHandler): () => void {
    const subscription = { resources: new Set(resources), handler };
    this.#subscriptions.add(subscription);
    return () => this.#subscriptions.delete(subscription);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#subscriptions.clear();
    this.#pending.clear();
    return Promise.resolve();
  }

  #deliver(): void {
    const batches = new Map<Subscription, WakeHint[]>();
    for (const key of this.#pending.values()) {
      const takers = [...this.#subscriptions].filter(({ resources }) =>
        resources.has(key.resource),
      );
      const taker = takers[this.#deliveries++ % Math.max(1, takers.length)];
      if (taker === undefined) continue;
      const batch = batches.get(taker);
      if (batch === undefined) batches.set(taker, [key]);
      else batch.push(key);
    }
    this.#pending.clear();
    for (const [{ handler }, batch] of batches) handler(batch);
  }
}
