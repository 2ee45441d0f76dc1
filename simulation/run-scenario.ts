import { Scheduler, START_MS } from './kernel/scheduler.js';
import { SeededRandom } from './kernel/seeded-random.js';
import { Trace } from './kernel/trace.js';
import { VirtualGlobals } from './kernel/virtual-globals.js';
import type { Violation } from './oracles/violation.js';
import { Misfortune } from './plane/misfortune.js';
import { SimWorld } from './plane/sim-world.js';
import type { Plant } from './plants/plant.js';
import type { Scenario } from './scenario/scenario.js';
import { Story } from './story.js';

export interface ScenarioResult {
  /** Empty: everything came about as it should. */
  readonly violations: readonly Violation[];
  /** The same for the same scenario, always. */
  readonly digest: string;
  /** How many things happened. */
  readonly events: number;
  readonly virtualMs: number;
  /** All that happened, when it was asked for. */
  readonly trace: readonly string[];
}

export interface RunOptions {
  readonly keepsTrace?: boolean;
  /** A bug to be found. */
  readonly plant?: Plant;
}

/** Plays a scenario to its end, in virtual time. One at a time in a thread. */
export async function runScenario(
  scenario: Scenario,
  options: RunOptions = {},
): Promise<ScenarioResult> {
  const random = new SeededRandom(scenario.seed);
  const scheduler = new Scheduler(random.fork());
  const trace = new Trace(options.keepsTrace ?? false);
  const globals = VirtualGlobals.install(scheduler, random.fork());
  try {
    const misfortune = new Misfortune(random.int(2 ** 32), scenario.weather, scenario.strikes);
    const world = new SimWorld({
      random: random.fork(),
      scheduler,
      trace,
      misfortune,
      servers: scenario.servers,
      workers: scenario.workers,
      resyncs: scenario.resyncs,
      ...(options.plant !== undefined && { plant: options.plant.plant() }),
    });
    const violations = await new Story({ scenario, world, misfortune, scheduler }).play();
    return {
      violations,
      digest: trace.digest(),
      events: trace.length,
      virtualMs: scheduler.nowMs - START_MS,
      trace: trace.lines,
    };
  } finally {
    globals.restore();
  }
}
