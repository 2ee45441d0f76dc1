import type { WorkKey } from '../../sdk/api/work.js';
import type { WakeHandler, WakeQueue } from '../../sdk/queue/wake-queue.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { KeyedRandom } from '../kernel/keyed-random.js';
import type { SeededRandom } from '../kernel/seeded-random.js';
import type { SimProcess } from '../kernel/sim-process.js';
import type { Weather } from '../scenario/scenario.js';

interface Subscription {
  readonly owner: SimProcess;
  readonly resources: ReadonlySet<string>;
  readonly handler: WakeHandler;
}

const USUAL_MS = 2;
const LATEST_MS = 10_000;

/** The message broker: carries hints, as badly as it is told to. */
export class SimBus {
  readonly #scheduler: Scheduler;
  readonly #random: KeyedRandom;
  readonly #weather: () => Weather;
  readonly #subscriptions = new Set<Subscription>();
  /** While false, nothing is carried and everybody sees that. */
  isUp = true;

  constructor(scheduler: Scheduler, random: SeededRandom, weather: () => Weather) {
    this.#scheduler = scheduler;
    this.#random = new KeyedRandom(random.int(2 ** 32));
    this.#weather = weather;
  }

  /** The queue as a process has it. */
  connect(): WakeQueue {
    const isUp = (): boolean => this.isUp;
    return {
      get status() {
        return isUp() ? 'connected' : 'disconnected';
      },
      publish: async (keys) => {
        for (const key of keys) this.#send(key);
      },
      subscribe: (resources, handler) => {
        const owner = this.#scheduler.current;
        const subscription = { owner, resources: new Set(resources), handler };
        this.#subscriptions.add(subscription);
        owner.onDeath(() => this.#subscriptions.delete(subscription));
        return () => this.#subscriptions.delete(subscription);
      },
      start: async () => undefined,
      stop: async () => undefined,
    };
  }

  #send(key: WorkKey): void {
    if (!this.isUp) return;
    const { lostHints, doubledHints, lateHints } = this.#weather();
    const random = this.#random.next(key.resource);
    const copies = random.chance(lostHints) ? 0 : random.chance(doubledHints) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const isLate = random.chance(lateHints);
      const delayMs = random.between(0, isLate ? LATEST_MS : USUAL_MS);
      this.#scheduler.after(delayMs, this.#scheduler.world, () => this.#deliver(key));
    }
  }

  #deliver(key: WorkKey): void {
    const takers = [...this.#subscriptions].filter(
      ({ owner, resources }) => owner.isAlive && resources.has(key.resource),
    );
    if (takers.length === 0) return;
    const { owner, handler } = this.#random.next('taker').pick(takers);
    this.#scheduler.after(0, owner, () => handler([key]));
  }
}
