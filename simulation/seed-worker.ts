import { plants } from './plants/plants.js';
import { runSeed } from './run-seed.js';

/** Sent to a process of the pool. */
export interface SeedOrder {
  readonly seed: number;
  readonly plant?: string;
  /** Play it twice, and look whether it ended the same way. */
  readonly twice: boolean;
}

/** What it answers, one for each order. */
export interface SeedReport {
  readonly seed: number;
  readonly violations: readonly string[];
  readonly digest: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly cpuMs: number;
}

async function play({ seed, plant: name, twice }: SeedOrder): Promise<SeedReport> {
  const plant = plants.find((each) => each.name === name);
  const options = plant === undefined ? {} : { plant };
  const before = process.cpuUsage();
  const { violations, digest, events, virtualMs } = await runSeed(seed, options);
  const { user, system } = process.cpuUsage(before);
  const again = twice ? await runSeed(seed, options) : undefined;
  const isSame = again === undefined || again.digest === digest;
  return {
    seed,
    violations: isSame ? violations : [...violations, 'played again, it went another way'],
    digest,
    events,
    virtualMs,
    cpuMs: (user + system) / 1_000,
  };
}

process.on('message', (order: SeedOrder) => {
  void play(order).then((report) => process.send?.(report));
});
// The terminal tells everybody of Ctrl-C; the pool ends us.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
