import { expect } from 'chai';
import type { LocalPlane } from '../support/local-plane.js';
import { startLocalPlane } from '../support/local-plane.js';
import { MainJob } from '../support/main-job.js';
import type { StatementFault } from '../support/postgres-proxy.js';
import { PostgresProxy } from '../support/postgres-proxy.js';
import { testDatabase, type TestDatabase } from '../support/postgres.js';
import { startTestCluster } from '../support/test-cluster.js';

/** THREEPORT_FAULT_PASSES set: every fault at every statement, rather than one at every third. */
const isWhole = process.env['THREEPORT_FAULT_PASSES'] !== undefined;
const STRIDE = 3;
const LANES = 3;
const FAULTS = (['40001', '40P01', '57P01', '08006'] as const).flatMap((code) =>
  (['before', 'after'] as const).map((when) => ({ code, when })),
);

/** A control plane of its own whose statements can be made to fail. */
interface Lane {
  readonly proxy: PostgresProxy;
  readonly plane: LocalPlane;
  readonly job: MainJob;
  stop(): Promise<void>;
}

describe('each statement of a main job that fails', function () {
  this.timeout(isWhole ? 1_800_000 : 180_000);
  let lanes: Lane[];

  before(async () => {
    lanes = [];
    for (let i = 0; i < LANES; i++) lanes.push(await startLane());
  });
  after(async () => {
    for (const lane of lanes) await lane.stop();
  });

  it('is made good: nothing is lost, nothing is done twice', async function () {
    const [first] = lanes;
    if (first === undefined) throw new Error('no lane');
    await first.job.once('warm');
    first.proxy.arm();
    await first.job.once('counted');
    const { count } = first.proxy;
    const cases = Array.from({ length: count }, (_, i) => i + 1).flatMap((nth) =>
      FAULTS.filter((_, i) => isWhole || nth % (FAULTS.length * STRIDE) === i * STRIDE).map(
        (fault) => ({ ...fault, nth }),
      ),
    );
    const failed = new Map<string, number>();
    let next = 0;
    await Promise.all(
      lanes.map(async (lane) => {
        for (let i = next++; i < cases.length; i = next++) {
          const fault = cases[i] as StatementFault;
          const statement = await fails(lane, fault, i);
          failed.set(statement, (failed.get(statement) ?? 0) + 1);
        }
      }),
    );
    console.log(`      ${cases.length} faults at ${count} statements: ${showCounts(failed)}`);
    // a hasty job needs fewer statements than the one that was counted
    expect(failed.get('none') ?? 0, 'jobs without a fault').to.be.below(cases.length / 4);
  });
});

/** One job with this fault. Answers what was hit. */
async function fails({ proxy, job }: Lane, fault: StatementFault, at: number): Promise<string> {
  const title = `${fault.code} ${fault.when} statement ${fault.nth}`;
  proxy.arm(fault);
  try {
    await job.once(`s${at}`);
    await job.verify();
  } catch (error) {
    throw new Error(`${title}: ${proxy.failed}`, { cause: error });
  }
  const text = proxy.failed;
  proxy.arm();
  if (text === undefined) return 'none';
  return /^(?:COMMIT|BEGIN)|(?<!FOR )\b(?:INSERT INTO|UPDATE|DELETE FROM)\b/.test(text)
    ? 'writes'
    : 'reads';
}

function showCounts(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([what, count]) => `${what} ${count}`).join(', ');
}

async function startLane(): Promise<Lane> {
  const cluster = await startTestCluster('c0');
  const database: TestDatabase = await testDatabase();
  const proxy = new PostgresProxy(database.url);
  const plane = await startLocalPlane({
    databaseUrl: await proxy.start(database.url),
    worker: { leaseMs: 1_000, sweepMs: 200 },
  });
  await cluster.register(plane.client);
  return {
    proxy,
    plane,
    job: new MainJob(plane.client, [cluster]),
    async stop() {
      await plane.stop();
      await proxy.stop();
      await cluster.stop();
      await database.drop();
    },
  };
}
