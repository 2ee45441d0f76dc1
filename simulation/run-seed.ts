import { Scheduler, START_MS } from './kernel/scheduler.js';
import { SeededRandom } from './kernel/seeded-random.js';
import { Trace } from './kernel/trace.js';
import { VirtualGlobals } from './kernel/virtual-globals.js';
import { Faults } from './plane/faults.js';
import { unmetWishes, type Violation } from './plane/oracles.js';
import { Person, registerCluster } from './plane/people.js';
import { SimWorld } from './plane/sim-world.js';

export interface SeedResult {
  readonly seed: number;
  /** Empty: everything came about as it should. */
  readonly violations: readonly Violation[];
  /** The same for the same seed, always. */
  readonly digest: string;
  readonly events: number;
  readonly virtualMs: number;
  readonly trace: readonly string[];
}

const LONGEST_STORY_MS = 30 * 60_000;
const SETTLE_MS = 3 * 60_000;
const LOOK_MS = 2_000;
/** Events are written a little after the work they tell of. */
const LAST_WORDS_MS = 15_000;
const QUIET_MS = 3 * 60_000;

/** Plays one seed to its end: a story with faults, then calm, then silence. */
export async function runSeed(
  seed: number,
  options: { readonly keepsTrace?: boolean } = {},
): Promise<SeedResult> {
  const random = new SeededRandom(seed);
  const scheduler = new Scheduler(random.fork());
  const trace = new Trace(options.keepsTrace ?? false);
  const globals = VirtualGlobals.install(scheduler, random.fork());
  try {
    const violations = await play(random, scheduler, trace);
    return {
      seed,
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

async function play(
  random: SeededRandom,
  scheduler: Scheduler,
  trace: Trace,
): Promise<Violation[]> {
  const faults = new Faults(random.fork());
  const world = new SimWorld({
    random: random.fork(),
    scheduler,
    trace,
    weather: () => faults.delivery(),
    hintFaults: () => faults.hints,
    servers: 1 + random.int(2),
    workers: 1 + random.int(3),
    clusters: 1,
  });
  const people = Array.from(
    { length: 1 + random.int(3) },
    (_, index) => new Person(world.client, random.fork(), `w${index}`),
  );
  const violations: Violation[] = [];

  let isTold = false;
  const story = async (): Promise<void> => {
    await Promise.all(world.clusters.map(({ name }) => registerCluster(world.client, name)));
    faults.start(world, scheduler);
    await Promise.all(people.map((person) => person.act(1 + random.int(4))));
  };
  scheduler.after(0, scheduler.world, () => {
    story().then(
      () => (isTold = true),
      (error: unknown) => {
        violations.push(`the story broke off: ${String(error)}`);
        isTold = true;
      },
    );
  });
  const told = await scheduler.run(() => isTold, START_MS + LONGEST_STORY_MS);
  if (told !== 'done') violations.push('nobody was answered any more');
  faults.stop(world);

  const unmet = (): Promise<Violation[]> =>
    unmetWishes(
      world.store,
      world.clusters,
      people.map(({ wish }) => wish),
    );
  const giveUpAtMs = scheduler.nowMs + SETTLE_MS;
  let left = await unmet();
  while (left.length > 0 && scheduler.nowMs < giveUpAtMs) {
    await scheduler.run(() => false, scheduler.nowMs + LOOK_MS);
    left = await unmet();
  }
  violations.push(...left);

  // Nothing changes any more: nothing is written.
  await scheduler.run(() => false, scheduler.nowMs + LAST_WORDS_MS);
  const before = await writesOf(world);
  await scheduler.run(() => false, scheduler.nowMs + QUIET_MS);
  const after = await writesOf(world);
  if (before !== after) violations.push(`written in the silence: ${before} -> ${after}`);
  return violations;
}

async function writesOf(world: SimWorld): Promise<string> {
  const changes = world.clusters.map((cluster) => cluster.changes);
  return `${await world.store.currentVersion()} revisions, ${changes} changes`;
}
