import { SeededRandom } from '../kernel/seeded-random.js';
import type { Act, Scenario, Script, Strike, Weather } from './scenario.js';

const LONGEST_WAIT_MS = 8_000;
const LONGEST_PAUSE_MS = 40_000;
const LARGEST_SKEW_MS = 5 * 60_000;
const CALLS_TO_DEATH = 60;
/** Strikes go on for about as long as people act. */
const STRIKES_MS = 60_000;

/** The story of a seed. */
export function scenarioOf(seed: number): Scenario {
  const random = new SeededRandom(seed);
  const servers = 1 + random.int(2);
  const workers = 1 + random.int(3);
  return {
    seed,
    servers,
    workers,
    scripts: scriptsOf(random.fork()),
    weather: weatherOf(random.fork()),
    strikes: strikesOf(random.fork(), [
      ...Array.from({ length: servers }, (_, index) => `server-${index}`),
      ...Array.from({ length: workers }, (_, index) => `worker-${index}`),
    ]),
  };
}

function scriptsOf(random: SeededRandom): Script[] {
  const workloads = Array.from({ length: 1 + random.int(2) }, (_, index): Script => {
    const acts = lifeOf(random, 1 + random.int(4), () => 1 + random.int(3));
    return { name: `w${index}`, subject: 'workload', acts };
  });
  const machines: Script[] = random.chance(0.5)
    ? [{ name: 'm0', subject: 'machine', acts: lifeOf(random, 1 + random.int(3), () => 1) }]
    : [];
  const counters = Array.from({ length: random.chance(0.4) ? 2 : 0 }, (_, index): Script => {
    const acts = Array.from({ length: 1 + random.int(4) }, (): Act => {
      return { afterMs: random.between(0, LONGEST_WAIT_MS), do: 'count' };
    });
    return { name: `t${index}`, subject: 'tally', acts };
  });
  return [...workloads, ...machines, ...counters];
}

/** Puts, changes, spoils, removes, puts again. */
function lifeOf(random: SeededRandom, length: number, parts: () => number): Act[] {
  let isThere = false;
  return Array.from({ length }, (_, index): Act => {
    // Some acts follow at once: what is under way is overtaken.
    const afterMs = random.chance(0.3) ? random.between(0, 50) : random.between(0, LONGEST_WAIT_MS);
    const chance = random.next();
    if (isThere && chance < 0.3) {
      isThere = false;
      return { afterMs, do: 'remove' };
    }
    if (isThere && chance < 0.45) {
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
    staleReads: random.pick([0, 0, 0.05]),
    lostHints: random.pick([0, 0.2, 1]),
    doubledHints: random.pick([0, 0.3]),
    lateHints: random.pick([0, 0.3]),
  };
}

function strikesOf(random: SeededRandom, processes: readonly string[]): Strike[] {
  const everyMs = random.pick([4_000, 10_000, 40_000]);
  const strikes: Strike[] = [];
  for (let atMs = random.between(0, 2 * everyMs); atMs < STRIKES_MS;) {
    strikes.push({ atMs: Math.round(atMs), ...strikeOf(random, processes) });
    atMs += random.between(0, 2 * everyMs);
  }
  return strikes;
}

type WithoutTime<T> = T extends unknown ? Omit<T, 'atMs'> : never;

function strikeOf(random: SeededRandom, processes: readonly string[]): WithoutTime<Strike> {
  const process = random.pick(processes);
  switch (random.int(8)) {
    case 0:
      return { strike: 'kill', process, awayMs: Math.round(random.between(100, 10_000)) };
    case 1:
    case 2: {
      const atCall = 1 + random.int(CALLS_TO_DEATH);
      return { strike: 'kill', process, awayMs: Math.round(random.between(100, 5_000)), atCall };
    }
    case 3: {
      const forMs = Math.round(random.between(100, LONGEST_PAUSE_MS));
      return { strike: 'pause', process, forMs };
    }
    case 4:
      return {
        strike: 'kill',
        process: 'database',
        awayMs: Math.round(random.between(100, 5_000)),
      };
    case 5:
      return {
        strike: 'cluster',
        cluster: 'c0',
        health: random.pick(['well', 'refuses', 'hangs', 'slow']),
      };
    case 6: {
      const aheadMs = Math.round(random.between(-LARGEST_SKEW_MS, LARGEST_SKEW_MS));
      return { strike: 'clock', process, aheadMs };
    }
    default:
      return { strike: 'bus', isUp: random.chance(0.5) };
  }
}
