/**
 * What the journal costs: from a Workload's apply to Reconciled=True, with its effects not told, told
 * with the completion (as it is), and each told before its call as well (strict write-ahead). One plane
 * over a durable PostgreSQL and HTTP, a cluster in memory that answers at once: with a real one the
 * shares are smaller. `node dist/hack/bench/journal.js [workloads of a turn] [turns]`, default 20 and 12.
 */
import { chmodSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, type Client } from '../../client/index.js';
import { isConditionTrue } from '../../sdk/api/condition.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import { withMethods } from '../../sdk/ports/with-methods.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import { createReconcilers } from '../../reconcilers/reconcilers.js';
import { createControlPlane } from '../../server/control-plane.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { FakeCluster } from '../../simulation/fakes/fake-cluster.js';
import { registerCluster } from '../../simulation/people/register-cluster.js';
import { configMap, deployment, workload } from '../../test/support/workloads.js';
import { startPostgres } from '../../tptctl/embedded/postgres.js';
import { preparePostgresPlace } from '../../tptctl/embedded/postgres-place.js';
import { loadAverage, milliseconds, quantile, report, title } from './bench-table.js';
import { WorkloadWatch } from '../../test/support/workload-watch.js';

const MODES = ['off', 'with the completion', 'ahead of each call'] as const;
type Mode = (typeof MODES)[number];

const { signal } = new AbortController();

async function main(workloads: number, turns: number): Promise<void> {
  const home = await mkdtemp(join(tmpdir(), 'threeport-bench-pg-'));
  chmodSync(home, 0o755);
  const place = await preparePostgresPlace({
    homeDir: home,
    searchPath: process.env['PATH'] ?? '',
  });
  const postgres = await startPostgres({
    ...place,
    databases: ['bench'],
    log: () => undefined,
    env: process.env,
  });
  try {
    await measure(postgres.url('bench'), workloads, turns);
  } finally {
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function measure(url: string, workloads: number, turns: number): Promise<void> {
  const queue = new InProcessQueue();
  const plane = createControlPlane({
    store: new SqlObjectStore({ connectionString: url, kinds }),
    queue,
    authenticator: { authenticate: () => ({ name: 'bench', groups: ['system:masters'] }) },
    logger: nopLogger,
    version: '0.0.0',
    listen: { host: '127.0.0.1', port: 0 },
  });
  await plane.start(signal);
  const client = createClient({ server: plane.address });
  let mode: Mode = 'off';
  const cluster = new FakeCluster();
  const ahead = new WriteAhead(client);
  const reconcilers = createReconcilers({
    client: withMethods(client, {
      complete({ journal, ...request }, options) {
        const told = mode === 'off' || journal === undefined ? {} : { journal };
        return client.complete({ ...request, ...told }, options);
      },
    }),
    queue,
    kube: () => (mode === 'ahead of each call' ? ahead.before(cluster) : cluster),
    logger: nopLogger,
  });
  await reconcilers.start(signal);
  await registerCluster(client, 'bench');
  const watch = await WorkloadWatch.open(client);
  const times: Record<string, number[]> = {};
  const cpus: Record<string, number[]> = {};
  let count = 0;
  const turn = async (): Promise<void> => {
    const before = process.cpuUsage();
    for (let i = 0; i < workloads; i++) {
      (times[mode] ??= []).push(await applyAndWait(client, watch, `w-${++count}`));
    }
    const { user, system } = process.cpuUsage(before);
    (cpus[mode] ??= []).push((user + system) / 1_000 / workloads);
  };
  for (let i = 0; i < turns + 2; i++) {
    // The first two are for the code to be compiled.
    if (i === 2) for (const figures of [times, cpus]) for (const one of MODES) figures[one] = [];
    // Each goes first, second and last as often as the others.
    for (let k = 0; k < MODES.length; k++) {
      mode = MODES[(i + k) % MODES.length] ?? 'off';
      await turn();
    }
  }
  show(times, cpus);
  watch.close();
  await reconcilers.stop();
  client.close();
  await plane.stop();
}

function show(times: Record<string, number[]>, cpus: Record<string, number[]>): void {
  title(`from apply to Reconciled, ${times['off']?.length} workloads each`);
  const base = { p50: quantile(times['off'] ?? [], 0.5), cpu: quantile(cpus['off'] ?? [], 0.5) };
  for (const mode of MODES) {
    const [p50, cpu] = [quantile(times[mode] ?? [], 0.5), quantile(cpus[mode] ?? [], 0.5)];
    report(`journal ${mode}: p50`, `${milliseconds(p50)} ${share(p50, base.p50)}`);
    report(
      `journal ${mode}: CPU of server and worker`,
      `${milliseconds(cpu)} ${share(cpu, base.cpu)}`,
    );
  }
  report('load average', loadAverage());
}

function share(figure: number, base: number): string {
  return `${((figure / base - 1) * 100).toFixed(1)} %`.padStart(8);
}

/** Tells the server of every write before it is made; what is made at once is told at once. */
class WriteAhead {
  readonly #client: Client;
  #sequence = 0;
  #waiting: (() => void)[] = [];

  constructor(client: Client) {
    this.#client = client;
  }

  before(cluster: KubePort): KubePort {
    return withMethods(cluster, {
      apply: async (object) => {
        await this.#tell();
        return cluster.apply(object);
      },
    });
  }

  #tell(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.length === 0) setImmediate(() => void this.#send());
      this.#waiting.push(resolve);
    });
  }

  async #send(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    const journal = waiting.map(() => ({
      uid: 'write-ahead',
      fence: 1,
      sequence: ++this.#sequence,
      resource: 'workloadinstances.workload.threeport.io',
      name: 'w',
      generation: 1,
      foundVersion: '1',
      port: 'kube',
      place: 'bench',
      nature: 'update' as const,
      operation: 'apply',
      target: 'apps/v1 Deployment default/web',
      outcome: 'ok' as const,
      startedAt: new Date().toISOString(),
    }));
    await this.#client.complete({ worker: 'bench', completions: [], journal });
    for (const resolve of waiting) resolve();
  }
}

async function applyAndWait(client: Client, watch: WorkloadWatch, name: string): Promise<number> {
  const startedAt = performance.now();
  const reconciled = watch.when(name, ({ status }) =>
    isConditionTrue(status?.conditions, 'Reconciled'),
  );
  const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } };
  const manifests = [deployment('web'), configMap('settings', { colour: 'blue' }), service];
  await client.apply(workload(name, manifests), { fieldManager: 'bench' });
  return (await reconciled) - startedAt;
}

const [workloads = '20', turns = '12'] = process.argv.slice(2);
await main(Number(workloads), Number(turns));
