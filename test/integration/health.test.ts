import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { Client } from 'pg';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';
import { testDatabase } from '../support/postgres.js';

/** A store that can be read, and written only while nothing is wrong. */
class FaultyStore extends MemoryObjectStore {
  fault: 'none' | 'read-only' | 'hangs' = 'none';
  readonly #hanging = new Set<() => void>();

  mend(): void {
    this.fault = 'none';
    for (const resume of this.#hanging) resume();
  }

  override async setCursor(name: string, version: number): Promise<void> {
    if (this.fault === 'hangs') await new Promise<void>((resume) => this.#hanging.add(resume));
    if (this.fault === 'read-only') throw new ApiError('ServiceUnavailable', 'read-only');
    await super.setCursor(name, version);
  }
}

describe('health', function () {
  this.timeout(30_000);

  describe('of a server whose store has faults', () => {
    let world: ApiWorld;
    let store: FaultyStore;

    before(async () => {
      store = new FaultyStore({ kinds });
      world = await startApiWorld({ store });
    });
    after(() => world.stop());

    const good: readonly (readonly [path: string, as: 'admin' | '', want: string | RegExp])[] = [
      ['/healthz', '', 'ok'],
      ['/livez', '', 'ok'],
      ['/readyz', '', 'ok'],
      ['/livez?verbose', '', '[+]ping ok\nlivez check passed\n'],
      ['/readyz?verbose', '', /^\[\+\]ping ok\n\[\+\]store-read ok\n\[\+\]store-write ok\n/],
      ['/readyz?verbose&exclude=store-write', '', /^(?![\s\S]*store-write)/],
      ['/readyz/store-write', 'admin', 'ok'],
      ['/livez/ping', 'admin', 'ok'],
    ];
    for (const [path, as, want] of good) {
      it(`answers ${path}`, async () => {
        const { status, body, headers } = await world.call('GET', path, { as });
        expect(status).to.equal(200);
        expect(headers['content-type']).to.match(/^text\/plain/);
        if (typeof want === 'string') expect(body).to.equal(want);
        else expect(body).to.match(want);
      });
    }

    it('knows its checks by name, and nobody else does', async () => {
      expect((await world.call('GET', '/readyz/nothing')).status).to.equal(404);
      expect((await world.call('GET', '/livez/store-write')).status).to.equal(404);
      expect((await world.call('GET', '/readyz/store-write', { as: '' })).status).to.equal(401);
    });

    for (const fault of ['read-only', 'hangs'] as const) {
      it(`is not ready, but alive, when writes fail: ${fault}`, async () => {
        store.fault = fault;
        const answer = await eventually('it notices', async () => {
          const { status, body } = await world.call('GET', '/readyz', { as: '' });
          return status === 503 && String(body);
        });
        expect(answer).to.include('[-]store-write failed: reason withheld');
        expect(answer).to.include('[+]store-read ok').and.to.include('readyz check failed');
        expect((await world.call('GET', '/livez', { as: '' })).status).to.equal(200);
        store.mend();
        await eventually('it is ready again', async () => {
          return (await world.call('GET', '/readyz', { as: '' })).status === 200;
        });
      });
    }
  });

  it('is not ready while the database takes no writes', async () => {
    const database = await testDatabase();
    const store = new SqlObjectStore({ connectionString: database.url, kinds });
    const world = await startApiWorld({ store });
    const admin = new Client({ connectionString: database.url, connectionTimeoutMillis: 5_000 });
    const isReady = async (): Promise<boolean> =>
      (await world.call('GET', '/readyz', { as: '' })).status === 200;
    try {
      await admin.connect();
      const { rows } = await admin.query('SELECT current_database() AS name');
      const { name } = rows[0] as { name: string };
      expect(await isReady()).to.equal(true);
      await admin.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
      // Connections that are open keep their setting: a failover closes them too.
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [name],
      );
      await eventually('it is no longer ready', async () => !(await isReady()));
      const write = await world.call('POST', '/api/v1/namespaces', {
        body: { metadata: { name: 'x' } },
      });
      expect(write.status, 'writes fail indeed').to.be.greaterThanOrEqual(500);
      expect((await world.call('GET', '/readyz', { as: '' })).body).to.include('[+]store-read ok');
      await admin.query('SET default_transaction_read_only = off');
      await admin.query(`ALTER DATABASE "${name}" RESET default_transaction_read_only`);
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()',
        [name],
      );
      await eventually('it is ready again', isReady);
    } finally {
      await admin.end();
      await world.stop();
      await database.drop();
    }
  });
});
