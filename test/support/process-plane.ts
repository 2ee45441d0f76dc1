import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../../client/index.js';
import { createClient } from '../../client/index.js';
import { freePort } from '../../tptctl/embedded/ports.js';
import type { TestCluster } from './test-cluster.js';
import { startTestCluster } from './test-cluster.js';
import type { TestNatsServer } from './nats-server.js';
import { natsServerBinary, testNatsServer } from './nats-server.js';
import { testDatabase } from './postgres.js';
import type { TcpRelay } from './tcp-relay.js';
import { startTcpRelay } from './tcp-relay.js';
import { TestProcess } from './test-process.js';

export interface ProcessPlaneOptions {
  /** Default 2. */
  readonly servers?: number;
  /** Default 2. */
  readonly workers?: number;
  /** Default 1: clusters named `c0`, `c1` and so on, the first of them the default runtime. */
  readonly clusters?: number;
  /** Default: no hosted agent. */
  readonly agent?: boolean;
  /** Default: that of the product. */
  readonly leaseMs?: number;
  /** Workers prefer `first`, the first server, or (default) are `spread` over all. */
  readonly balance?: 'first' | 'spread';
  /** Default: a database of its own on the PostgreSQL of all tests. */
  readonly databaseUrl?: string;
}

/**
 * The control plane as it is in production, from processes: servers, workers, an agent, PostgreSQL,
 * nats-server where there is one. The clusters are sandboxes in this process, so that what they hold
 * and ever held can be looked at.
 */
export interface ProcessPlane {
  readonly servers: readonly TestProcess[];
  readonly workers: readonly TestProcess[];
  readonly agent: TestProcess | undefined;
  readonly nats: TestNatsServer | undefined;
  readonly clusters: readonly TestCluster[];
  readonly databaseUrl: string;
  /** An administrator's, of whichever server takes the connection. */
  readonly client: Client;
  /** What all processes said last. */
  readonly output: string;
  /** Cuts what workers and agent have open: the next connections go to the server of each again. */
  reconnect(): void;
  stop(): Promise<void>;
}

const MAINS = { server: 'server', worker: 'reconcilers', agent: 'agent' } as const;

const mainOf = (part: keyof typeof MAINS): string =>
  join(import.meta.dirname, `../../${MAINS[part]}/main.js`);

export async function startProcessPlane(options: ProcessPlaneOptions = {}): Promise<ProcessPlane> {
  const dir = await mkdtemp(join(tmpdir(), 'threeport-processes-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(dir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    return { ...(await start(options, dir, undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: ProcessPlaneOptions,
  dir: string,
  undo: (() => Promise<unknown>)[],
): Promise<Omit<ProcessPlane, 'stop'>> {
  const tokens = {
    admin: 'system:masters',
    reconcilers: 'threeport:reconcilers',
    agent: 'threeport:agents',
  };
  const tokenFile = (user: keyof typeof tokens): string => join(dir, user);
  const known = Object.entries(tokens).map(([user, group]) => {
    return { user, groups: [group], token: randomBytes(16).toString('hex') };
  });
  for (const { user, token } of known) await writeFile(join(dir, user), token);
  await writeFile(join(dir, 'tokens.json'), JSON.stringify(known));
  await writeFile(join(dir, 'key'), randomBytes(32).toString('base64'));

  const database = options.databaseUrl === undefined ? await testDatabase() : undefined;
  if (database !== undefined) undo.push(() => database.drop());
  const databaseUrl = options.databaseUrl ?? database?.url ?? '';
  const nats = natsServerBinary() === undefined ? undefined : await testNatsServer();
  if (nats !== undefined) undo.push(() => nats.remove());
  const common = {
    THREEPORT_LOG_LEVEL: 'warn',
    ...(nats !== undefined && { THREEPORT_NATS_URL: nats.url }),
  };

  const ports: number[] = [];
  for (let i = 0; i < (options.servers ?? 2); i++) ports.push(await freePort());
  const servers = ports.map(
    (port, i) =>
      new TestProcess(`server-${i}`, mainOf('server'), {
        ...common,
        THREEPORT_LISTEN_PORT: String(port),
        THREEPORT_TOKENS_FILE: join(dir, 'tokens.json'),
        THREEPORT_DATABASE_URL: databaseUrl,
        THREEPORT_ENCRYPTION_KEY_FILE: join(dir, 'key'),
      }),
  );
  undo.push(() => Promise.all(servers.map((each) => each.kill())));
  // The first makes the tables; the others find them.
  await servers[0]?.start();
  await Promise.all(servers.slice(1).map((each) => each.start()));
  const relay = async (first: number): Promise<TcpRelay> => {
    const made = await startTcpRelay([...ports.slice(first), ...ports.slice(0, first)]);
    undo.push(() => made.close());
    return made;
  };

  const token = known[0]?.token ?? '';
  const own = await relay(0);
  const client = createClient({ server: own.url, token, timeoutMs: 10_000 });
  undo.push(async () => client.close());
  const clusters = await Promise.all(
    Array.from({ length: options.clusters ?? 1 }, (_, i) => startTestCluster(`c${i}`)),
  );
  undo.push(() => Promise.all(clusters.map((each) => each.stop())));
  for (const cluster of clusters) await cluster.register(client);

  const relays: TcpRelay[] = [];
  const server = async (preferred: number): Promise<string> => {
    const made = await relay(preferred);
    relays.push(made);
    return made.url;
  };
  const workers = await Promise.all(
    Array.from({ length: options.workers ?? 2 }, async (_, i) => {
      return new TestProcess(`worker-${i}`, mainOf('worker'), {
        ...common,
        THREEPORT_SERVER: await server(options.balance === 'first' ? 0 : i % ports.length),
        THREEPORT_TOKEN_FILE: tokenFile('reconcilers'),
        ...(options.leaseMs !== undefined && { THREEPORT_LEASE_MS: String(options.leaseMs) }),
      });
    }),
  );
  const agent =
    options.agent === true
      ? new TestProcess('agent', mainOf('agent'), {
          ...common,
          THREEPORT_SERVER: await server(0),
          THREEPORT_TOKEN_FILE: tokenFile('agent'),
          THREEPORT_AGENT_MODE: 'hosted',
          THREEPORT_HEARTBEAT_MS: '1000',
        })
      : undefined;
  const others = [...workers, ...(agent === undefined ? [] : [agent])];
  undo.push(() => Promise.all(others.map((each) => each.kill())));
  await Promise.all(others.map((each) => each.start()));
  return {
    servers,
    workers,
    agent,
    nats,
    clusters,
    databaseUrl,
    client,
    reconnect: () => relays.forEach((each) => each.cut()),
    get output() {
      return [...servers, ...others].map(({ output }) => output).join('\n');
    },
  };
}
