import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plant } from './plants/plant.js';
import { runScenario } from './run-scenario.js';
import { scenarioOf } from './scenario/scenario-of-seed.js';
import type { Scenario } from './scenario/scenario.js';
import { shrink } from './scenario/shrink.js';
import { smallRelatives } from './scenario/small-relatives.js';

const TRIES = 400;
const SEEDS_EACH = 4;
const RELATIVES = 400;

/** A story that fails, made as small as could be, and where it is kept with all that happens in it. */
export interface Explanation {
  readonly scenario: Scenario;
  readonly violations: readonly string[];
  readonly scenarioFile: string;
  readonly traceFile: string;
}

/** Shrinks a seed that fails. Undefined when it does not. Writes two files into `directory`. */
export async function explainSeed(
  seed: number,
  options: { readonly directory: string; readonly plant?: Plant },
): Promise<Explanation | undefined> {
  const { directory, plant } = options;
  const run = plant === undefined ? {} : { plant };
  const fails = async (scenario: Scenario): Promise<boolean> =>
    (await runScenario(scenario, run)).violations.length > 0;
  if (!(await fails(scenarioOf(seed)))) return undefined;
  const whole = scenarioOf(seed);
  const begun = (await smallRelative(whole, fails)) ?? whole;
  const scenario = await shrink(begun, fails, { tries: TRIES, seedsEach: SEEDS_EACH });
  const { violations, trace } = await runScenario(scenario, { ...run, keepsTrace: true });
  mkdirSync(directory, { recursive: true });
  const name = plant === undefined ? `seed-${seed}` : `seed-${seed}-${plant.name}`;
  const scenarioFile = join(directory, `${name}.json`);
  const traceFile = join(directory, `${name}.trace`);
  writeFileSync(scenarioFile, `${JSON.stringify(scenario, undefined, 2)}\n`);
  writeFileSync(traceFile, `${trace.join('\n')}\n`);
  return { scenario, violations, scenarioFile, traceFile };
}

async function smallRelative(
  scenario: Scenario,
  fails: (smaller: Scenario) => Promise<boolean>,
): Promise<Scenario | undefined> {
  let left = RELATIVES;
  for (const relative of smallRelatives(scenario)) {
    if (left-- === 0) return undefined;
    if (await fails(relative)) return relative;
  }
  return undefined;
}
