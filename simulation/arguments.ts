import { parseArgs } from 'node:util';
import { plants } from './plants/plants.js';
import type { Plant } from './plants/plant.js';

/** What was asked for on the command line. */
export interface SimulationArguments {
  /** First seed, and how many. */
  readonly from: number;
  readonly seeds: number;
  readonly jobs: number;
  /** One seed to be played and explained. */
  readonly seed?: number;
  /** A file with a story to be played. */
  readonly scenario?: string;
  readonly plant?: Plant;
  /** Look for every planted bug. */
  readonly plants: boolean;
  readonly help: boolean;
}

export const USAGE = `Plays the whole control plane from seeds: server, workers and clusters in one thread and virtual time,
with crashes, lost messages, hung clusters and clocks that jump. The same seed always ends the same way.

  --seeds N         play so many seeds (default 200)
  --from N          beginning with this one (default 1)
  --jobs N          in so many processes (default 2)
  --seed N          play this one, and shrink it to the smallest story that still fails
  --scenario FILE   play the story in this file, and print all that happens
  --plants          look for every planted bug: each has to be found
  --plant NAME      put this bug in
`;

/** @throws Error that says which argument is no good, and what would be. */
export function readArguments(args: readonly string[]): SimulationArguments {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      jobs: { type: 'string' },
      seed: { type: 'string' },
      scenario: { type: 'string' },
      plant: { type: 'string' },
      plants: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const number = (name: 'seeds' | 'from' | 'jobs' | 'seed', fallback: number): number => {
    const text = values[name];
    if (text === undefined) return fallback;
    if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
    throw new Error(`--${name}: "${text}" is no number from 1 on`);
  };
  const plant = plants.find(({ name }) => name === values.plant);
  if (values.plant !== undefined && plant === undefined) {
    const known = plants.map(({ name }) => name).join(', ');
    throw new Error(`--plant: there is no "${values.plant}"; there are ${known}`);
  }
  return {
    from: number('from', 1),
    seeds: number('seeds', 200),
    jobs: Math.min(number('jobs', 2), 64),
    ...(values.seed !== undefined && { seed: number('seed', 1) }),
    ...(values.scenario !== undefined && { scenario: values.scenario }),
    ...(plant !== undefined && { plant }),
    plants: values.plants,
    help: values.help,
  };
}
