import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../tptctl/embedded/ports.js';
import { ensureTlsFiles } from '../../tptctl/embedded/tls-files.js';
import type { KubeHttp } from './kube-http.js';
import { kubeHttp } from './kube-http.js';
import { testDatabase } from './postgres.js';

const MAIN = join(import.meta.dirname, '../../server/main.js');
const START_TIMEOUT_MS = 60_000;

/** One server as it is in production, a process of its own, always on the same port. */
export interface ServerProcess {
  readonly http: KubeHttp;
  /** For kubectl and other programs. */
  readonly kubeconfig: string;
  /** Resolves when it is ready. */
  start(): Promise<void>;
  /** kill -9. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Several servers on one PostgreSQL database. */
export interface ServerProcesses {
  readonly servers: readonly ServerProcess[];
  readonly databaseUrl: string;
  /** Ends all of them and drops the database. */
  stop(): Promise<void>;
}

export async function startServers(count: number): Promise<ServerProcesses> {
  const dir = await mkdtemp(join(tmpdir(), 'threeport-servers-'));
  const database = await testDatabase();
  const tls = await ensureTlsFiles(dir);
  const token = randomBytes(16).toString('hex');
  const tokensFile = join(dir, 'tokens.json');
  const keyFile = join(dir, 'key');
  await writeFile(
    tokensFile,
    JSON.stringify([{ token, user: 'admin', groups: ['system:masters'] }]),
  );
  await writeFile(keyFile, randomBytes(32).toString('base64'));
  const environment = (port: number): NodeJS.ProcessEnv => ({
    ...process.env,
    THREEPORT_LISTEN_PORT: String(port),
    THREEPORT_TLS_CERT_FILE: tls.certFile,
    THREEPORT_TLS_KEY_FILE: tls.keyFile,
    THREEPORT_TOKENS_FILE: tokensFile,
    THREEPORT_DATABASE_URL: database.url,
    THREEPORT_ENCRYPTION_KEY_FILE: keyFile,
    THREEPORT_LOG_LEVEL: 'error',
    THREEPORT_EXIT_ON_STDIN_CLOSE: '1',
  });

  const servers: ServerProcess[] = [];
  for (let i = 0; i < count; i++) {
    const port = await freePort();
    const server = `https://127.0.0.1:${port}`;
    const kubeconfig = join(dir, `kubeconfig-${i}`);
    await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(server, tls.caFile, token)));
    servers.push(
      serverProcess(environment(port), kubeconfig, kubeHttp({ server, token, ca: tls.ca })),
    );
  }
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.kill()));
    for (const { http } of servers) http.close();
    await database.drop();
    await rm(dir, { recursive: true, force: true });
  };
  try {
    // The first makes the tables; the others find them.
    await servers[0]?.start();
    await Promise.all(servers.slice(1).map((server) => server.start()));
  } catch (error) {
    await stop();
    throw error;
  }
  return { servers, databaseUrl: database.url, stop };
}

function serverProcess(env: NodeJS.ProcessEnv, kubeconfig: string, http: KubeHttp): ServerProcess {
  let child: ChildProcess | undefined;
  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill('SIGKILL');
    await gone;
  };
  return {
    http,
    kubeconfig,
    kill,
    async start() {
      await kill();
      const started = spawn(process.execPath, [MAIN], { env, stdio: ['pipe', 'pipe', 'inherit'] });
      child = started;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () => reject(new Error(`no server within ${START_TIMEOUT_MS} ms`)),
          START_TIMEOUT_MS,
        );
        const settle = (end: () => void): void => {
          clearTimeout(timer);
          end();
        };
        started.stdout.on('data', (chunk: Buffer) => {
          if (chunk.includes('"ready":true')) settle(resolve);
        });
        started.on('error', (error) => settle(() => reject(error)));
        started.on('exit', (code) =>
          settle(() => reject(new Error(`the server ended with ${code} before it was ready`))),
        );
      });
    },
  };
}

function kubeconfigOf(server: string, caFile: string, token: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
}
