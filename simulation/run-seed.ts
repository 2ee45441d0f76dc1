import { runScenario, type RunOptions, type ScenarioResult } from './run-scenario.js';
import { scenarioOf } from './scenario/scenario-of-seed.js';

/** Plays the story of a seed. */
export function runSeed(seed: number, options: RunOptions = {}): Promise<ScenarioResult> {
  return runScenario(scenarioOf(seed), options);
}
