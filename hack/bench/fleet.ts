/**
 * Two and four worker processes share the workloads of many clusters, on PostgreSQL and nats-server;
 * then the same with one of them killed midway. Tells how evenly they shared, what was done twice, and
 * the seconds. `node dist/hack/bench/fleet.js [workloads] [clusters]`; default 1,000 and 20.
 */
import {
  Fleet,
  RESOURCES_OF_WORKLOAD,
  shares,
  takenOver,
  unevenness,
} from '../../test/support/fleet.js';
import { stopTestPostgres } from '../../test/support/postgres.js';
import type { ProcessPlane } from '../../test/support/process-plane.js';
import { startProcessPlane } from '../../test/support/process-plane.js';
import { loadAverage, report, title } from './bench-table.js';
import { cpuMsOf } from './proc.js';

const TIMEOUT_MS = 600_000;

interface Size {
  readonly workloads: number;
  readonly clusters: number;
}

async function measure({ workloads, clusters }: Size, workers: number, kills: boolean) {
  title(
    `${workloads} workloads over ${clusters} clusters, ${workers} workers` +
      (kills ? ', one killed midway' : ''),
  );
  const plane = await startProcessPlane({ clusters, workers });
  try {
    const fleet = await Fleet.open(plane);
    report('load average', loadAverage());
    const startedAt = performance.now();
    const creating = fleet.create(workloads).then(() => performance.now());
    const killedAtMs = kills ? await killMidway(plane, fleet, workloads) : undefined;
    await fleet.reconciled(workloads, TIMEOUT_MS);
    const seconds = (performance.now() - startedAt) / 1_000;
    report('all created after', `${(((await creating) - startedAt) / 1_000).toFixed(1)} s`);
    report(
      'all Reconciled after',
      `${seconds.toFixed(1)} s, ${(workloads / seconds).toFixed(0)}/s`,
    );
    await tell(fleet, workloads, killedAtMs);
    const cpus = plane.workers
      .filter(({ isRunning }) => isRunning)
      .map(({ pid }) => cpuMsOf([pid]));
    report('CPU of each worker', cpus.map((ms) => `${(ms / 1_000).toFixed(1)} s`).join(' / '));
    await fleet.close();
  } finally {
    await plane.stop();
  }
}

/** Answers the time of it. */
async function killMidway(plane: ProcessPlane, fleet: Fleet, workloads: number): Promise<number> {
  await fleet.applied(workloads / 2, TIMEOUT_MS);
  await plane.workers.at(-1)?.kill();
  return Date.now();
}

async function tell(fleet: Fleet, workloads: number, killedAtMs?: number): Promise<void> {
  const changes = await fleet.changes();
  const twice = changes.length - new Set(changes).size;
  report('changes in the clusters', `${changes.length} of ${workloads * RESOURCES_OF_WORKLOAD}`);
  report('  made twice', String(twice));
  report('workloads of which something was sent twice', String(fleet.writtenAgain().size));
  const attempts = await fleet.attempts();
  const before =
    killedAtMs === undefined
      ? attempts
      : attempts.filter(({ startedAt }) => Date.parse(startedAt) < killedAtMs);
  const counts = shares(before);
  report(
    `attempts of each worker${killedAtMs === undefined ? '' : ' until then'}`,
    `${counts.join(' / ')}, ${(unevenness(counts) * 100).toFixed(1)} % from even`,
  );
  if (killedAtMs === undefined) return;
  const late = takenOver(attempts);
  const waits = late.map(({ startedAt }) => Date.parse(startedAt) - killedAtMs);
  const others = attempts.filter(({ name }) => !late.some((each) => each.name === name));
  const othersMs = Math.max(...others.map((each) => Date.parse(each.startedAt) + each.durationMs));
  report('objects that the killed one held', String(late.length));
  report('  taken up again after', `${(Math.max(...waits) / 1_000).toFixed(1)} s`);
  report('all others done after', `${((othersMs - killedAtMs) / 1_000).toFixed(1)} s`);
}

const [workloads = '1000', clusters = '20'] = process.argv.slice(2);
const size = { workloads: Number(workloads), clusters: Number(clusters) };
try {
  for (const workers of [2, 4]) {
    await measure(size, workers, false);
    await measure(size, workers, true);
  }
} finally {
  await stopTestPostgres();
}
