/**
 * What the SQL store does in a second: `node dist/hack/bench/store.js`, on a database of its own, or
 * on the one that the first argument names (its tables are left there).
 */
import { randomUUID } from 'node:crypto';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { StoredObject } from '../../server/store/object-store.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { objectOf, widget } from '../../server/store/suite/suite-kinds.js';
import { stopTestPostgres, testDatabase } from '../../test/support/postgres.js';

const PHASE_MS = 3_000;

async function main(): Promise<void> {
  const [url] = process.argv.slice(2);
  const connectionString = url ?? (await testDatabase()).url;
  const kind: KindDefinition = { ...widget, group: `bench-${randomUUID().slice(0, 8)}.example` };
  let statements = 0;
  const store = new SqlObjectStore({ connectionString, observe: () => void (statements += 1) });
  const began = performance.now();
  await store.start(AbortSignal.timeout(10_000));
  report('start on an empty database', performance.now() - began, 'ms');
  const beforeKind = performance.now();
  await store.addKind(kind);
  report('add a kind', performance.now() - beforeKind, 'ms');

  let made = 0;
  const create = (): Promise<StoredObject> =>
    store.write({ type: 'create', kind, object: sample(kind, `w-${made++}`) });
  const phase = async (
    name: string,
    callers: number,
    call: () => Promise<unknown>,
  ): Promise<void> => {
    statements = 0;
    const start = performance.now();
    let calls = 0;
    const loop = async (): Promise<void> => {
      while (performance.now() - start < PHASE_MS) {
        await call();
        calls += 1;
      }
    };
    await Promise.all(Array.from({ length: callers }, loop));
    const seconds = (performance.now() - start) / 1_000;
    report(`${name}, ${callers} at once`, calls / seconds, '/s');
    report('  calls per statement', calls / statements, '');
  };
  await phase('create', 1, create);
  await phase('create', 64, create);
  await phase('get', 1, () => store.get(kind, 'default', 'w-1'));
  await phase('get', 64, () => store.get(kind, 'default', 'w-1'));
  await phase('list of 500', 1, () => store.list(kind, { limit: 500 }));
  const worker = 'bench';
  await phase('claim and complete', 16, async () => {
    const claims = await store.claim(kind, { worker, leaseMs: 60_000, limit: 1 });
    await store.complete(
      claims.map(({ object, fence }) => ({
        kind,
        uid: object.uid,
        worker,
        fence,
        failures: 0,
      })),
    );
  });
  const changing = await create();
  let last = changing;
  await phase('update', 1, async () => {
    const { uid, resourceVersion: expectedResourceVersion } = last;
    const object = sample(kind, changing.name, uid);
    last = await store.write({ type: 'update', kind, object, expectedResourceVersion });
  });
  await store.stop();
  await stopTestPostgres();
}

/** About 1.5 KB, as a workload instance with its status is. */
function sample(kind: KindDefinition, name: string, uid: string = randomUUID()) {
  return objectOf(kind, name, {
    metadata: { uid, labels: { app: name, tier: 'web' }, annotations: { note: 'n'.repeat(400) } },
    spec: { colour: 'red', gadget: 'g', text: 's'.repeat(500) },
    status: { phase: 'Fine', text: 't'.repeat(300) },
  });
}

function report(what: string, value: number, unit: string): void {
  console.log(`${what.padEnd(32)} ${value.toFixed(1).padStart(9)} ${unit}`);
}

await main();
