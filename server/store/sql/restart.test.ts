import { expect } from 'chai';
import { chmodSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preparePostgresPlace } from '../../../tptctl/embedded/postgres-place.js';
import { startPostgres, type RunningPostgres } from '../../../tptctl/embedded/postgres.js';
import { create, reasonOf, suiteKinds, until, widget } from '../suite/suite-kinds.js';
import { SqlObjectStore } from './sql-object-store.js';

describe('the SQL store while PostgreSQL restarts', function () {
  this.timeout(60_000);
  let homeDir: string;
  let start: () => Promise<RunningPostgres>;
  let server: RunningPostgres;
  let store: SqlObjectStore;

  before(async () => {
    homeDir = await mkdtemp(join(tmpdir(), 'threeport-test-restart-'));
    chmodSync(homeDir, 0o755);
    const place = await preparePostgresPlace({ homeDir, searchPath: process.env['PATH'] ?? '' });
    const databases = ['threeport'];
    const { env } = process;
    start = () => startPostgres({ ...place, databases, durable: false, log: () => undefined, env });
    server = await start();
    store = new SqlObjectStore({ connectionString: server.url('threeport'), kinds: suiteKinds });
    await store.start(new AbortController().signal);
  });
  after(async () => {
    await store.stop();
    await server.stop();
    rmSync(homeDir, { recursive: true, force: true });
  });

  it('fails quickly while it is away, loses nothing, and goes on by itself', async () => {
    const acknowledged = new Set<string>();
    const refused: string[] = [];
    const writing = { on: true };
    const write = async (caller: number): Promise<void> => {
      for (let i = 0; writing.on; i++) {
        const name = `w-${caller}-${i}`;
        const began = Date.now();
        const reason = await reasonOf(create(store, widget, name));
        if (reason === 'none') acknowledged.add(name);
        else refused.push(reason);
        expect(Date.now() - began).to.be.lessThan(8_000);
      }
    };
    const writers = [write(0), write(1), write(2), write(3)];
    await until('some writes', async () => acknowledged.size > 20);
    await server.stop();
    await until('a refusal', async () => refused.length > 0);
    expect(await reasonOf(store.get(widget, 'default', 'w-0-0'))).to.equal('ServiceUnavailable');
    const before = acknowledged.size;
    server = await start();
    await until('writes after the restart', async () => acknowledged.size > before + 20);
    writing.on = false;
    await Promise.all(writers);

    expect(new Set(refused)).to.deep.equal(new Set(['ServiceUnavailable']));
    const { items, resourceVersion } = await store.list(widget, {});
    const names = new Set(items.map((item) => item.name));
    expect([...acknowledged].filter((name) => !names.has(name))).to.deep.equal([]);
    const log = await store.revisionsAfter(0, 100_000);
    expect(log.map((entry) => entry.resourceVersion)).to.deep.equal(log.map((_, i) => i + 1));
    expect(log).to.have.length(resourceVersion);
    expect(items).to.have.length(resourceVersion);
  });

  it('waits in start() until the database is there or the signal aborts', async () => {
    await server.stop();
    const waiting = new SqlObjectStore({ connectionString: server.url('threeport') });
    const abort = new AbortController();
    const aborted = waiting.start(abort.signal).catch((error: unknown) => error);
    abort.abort(new Error('enough'));
    expect(await aborted).to.have.property('message', 'enough');
    const started = waiting.start(new AbortController().signal);
    server = await start();
    await started;
    expect(await waiting.currentVersion()).to.be.greaterThan(0);
    await waiting.stop();
  });
});
