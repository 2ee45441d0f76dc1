import { chmodSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'nats';
import { Client } from 'pg';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { resourceName } from '../../sdk/api/kind.js';
import { wakeSubject } from '../../sdk/queue/wake-subject.js';
import { preparePostgresPlace } from '../../tptctl/embedded/postgres-place.js';
import { startPostgres, type RunningPostgres } from '../../tptctl/embedded/postgres.js';
import { MainJob } from '../support/main-job.js';
import type { ProcessPlane } from '../support/process-plane.js';
import { startProcessPlane } from '../support/process-plane.js';

/** What fails here runs for a while beside the main job, which has to get by. */
describe('PostgreSQL and nats-server that fail under a main job', function () {
  this.timeout(90_000);
  let homeDir: string;
  let postgres: RunningPostgres;
  let start: () => Promise<RunningPostgres>;
  let plane: ProcessPlane;
  let job: MainJob;

  before(async () => {
    homeDir = await mkdtemp(join(tmpdir(), 'threeport-faults-pg-'));
    chmodSync(homeDir, 0o755);
    const place = await preparePostgresPlace({ homeDir, searchPath: process.env['PATH'] ?? '' });
    const databases = ['threeport'];
    start = () => startPostgres({ ...place, databases, log: () => undefined, env: process.env });
    postgres = await start();
    plane = await startProcessPlane({ databaseUrl: postgres.url('threeport'), leaseMs: 1_000 });
    job = new MainJob(plane.client, plane.clusters);
    await job.once('first');
  });
  after(async () => {
    await plane?.stop();
    await postgres?.stop();
    rmSync(homeDir, { recursive: true, force: true });
  });

  /** Runs jobs until the fault has been done to them and is over. */
  async function during(prefix: string, fault: () => Promise<void>): Promise<void> {
    const done = new AbortController();
    const running = job.run(prefix, done.signal);
    try {
      await Promise.race([fault(), running]);
    } finally {
      done.abort();
      await running;
    }
    await job.verify();
  }

  const progress = (name: string): Promise<void> => job.once(name);

  it('PostgreSQL is stopped at once and started again, three times', () =>
    during('pg', async () => {
      for (let i = 0; i < 3; i++) {
        process.kill(postgres.pid, 'SIGQUIT');
        await postgres.exited;
        postgres = await start();
        await progress(`pg-after-${i}`);
      }
    }));

  it('all connections to PostgreSQL are cut, ten times', () =>
    during('cut', async () => {
      const admin = new Client({ connectionString: postgres.url('postgres') });
      await admin.connect();
      for (let i = 0; i < 10; i++) {
        await admin.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'threeport'`,
        );
        if (i % 3 === 0) await progress(`cut-after-${i}`);
      }
      await admin.end();
    }));

  it('nats-server is full of hints for objects that are gone, twice over', async function () {
    const { nats } = plane;
    if (nats === undefined) return this.skip();
    const connection = await connect(nats.connection);
    const subjects = kinds
      .filter(({ reconciled }) => reconciled !== undefined)
      .flatMap((kind) =>
        Array.from({ length: 1_000 }, (_, i) => wakeSubject(resourceName(kind), `gone-${i}`)),
      );
    await during('old', async () => {
      for (let times = 0; times < 2; times++) {
        for (const subject of subjects) connection.publish(subject);
        await connection.flush();
        await progress(`old-after-${times}`);
      }
    });
    await connection.close();
  });

  it('nats-server is killed, its store wiped, and it is away for good', async function () {
    const { nats } = plane;
    if (nats === undefined) return this.skip();
    await during('away', async () => {
      process.kill(nats.pid, 'SIGKILL');
      await progress('killed');
      await nats.stop();
      rmSync(join(nats.dir, 'jetstream'), { recursive: true, force: true });
      await nats.start();
      await progress('wiped');
      await nats.stop();
      await progress('away-for-good');
    });
  });
});
