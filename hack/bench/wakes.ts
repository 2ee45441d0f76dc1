/**
 * How soon a dependant is looked at after what it depends on has changed: from the answer to the write
 * until its reconciler runs. On PostgreSQL and nats-server, then with the broker away:
 * `node dist/hack/bench/wakes.js [wakes]`.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { JetStreamQueue } from '../../sdk/queue/jetstream-queue.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { done } from '../../sdk/runtime/reconciler.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { testNatsServer } from '../../test/support/nats-server.js';
import { stopTestPostgres, testDatabase } from '../../test/support/postgres.js';
import { startWorkPlane, type WorkPlane } from '../../test/support/work-plane.js';
import { loadAverage, milliseconds, quantile, report, title } from './bench-table.js';

const WAKES = 300;
/** Longer than a wake takes: each is measured by itself. */
const PAUSE_MS = 20;
const GIVE_UP_MS = 10_000;

/** Told of every look at an object, by its uid. */
const looks = new Map<string, () => void>();

function looker(resource: string): Reconciler {
  return {
    resource,
    async reconcile({ metadata: { uid } }) {
      looks.get(uid)?.();
      return done;
    },
  };
}

/** Milliseconds from the end of each change until the dependant is looked at. */
async function measure(
  wakes: number,
  dependant: StoredApiObject,
  change: () => Promise<unknown>,
): Promise<number[]> {
  const figures: number[] = [];
  for (let i = 0; i < wakes; i++) {
    const looked = new Promise<number>((resolve) =>
      looks.set(dependant.metadata.uid, () => resolve(performance.now())),
    );
    await change();
    const changedMs = performance.now();
    const lookedMs = await Promise.race([looked, delay(GIVE_UP_MS, Infinity, { ref: false })]);
    // A look may well come before the writer has its answer.
    figures.push(Math.max(0, lookedMs - changedMs));
    await delay(PAUSE_MS);
  }
  return figures;
}

function tell(what: string, figures: readonly number[]): void {
  report(`${what}: p50`, milliseconds(quantile(figures, 0.5)));
  report(`${what}: p99`, milliseconds(quantile(figures, 0.99)));
}

async function measureAll(plane: WorkPlane, wakes: number): Promise<void> {
  const definition = await plane.create('WorkloadDefinition', {
    name: 'd',
    spec: { yaml: 'a: 0' },
  });
  const owner = await plane.create('Workload', { name: 'w' });
  const instance = await plane.create('WorkloadInstance', {
    name: 'i',
    spec: { definition: 'd' },
    ownerReferences: [
      {
        apiVersion: 'workload.threeport.io/v1alpha1',
        kind: 'Workload',
        name: 'w',
        uid: owner.metadata.uid,
      },
    ],
  });
  await delay(1_000);
  let turn = 0;
  const referrer = await measure(wakes, instance, () =>
    plane.edit(definition, (draft) => (draft.spec = { yaml: `a: ${++turn}` })),
  );
  tell('the referrer of what changed (x-ref)', referrer);
  const owned = await measure(wakes, owner, () =>
    plane.edit(instance, (draft) => (draft.metadata.labels = { turn: String(++turn) })),
  );
  tell('the owner of what changed', owned);
}

async function main(): Promise<void> {
  const wakes = Number(process.argv[2] ?? WAKES);
  const nats = await testNatsServer();
  for (const isAway of [false, true]) {
    const database = await testDatabase();
    const store = new SqlObjectStore({ connectionString: database.url, kinds });
    const queue = new JetStreamQueue({ url: nats.url, name: 'bench', logger: nopLogger });
    const plane = await startWorkPlane({ store, queue });
    if (isAway) await nats.stop();
    await plane.work([
      looker('workloads.workload.threeport.io'),
      looker('workloadinstances.workload.threeport.io'),
    ]);
    title(isAway ? 'the broker is away: by the sweep, once a second' : 'with nats-server');
    report('load average', loadAverage());
    await measureAll(plane, isAway ? Math.ceil(wakes / 10) : wakes);
    await plane.stop();
    await database.drop();
  }
  await nats.remove();
  await stopTestPostgres();
}

await main();
