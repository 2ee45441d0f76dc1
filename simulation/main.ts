import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readArguments, USAGE, type SimulationArguments } from './arguments.js';
import { explainSeed } from './explain-seed.js';
import { plants } from './plants/plants.js';
import { runScenario } from './run-scenario.js';
import type { Scenario } from './scenario/scenario.js';
import { playSeeds } from './seed-pool.js';
import type { SeedOrder } from './seed-worker.js';

/** Beside the compiled code, which nobody keeps. */
const FAILURES = fileURLToPath(new URL('../simulation-failures', import.meta.url));
/** One of so many is played twice. */
const TWICE_EVERY = 50;
const MOST_FAILURES = 5;

// Whoever reads has gone.
process.stdout.on('error', () => process.exit(1));

const interrupted = new AbortController();
process.on('SIGINT', () => interrupted.abort());

function* ordersOf({ from, seeds, plant }: SimulationArguments): Generator<SeedOrder> {
  for (let seed = from; seed < from + seeds; seed++) {
    const twice = (seed - from) % TWICE_EVERY === 0;
    yield { seed, twice, ...(plant !== undefined && { plant: plant.name }) };
  }
}

/** @returns whether all went well. */
async function playMany(wanted: SimulationArguments): Promise<boolean> {
  const beganMs = Date.now();
  const failed: number[] = [];
  let [played, cpuMs, virtualMs, events] = [0, 0, 0, 0];
  const { signal } = interrupted;
  for await (const report of playSeeds(ordersOf(wanted), { jobs: wanted.jobs, signal })) {
    played += 1;
    cpuMs += report.cpuMs;
    virtualMs += report.virtualMs;
    events += report.events;
    if (report.violations.length > 0) {
      failed.push(report.seed);
      console.log(`\nseed ${report.seed} failed:\n${listed(report.violations)}`);
      if (failed.length >= MOST_FAILURES) break;
    }
    progress(played, wanted.seeds);
  }
  const seconds = ((Date.now() - beganMs) / 1_000).toFixed(1);
  console.log(
    `\n${played} seeds, ${failed.length} failed, in ${seconds} s ` +
      `(${(cpuMs / Math.max(1, played)).toFixed(0)} ms of CPU a seed, ` +
      `${(virtualMs / 3_600_000).toFixed(0)} hours of virtual time, ${events} events)`,
  );
  const [first] = failed;
  if (first !== undefined) await explain({ ...wanted, seed: first });
  return failed.length === 0 && played === wanted.seeds;
}

/** @returns whether it ended well. */
async function explain(wanted: SimulationArguments & { readonly seed: number }): Promise<boolean> {
  const { seed, plant } = wanted;
  console.log(`seed ${seed}: looking for the smallest story that fails`);
  const options = plant === undefined ? {} : { plant };
  const found = await explainSeed(seed, { directory: FAILURES, ...options });
  if (found === undefined) {
    console.log(`seed ${seed} ends well`);
    return true;
  }
  console.log(`${listed(found.violations)}\n${JSON.stringify(found.scenario, undefined, 1)}`);
  console.log(`all that happens: ${found.traceFile}`);
  const bug = plant === undefined ? '' : ` --plant ${plant.name}`;
  console.log(`once more: node dist/simulation/main.js --scenario ${found.scenarioFile}${bug}`);
  return false;
}

/** @returns whether it ended well. */
async function playFile(file: string, { plant }: SimulationArguments): Promise<boolean> {
  const scenario = JSON.parse(readFileSync(file, 'utf8')) as Scenario;
  const options = { keepsTrace: true, ...(plant !== undefined && { plant }) };
  const { trace, violations, digest } = await runScenario(scenario, options);
  console.log(trace.join('\n'));
  console.log(
    violations.length === 0 ? `ends well (${digest})` : `${listed(violations)}\n${digest}`,
  );
  return violations.length === 0;
}

/** @returns whether each was found. */
async function findPlants(wanted: SimulationArguments): Promise<boolean> {
  let missed = 0;
  for (const plant of plants) {
    const orders = ordersOf({ ...wanted, plant });
    let found: string | undefined;
    for await (const report of playSeeds(orders, {
      jobs: wanted.jobs,
      signal: interrupted.signal,
    })) {
      if (report.violations.length === 0) continue;
      found = `seed ${report.seed}: ${report.violations[0]}`;
      break;
    }
    if (interrupted.signal.aborted) return false;
    if (found === undefined) missed += 1;
    console.log(`${found === undefined ? 'MISSED' : 'found '} ${plant.name}: ${plant.bug}`);
    if (found !== undefined) console.log(`         ${found}`);
  }
  console.log(`${plants.length - missed} of ${plants.length} planted bugs found`);
  return missed === 0;
}

function progress(played: number, seeds: number): void {
  if (process.stdout.isTTY) process.stdout.write(`\r${played} of ${seeds} seeds `);
  else if (played % 500 === 0) console.log(`${played} of ${seeds} seeds`);
}

function listed(violations: readonly string[]): string {
  return [...new Set(violations)].map((violation) => `  ${violation}`).join('\n');
}

async function main(): Promise<boolean> {
  const wanted = readArguments(process.argv.slice(2));
  if (wanted.help) {
    console.log(USAGE);
    return true;
  }
  if (wanted.scenario !== undefined) return playFile(wanted.scenario, wanted);
  if (wanted.plants) return findPlants(wanted);
  const { seed } = wanted;
  return seed === undefined ? playMany(wanted) : explain({ ...wanted, seed });
}

try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  console.error(`simulation: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
process.exit();
