import { chmodSync, rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { preparePostgresPlace } from '../../tptctl/embedded/postgres-place.js';
import { startPostgres, type RunningPostgres } from '../../tptctl/embedded/postgres.js';

export interface TestDatabase {
  /** What `pg.Pool({ connectionString })` takes. */
  readonly url: string;
  /** Removes the database, ending whatever connections it still has. Idempotent. */
  drop(): Promise<void>;
}

let server: Promise<RunningPostgres> | undefined;
let homeDir: string | undefined;
let databasesMade = 0;

/**
 * A new, empty database on a real PostgreSQL. The server is started by the first call in a mocha
 * process (about 1.5 s), shared by the others (about 50 ms), and stopped after the last test; should
 * mocha die, it stops by itself.
 */
export async function testDatabase(): Promise<TestDatabase> {
  server ??= start();
  const { url } = await server;
  databasesMade += 1;
  const name = `test_${process.pid}_${databasesMade}`;
  await execute(url('postgres'), `CREATE DATABASE "${name}"`);
  return {
    url: url(name),
    drop: () => execute(url('postgres'), `DROP DATABASE IF EXISTS "${name}" WITH (FORCE)`),
  };
}

/** Stops the shared server. Called by the root `after` hook; only needed where mocha is not. */
export async function stopTestPostgres(): Promise<void> {
  const starting = server;
  server = undefined;
  await (await starting?.catch(() => undefined))?.stop();
  if (homeDir !== undefined) rmSync(homeDir, { recursive: true, force: true });
  homeDir = undefined;
}

async function start(): Promise<RunningPostgres> {
  homeDir = await mkdtemp(join(tmpdir(), 'threeport-test-pg-'));
  // As root postgres runs as another user, who must get to the folders inside, closed themselves.
  chmodSync(homeDir, 0o755);
  const place = await preparePostgresPlace({ homeDir, searchPath: process.env['PATH'] ?? '' });
  return startPostgres({
    ...place,
    databases: [],
    durable: false,
    log: () => undefined,
    env: process.env,
  });
}

async function execute(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

if (typeof after === 'function') {
  after('stop the shared PostgreSQL', async function () {
    this.timeout(30_000);
    await stopTestPostgres();
  });
}
