import { SeededRandom } from '../kernel/seeded-random.js';
import { CALM, type Scenario, type Strike, type Weather } from './scenario.js';

const MOST_STRIKES = 2;
const EARLY_MS = 12_000;
const FEW = 4;

/**
 * Small stories made of parts of a large one: one person, a few of the strikes at other times, one
 * sort of bad weather. Where leaving out one part after the other moves all others to where they do
 * no harm, one of these may still fail. As many as are asked for, the same for the same story.
 */
export function* smallRelatives(scenario: Scenario): Generator<Scenario> {
  const random = new SeededRandom(scenario.seed);
  if (scenario.scripts.length === 0) return;
  for (;;) {
    const { acts, ...script } = random.pick(scenario.scripts);
    const strikes = Array.from(
      { length: scenario.strikes.length === 0 ? 0 : random.int(MOST_STRIKES + 1) },
      () => sooner(random.pick(scenario.strikes), random),
    );
    yield {
      ...scenario,
      seed: random.int(2 ** 31),
      servers: 1,
      workers: strikes.length > 1 ? scenario.workers : 1,
      scripts: [{ ...script, acts: acts.slice(0, 1 + random.int(acts.length)) }],
      weather: oneOf(scenario.weather, random),
      stormMs: EARLY_MS,
      strikes,
    };
  }
}

/** Earlier, after fewer steps, of a process that is there. */
function sooner(strike: Strike, random: SeededRandom): Strike {
  const moved = { ...strike, atMs: random.int(EARLY_MS) };
  const { process } = moved as { process?: string };
  return {
    ...moved,
    ...(process !== undefined && { process: process.replace(/-\d+$/, '-0') }),
    ...('count' in strike && { count: 1 + random.int(FEW) }),
  } as Strike;
}

function oneOf(weather: Weather, random: SeededRandom): Weather {
  const bad = (Object.keys(weather) as (keyof Weather)[]).filter((key) => weather[key] > 0);
  if (bad.length === 0 || random.chance(0.5)) return CALM;
  const key = random.pick(bad);
  return { ...CALM, [key]: weather[key] };
}
