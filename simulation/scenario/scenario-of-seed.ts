import { SeededRandom } from '../kernel/seeded-random.js';
import type { Act, Scenario, Script, Strike, Weather } from './scenario.js';

const LONGEST_WAIT_MS = 8_000;
const LONGEST_PAUSE_MS = 40_000;
const LARGEST_SKEW_MS = 5 * 60_000;
const CALLS_TO_DEATH = 60;
const LONGEST_STORM_MS = 60_000;

/** The story of a seed. */
export function scenarioOf(seed: number): Scenario {
  const random = new SeededRandom(seed);
  const servers = 1 + random.int(2);
  const workers = 1 + random.int(3);
  // Without it whatever is missed stays missed, and shows.
  const resyncs = random.chance(0.5);
  return {
    seed,
    servers,
    workers,
    resyncs,
    scripts: scriptsOf(random.fork(), resyncs),
    weather: weatherOf(random.fork()),
    stormMs: random.int(LONGEST_STORM_MS),
    strikes: strikesOf(random.fork(), {
      servers: Array.from({ length: servers }, (_, index) => `server-${index}`),
      workers: Array.from({ length: workers }, (_, index) => `worker-${index}`),
    }),
  };
}

function scriptsOf(random: SeededRandom, drifts: boolean): Script[] {
  const workloads = Array.from({ length: 1 + random.int(2) }, (_, index): Script => {
    const acts = lifeOf(random, drifts, () => 1 + random.int(3));
    return { name: `w${index}`, subject: 'workload', acts };
  });
  const machines: Script[] = random.chance(0.5)
    ? [{ name: 'm0', subject: 'machine', acts: lifeOf(random, drifts, () => 1) }]
    : [];
  const counters = Array.from({ length: random.chance(0.4) ? 2 : 0 }, (_, index): Script => {
    const acts = Array.from({ length: 1 + random.int(4) }, (): Act => {
      return { afterMs: random.between(0, LONGEST_WAIT_MS), do: 'count' };
    });
    return { name: `t${index}`, subject: 'tally', acts };
  });
  return [...workloads, ...machines, ...counters];
}

/** Puts, changes, spoils (where somebody looks for that), removes, puts again. */
function lifeOf(random: SeededRandom, drifts: boolean, parts: () => number): Act[] {
  let isThere = false;
  return Array.from({ length: 1 + random.int(4) }, (_, index): Act => {
    // Some acts follow at once: what is under way is overtaken.
    const afterMs = random.chance(0.3) ? random.between(0, 50) : random.between(0, LONGEST_WAIT_MS);
    const chance = random.next();
    if (isThere && chance < 0.3) {
      isThere = false;
      return { afterMs, do: 'remove' };
    }
    if (isThere && drifts && chance < 0.45) {
      return { afterMs, do: 'drift', how: random.chance(0.5) ? 'edit' : 'delete' };
    }
    isThere = true;
    return { afterMs, do: 'put', value: `value-${index}`, parts: parts() };
  });
}

function weatherOf(random: SeededRandom): Weather {
  return {
    lostRequests: random.pick([0, 0.01, 0.05]),
    lostAnswers: random.pick([0, 0.01, 0.05]),
    slowCalls: random.pick([0, 0.02]),
    outsideErrors: random.pick([0, 0.02, 0.1]),
    lostHints: random.pick([0, 0.2, 1]),
    doubledHints: random.pick([0, 0.3]),
    lateHints: random.pick([0, 0.3]),
  };
}

function strikesOf(random: SeededRandom, processes: Processes): Strike[] {
  const everyMs = random.pick([4_000, 10_000, 40_000]);
  const strikes: Strike[] = [];
  for (let atMs = random.between(0, 2 * everyMs); atMs < LONGEST_STORM_MS;) {
    strikes.push({ atMs: Math.round(atMs), ...strikeOf(random, processes) });
    atMs += random.between(0, 2 * everyMs);
  }
  return strikes;
}

interface Processes {
  readonly servers: readonly string[];
  readonly workers: readonly string[];
}

type WithoutTime<T> = T extends unknown ? Omit<T, 'atMs'> : never;

function strikeOf(random: SeededRandom, { servers, workers }: Processes): WithoutTime<Strike> {
  const process = random.pick([...servers, ...workers]);
  switch (random.int(9)) {
    case 0:
      return { strike: 'kill', process, awayMs: Math.round(random.between(100, 10_000)) };
    case 1: {
      const count = 1 + random.int(CALLS_TO_DEATH);
      return {
        strike: 'kill',
        process,
        awayMs: Math.round(random.between(100, 5_000)),
        at: 'call',
        count,
      };
    }
    case 2: {
      const awayMs = Math.round(random.between(100, 20_000));
      return {
        strike: 'kill',
        process: random.pick(workers),
        awayMs,
        at: 'effect',
        count: 1 + random.int(4),
      };
    }
    case 3:
      return { strike: 'pause', process, forMs: Math.round(random.between(100, LONGEST_PAUSE_MS)) };
    case 4:
      return {
        strike: 'kill',
        process: 'database',
        awayMs: Math.round(random.between(100, 5_000)),
      };
    case 5:
    case 6: {
      const health = random.pick(['refuses', 'hangs', 'slow', 'slow'] as const);
      return {
        strike: 'cluster',
        health,
        forMs: Math.round(random.between(100, LONGEST_PAUSE_MS)),
      };
    }
    case 7: {
      const aheadMs = Math.round(random.between(-LARGEST_SKEW_MS, LARGEST_SKEW_MS));
      return { strike: 'clock', process, aheadMs };
    }
    default:
      return { strike: 'bus', forMs: Math.round(random.between(100, LONGEST_PAUSE_MS)) };
  }
}
