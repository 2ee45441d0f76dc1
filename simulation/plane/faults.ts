import type { Delivery } from '../kernel/network.js';
import type { Scheduler } from '../kernel/scheduler.js';
import type { SeededRandom } from '../kernel/seeded-random.js';
import type { HintFaults } from './sim-bus.js';
import type { SimWorld } from './sim-world.js';

/** How rough a seed is. Each probability is drawn anew for each seed. */
export interface FaultPlan {
  readonly lostRequests: number;
  readonly lostAnswers: number;
  readonly slowCalls: number;
  readonly hints: HintFaults;
  /** Mean time between two strikes against a process, a cluster, the bus or a clock. */
  readonly strikeEveryMs: number;
}

const CALM: FaultPlan = {
  lostRequests: 0,
  lostAnswers: 0,
  slowCalls: 0,
  hints: { lost: 0, doubled: 0, late: 0 },
  strikeEveryMs: Infinity,
};
const SLOWEST_MS = 3_000;
const LONGEST_PAUSE_MS = 40_000;
const LARGEST_SKEW_MS = 5 * 60_000;

/** What goes wrong, and when it stops going wrong. */
export class Faults {
  readonly #random: SeededRandom;
  readonly #plan: FaultPlan;
  #isOn = true;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.#plan = {
      lostRequests: random.pick([0, 0.01, 0.05]),
      lostAnswers: random.pick([0, 0.01, 0.05]),
      slowCalls: random.pick([0, 0.02]),
      hints: {
        lost: random.pick([0, 0.2, 1]),
        doubled: random.pick([0, 0.3]),
        late: random.pick([0, 0.3]),
      },
      strikeEveryMs: random.pick([5_000, 15_000, 60_000]),
    };
  }

  get hints(): HintFaults {
    return this.#current.hints;
  }

  delivery(): Delivery {
    const random = this.#random;
    const { lostRequests, lostAnswers, slowCalls } = this.#current;
    const lost = random.chance(lostRequests)
      ? 'request'
      : random.chance(lostAnswers)
        ? 'answer'
        : undefined;
    const longestMs = random.chance(slowCalls) ? SLOWEST_MS : 2;
    return {
      requestMs: random.between(0.1, longestMs),
      answerMs: random.between(0.1, longestMs),
      ...(lost !== undefined && { lost }),
    };
  }

  /** Strikes from now on, until `stop`. */
  start(world: SimWorld, scheduler: Scheduler): void {
    const { strikeEveryMs } = this.#current;
    scheduler.after(this.#random.between(0, 2 * strikeEveryMs), scheduler.world, () => {
      if (!this.#isOn) return;
      this.#strike(world, scheduler);
      this.start(world, scheduler);
    });
  }

  /** From now on all is well, and whoever was away or ill is back. */
  stop(world: SimWorld): void {
    this.#isOn = false;
    world.bus.isUp = true;
    for (const cluster of world.clusters) cluster.health = 'well';
    for (const { process } of world.members) process.skewMs = 0;
  }

  get #current(): FaultPlan {
    return this.#isOn ? this.#plan : CALM;
  }

  #strike(world: SimWorld, scheduler: Scheduler): void {
    const random = this.#random;
    const { process, name } = random.pick(world.members);
    switch (random.int(6)) {
      case 0:
      case 1:
        world.kill(name, random.between(100, 10_000));
        return;
      case 2:
        process.pausedUntilMs = scheduler.nowMs + random.between(100, LONGEST_PAUSE_MS);
        return;
      case 3:
        world.kill('database', random.between(100, 5_000));
        return;
      case 4: {
        const cluster = random.pick(world.clusters);
        cluster.health = random.pick(['well', 'refuses', 'hangs']);
        return;
      }
      default:
        if (random.chance(0.5)) world.bus.isUp = !world.bus.isUp;
        else process.skewMs = random.between(-LARGEST_SKEW_MS, LARGEST_SKEW_MS);
    }
  }
}
