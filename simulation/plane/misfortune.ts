import type { Delivery } from '../kernel/network.js';
import type { ScheduledTask, Scheduler } from '../kernel/scheduler.js';
import { KeyedRandom } from '../kernel/keyed-random.js';
import type { SimProcess } from '../kernel/sim-process.js';
import { CALM, type Strike, type Weather } from '../scenario/scenario.js';
import type { SimWorld } from './sim-world.js';

const SLOWEST_MS = 3_000;
const USUAL_MS = 2;

/** The weather and the strikes of a story, until `end`. */
export class Misfortune {
  readonly #random: KeyedRandom;
  readonly #strikes: readonly Strike[];
  readonly #pending: ScheduledTask[] = [];
  #weather: Weather;

  constructor(seed: number, weather: Weather, strikes: readonly Strike[]) {
    this.#random = new KeyedRandom(seed);
    this.#weather = weather;
    this.#strikes = strikes;
  }

  get weather(): Weather {
    return this.#weather;
  }

  /** What becomes of the next call of this kind. */
  delivery(from: SimProcess, to: SimProcess, what: string): Delivery {
    const random = this.#random.next(`${from.name} ${to.name} ${firstWords(what)}`);
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

/** `PATCH /apis/…`, `kube.apply ConfigMap`: without names that are left to chance. */
function firstWords(what: string): string {
  const first = what.indexOf(' ');
  const second = first < 0 ? -1 : what.indexOf(' ', first + 1);
  return second < 0 ? what : what.slice(0, second);
}
