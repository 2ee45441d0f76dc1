import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { JetStreamQueue } from '../../sdk/queue/jetstream-queue.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import { createControlPlane } from '../../server/control-plane.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { Client } from 'pg';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';
import { natsServerBinary, testNatsServer } from '../support/nats-server.js';
import type { TestDatabase } from '../support/postgres.js';
import { testDatabase } from '../support/postgres.js';

/** A store that can be read, and written only while nothing is wrong. */
class FaultyStore extends MemoryObjectStore {
  fault: 'none' | 'read-only' | 'hangs' = 'none';
  readonly #hanging = new Set<() => void>();

  mend(): void {
    this.fault = 'none';
    for (const resume of this.#hanging) resume();
  }

  override async checkWritable(): Promise<void> {
    if (this.fault === 'hangs') await new Promise<void>((resume) => this.#hanging.add(resume));
    if (this.fault === 'read-only') throw new ApiError('ServiceUnavailable', 'read-only');
    await super.checkWritable();
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

  describe('of a server on PostgreSQL', () => {
    let database: TestDatabase;
    let admin: Client;
    let name: string;
    let world: ApiWorld;

    before(async () => {
      database = await testDatabase();
      name = /test_\d+_\d+/.exec(database.url)?.[0] ?? '';
      world = await startApiWorld({
        store: new SqlObjectStore({ connectionString: database.url, kinds }),
      });
      // To another database: this one is to be closed.
      const connectionString = database.url.replace(name, 'postgres');
      admin = new Client({ connectionString, connectionTimeoutMillis: 5_000 });
      await admin.connect();
    });
    after(async () => {
      await admin?.end();
      await world?.stop();
      await database?.drop();
    });

    const isReady = async (): Promise<boolean> =>
      (await world.call('GET', '/readyz', { as: '' })).status === 200;

    let made = 0;
    const write = async (): Promise<number> => {
      const body = { metadata: { name: `map-${++made}` } };
      return (await world.call('POST', '/api/v1/namespaces/default/configmaps', { body })).status;
    };

    /** In the database itself, whatever was set for its sessions. */
    async function within(sql: string): Promise<void> {
      const client = new Client({
        connectionString: database.url,
        connectionTimeoutMillis: 5_000,
        options: '-c default_transaction_read_only=off',
      });
      await client.connect();
      try {
        await client.query(sql);
      } finally {
        await client.end();
      }
    }

    /** Connections that are open keep what they were told: a failover closes them too. */
    async function endSessions(): Promise<void> {
      await admin.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1',
        [name],
      );
    }

    const failing = (table: string): string => `
      CREATE OR REPLACE FUNCTION disk_full() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$;
      CREATE TRIGGER disk_full BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION disk_full()`;

    const faults: readonly {
      readonly fault: string;
      readonly begin: () => Promise<unknown>;
      readonly mend: () => Promise<unknown>;
    }[] = [
      {
        fault: 'it is read-only, as a standby is',
        begin: async () => {
          await admin.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
          await endSessions();
        },
        mend: async () => {
          await admin.query(`ALTER DATABASE "${name}" RESET default_transaction_read_only`);
          await endSessions();
        },
      },
      {
        fault: 'it cannot be reached',
        begin: async () => {
          await admin.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`);
          await endSessions();
        },
        mend: () => admin.query(`ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`),
      },
      {
        fault: 'its disk is full',
        begin: () => within(failing('revisions')),
        mend: () => within('DROP TRIGGER disk_full ON revisions'),
      },
      {
        fault: 'its disk is full for the table of one kind',
        begin: () => within(failing('objects_configmaps')),
        mend: () => within('DROP TRIGGER disk_full ON objects_configmaps'),
      },
      {
        fault: 'its schema is of a newer version that this server cannot write',
        begin: () =>
          within(`INSERT INTO schema_migrations (version) VALUES (1000);
            ALTER TABLE revisions ADD COLUMN newer text NOT NULL DEFAULT 'x';
            ALTER TABLE revisions ALTER COLUMN newer DROP DEFAULT`),
        mend: () =>
          within(`ALTER TABLE revisions DROP COLUMN newer;
            DELETE FROM schema_migrations WHERE version = 1000`),
      },
    ];
    for (const { fault, begin, mend } of faults) {
      it(`is not ready, but alive, while ${fault}`, async () => {
        await eventually('it is ready', isReady);
        await begin();
        try {
          expect(await write(), 'writes fail indeed').to.be.greaterThanOrEqual(500);
          await eventually('it is no longer ready', async () => !(await isReady()));
          expect((await world.call('GET', '/livez', { as: '' })).status).to.equal(200);
        } finally {
          await mend();
        }
        await eventually('it is ready again', isReady, 20_000);
        expect(await write()).to.equal(201);
      });
    }

    it('stays ready on a newer schema that it can write', async () => {
      await within(`INSERT INTO schema_migrations (version) VALUES (1000);
        ALTER TABLE revisions ADD COLUMN newer text`);
      await world.store.checkWritable();
      expect(await write()).to.equal(201);
      expect(await isReady()).to.equal(true);
      await within(`ALTER TABLE revisions DROP COLUMN newer;
        DELETE FROM schema_migrations WHERE version = 1000`);
    });

    it('leaves nothing behind by looking, however often and from however many servers', async () => {
      const before = await world.store.currentVersion();
      await Promise.all(Array.from({ length: 20 }, () => world.store.checkWritable()));
      expect(await world.store.currentVersion()).to.equal(before);
      await within("DO $$ BEGIN ASSERT NOT EXISTS (SELECT FROM revisions WHERE uid = ''); END $$");
    });
  });

  it('stays ready without NATS: nothing is lost but time', async function () {
    if (natsServerBinary() === undefined) {
      console.log('      skipped: there is no nats-server on this machine');
      return this.skip();
    }
    const database = await testDatabase();
    const nats = await testNatsServer();
    const plane = createControlPlane({
      store: new SqlObjectStore({ connectionString: database.url, kinds }),
      queue: new JetStreamQueue({ url: nats.url, name: 'server', logger: nopLogger }),
      authenticator: createTokenAuthenticator([]),
      logger: nopLogger,
      version: '0.0.0',
      listen: { host: '127.0.0.1', port: 0 },
    });
    const readiness = async (): Promise<number> => (await fetch(`${plane.address}/readyz`)).status;
    try {
      await plane.start(new AbortController().signal);
      expect(await readiness()).to.equal(200);
      await nats.stop();
      const untilMs = performance.now() + 2_500;
      // Longer than an answer is remembered.
      while (performance.now() < untilMs) expect(await readiness()).to.equal(200);
    } finally {
      await plane.stop();
      await nats.remove();
      await database.drop();
    }
  });
});
