import type { Delivery } from '../kernel/network.js';
import type { ScheduledTask, Scheduler } from '../kernel/scheduler.js';
import type { SeededRandom } from '../kernel/seeded-random.js';
import { CALM, type Strike, type Weather } from '../scenario/scenario.js';
import type { SimWorld } from './sim-world.js';

const SLOWEST_MS = 3_000;
const USUAL_MS = 2;

/** The weather and the strikes of a story, until `end`. */
export class Misfortune {
  readonly #random: SeededRandom;
  readonly #strikes: readonly Strike[];
  readonly #pending: ScheduledTask[] = [];
  #weather: Weather;

  constructor(random: SeededRandom, weather: Weather, strikes: readonly Strike[]) {
    this.#random = random;
    this.#weather = weather;
    this.#strikes = strikes;
  }

  get weather(): Weather {
    return this.#weather;
  }

  /** What becomes of the next call. */
  delivery(): Delivery {
    const random = this.#random;
    const { lostRequests, lostAnswers, slowCalls } = this.#weather;
    const lost = random.chance(lostRequests)
      ? 'request'
      : random.chance(lostAnswers)
        ? 'answer'
        : undefined;
    const longestMs = random.chance(slowCalls) ? SLOWEST_MS : USUAL_MS;
    return {
      requestMs: random.between(0.1, longestMs),
      answerMs: random.between(0.1, longestMs),
      ...(lost !== undefined && { lost }),
    };
  }

  /** Strikes, each at its time from now on. */
  begin(world: SimWorld, scheduler: Scheduler): void {
    for (const each of this.#strikes) {
      this.#pending.push(scheduler.after(each.atMs, scheduler.world, () => world.strike(each)));
    }
  }

  /** From now on all is well; whoever was ill recovers, whoever was killed comes back. */
  end(world: SimWorld): void {
    this.#weather = CALM;
    for (const task of this.#pending) task.cancel();
    world.recover();
  }
}
