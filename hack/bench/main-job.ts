/**
 * The main job on a fresh embedded control plane: from a Workload's apply to Reconciled=True, and
 * what it costs. `node dist/hack/bench/main-job.js [applications] [idle seconds]`; default 100 and
 * 60. On a busy machine trust the counts and the CPU, and of the times the smallest median.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isConditionTrue } from '../../sdk/api/condition.js';
import type { Workload } from '../../sdk/api/zz_generated.types.js';
import type { Plane } from '../../test/support/plane.js';
import { startPlane } from '../../test/support/plane.js';
import { configMap, deployment, workload } from '../../test/support/workloads.js';
import { bytes, loadAverage, milliseconds, quantile, report, title } from './bench-table.js';
import type { Sample } from './plane-meter.js';
import { PlaneMeter } from './plane-meter.js';
import { WorkloadWatch } from '../../test/support/workload-watch.js';

const ROUNDS = 5;
const BURST = 50;
/** So many until the code that runs is compiled: what is measured is a plane that is in use. */
const WARM_UP = 60;
const SETTLE_TIMEOUT_MS = 60_000;

async function main(applications: number, idleSeconds: number): Promise<void> {
  const requestsDir = await PlaneMeter.makeRequestsDir();
  process.env['BENCH_REQUESTS_DIR'] = requestsDir;
  const preload = new URL('count-requests.js', import.meta.url).href;
  process.env['NODE_OPTIONS'] = `${process.env['NODE_OPTIONS'] ?? ''} --import ${preload}`.trim();
  report('load average', loadAverage());
  const startedAt = performance.now();
  const plane = await startPlane();
  report('tptctl up, with an empty home', milliseconds(performance.now() - startedAt));
  const meter = await PlaneMeter.open(plane, requestsDir);
  const watch = await WorkloadWatch.open(plane.client);
  try {
    for (let i = 0; i < WARM_UP; i++) await applyAndWait(plane, watch, `warm-${i}`);
    await watch.until('all are Ready', SETTLE_TIMEOUT_MS, (all) => all.every(isReady));
    title(`${applications} workloads, each when the one before is Ready`);
    await oneAtATime(plane, meter, watch, applications, 'rest');
    title(`${applications} workloads, each when the one before is Reconciled`);
    await oneAtATime(plane, meter, watch, applications, 'row');
    await atOnce(plane, meter, watch);
    await deletion(plane, meter, watch);
    await idle(plane, meter, idleSeconds);
  } finally {
    watch.close();
    await meter.close();
    await plane.remove();
  }
}

async function oneAtATime(
  plane: Plane,
  meter: PlaneMeter,
  watch: WorkloadWatch,
  applications: number,
  mode: 'rest' | 'row',
): Promise<void> {
  const versions = await versionsOf(meter);
  const claimsBefore = await claimsOf(meter);
  const before = await meter.sample();
  const perRound = Math.ceil(applications / ROUNDS);
  const medians: number[] = [];
  const all: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const times: number[] = [];
    for (let i = 0; i < perRound; i++) {
      const name = `${mode}-${round}-${i}`;
      times.push(await applyAndWait(plane, watch, name));
      if (mode === 'rest') await watch.when(name, isReady);
    }
    medians.push(quantile(times, 0.5));
    all.push(...times);
  }
  await watch.until('all are Ready', SETTLE_TIMEOUT_MS, (workloads) => workloads.every(isReady));
  const after = await meter.sample();
  const count = perRound * ROUNDS;
  report(
    'p50 / p90 / p99',
    [0.5, 0.9, 0.99].map((q) => milliseconds(quantile(all, q))).join(' / '),
  );
  const best = milliseconds(Math.min(...medians));
  report('p50 of a round: least / median', `${best} / ${milliseconds(quantile(medians, 0.5))}`);
  showCost(before, after, count);
  await showRevisions(meter, versions, count);
  const claims = await claimsOf(meter);
  for (const [kind, now] of Object.entries(claims)) {
    report(`  claims of ${kind}`, ((now - (claimsBefore[kind] ?? 0)) / count).toFixed(2));
  }
  report('load average', loadAverage());
}

async function atOnce(plane: Plane, meter: PlaneMeter, watch: WorkloadWatch): Promise<void> {
  title(`${BURST} workloads at once`);
  const before = await meter.sample();
  const names = Array.from({ length: BURST }, (_, i) => `burst-${i}`);
  const startedAt = performance.now();
  await Promise.all(names.map((name) => applyAndWait(plane, watch, name)));
  const seconds = (performance.now() - startedAt) / 1_000;
  report('all Reconciled after', `${seconds.toFixed(2)} s, ${(BURST / seconds).toFixed(1)}/s`);
  await watch.until('all are Ready', SETTLE_TIMEOUT_MS, (all) => all.every(isReady));
  report('all Ready after', `${((performance.now() - startedAt) / 1_000).toFixed(2)} s`);
  showCost(before, await meter.sample(), BURST);
}

async function deletion(plane: Plane, meter: PlaneMeter, watch: WorkloadWatch): Promise<void> {
  title(`${BURST} workloads deleted at once`);
  const versions = await versionsOf(meter);
  const before = await meter.sample();
  const startedAt = performance.now();
  const deletions = Array.from({ length: BURST }, (_, i) =>
    plane.clientset.workloads.delete({ namespace: 'default', name: `burst-${i}` }),
  );
  await Promise.all(deletions);
  await watch.until('they are gone', SETTLE_TIMEOUT_MS, (all) =>
    all.every(({ metadata }) => !metadata.name.startsWith('burst-')),
  );
  report('all gone after', `${((performance.now() - startedAt) / 1_000).toFixed(2)} s`);
  showCost(before, await meter.sample(), BURST);
  await showRevisions(meter, versions, BURST);
}

async function idle(plane: Plane, meter: PlaneMeter, seconds: number): Promise<void> {
  title(`idle, ${seconds} s`);
  const before = await meter.sample();
  const versions = await versionsOf(meter);
  await delay(seconds * 1_000);
  const after = await meter.sample();
  report('load average', loadAverage());
  showCost(before, after, 1);
  await showRevisions(meter, versions, 1);
  for (const [database, { rowWrites }] of Object.entries(after.databases)) {
    for (const [what, now] of Object.entries(rowWrites)) {
      const grown = now - (before.databases[database]?.rowWrites[what] ?? 0);
      if (grown > 0) report(`  ${database}: ${what}`, String(grown));
    }
  }
  report('write-ahead log', bytes(after.walBytes - before.walBytes));
  title('memory, idle: RSS / PSS');
  let [rss, pss] = [0, 0];
  for (const { part, rssBytes, pssBytes, processes } of meter.memory()) {
    report(`${part} (${processes})`, `${bytes(rssBytes)} / ${bytes(pssBytes)}`);
    rss += rssBytes;
    pss += pssBytes;
  }
  report('sum', `${bytes(rss)} / ${bytes(pss)}`);
  report('home', plane.home);
}

/** Milliseconds from sending the apply until the watch says Reconciled=True. */
async function applyAndWait(plane: Plane, watch: WorkloadWatch, name: string): Promise<number> {
  const startedAt = performance.now();
  const reconciled = watch.when(name, (object) =>
    isConditionTrue(object.status?.conditions, 'Reconciled'),
  );
  await plane.clientset.workloads.apply(small(name), { fieldManager: 'bench' });
  return (await reconciled) - startedAt;
}

/** A Deployment, a ConfigMap and a Service. */
function small(name: string): Workload {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
  };
  return workload(name, [deployment('web'), configMap('settings', { colour: 'blue' }), service]);
}

function isReady(object: Workload): boolean {
  return isConditionTrue(object.status?.conditions, 'Ready');
}

async function versionsOf(meter: PlaneMeter): Promise<Record<string, number>> {
  return {
    threeport: await meter.version('threeport'),
    sandbox: await meter.version('sandbox'),
  };
}

async function claimsOf(meter: PlaneMeter): Promise<Record<string, number>> {
  return {
    Workload: await meter.claims('objects_workloads_workload_threeport_io'),
    WorkloadInstance: await meter.claims('objects_workloadinstances_workload_threeport_io'),
  };
}

async function showRevisions(
  meter: PlaneMeter,
  after: Record<string, number>,
  count: number,
): Promise<void> {
  for (const [database, version] of Object.entries(after)) {
    for (const [what, n] of Object.entries(await meter.revisionsAfter(database, version))) {
      report(`  ${database} log: ${what}`, (n / count).toFixed(2));
    }
  }
}

function showCost(before: Sample, after: Sample, count: number): void {
  let cpu = 0;
  for (const [part, now] of Object.entries(after.cpuMs)) {
    const used = now - (before.cpuMs[part] ?? 0);
    cpu += used;
    report(`  CPU of ${part}`, milliseconds(used / count));
  }
  report('CPU', milliseconds(cpu / count));
  for (const [database, now] of Object.entries(after.databases)) {
    const commits = now.commits - (before.databases[database]?.commits ?? 0);
    const revisions = now.revisions - (before.databases[database]?.revisions ?? 0);
    report(`transactions of ${database}`, (commits / count).toFixed(2));
    report(`revisions of ${database}`, (revisions / count).toFixed(2));
  }
  let requests = 0;
  for (const [route, now] of Object.entries(after.requests)) {
    const grown = now - (before.requests[route] ?? 0);
    requests += grown;
    if (grown / count >= 0.05) report(`  ${route}`, (grown / count).toFixed(2));
  }
  report('HTTP requests', (requests / count).toFixed(2));
}

const [applications = '100', idleSeconds = '60'] = process.argv.slice(2);
await main(Number(applications), Number(idleSeconds));
