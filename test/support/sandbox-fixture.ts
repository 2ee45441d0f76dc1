import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { nopLogger } from '../../sdk/logger.js';
import { eventually } from './eventually.js';
import { createSandbox } from '../../sandbox/sandbox.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import type { ObjectStore } from '../../server/store/object-store.js';

const run = promisify(execFile);
const KUBECTL_TIMEOUT_MS = 30_000;

/** Who asks does not matter here: everybody is an administrator. */
const everybody = { name: 'admin', groups: ['system:masters'] };

export interface KubectlResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A sandbox on a free port of loopback, with kubectl to use it. */
export interface SandboxFixture {
  readonly address: string;
  readonly store: ObjectStore;
  /** Path of a kubeconfig for the sandbox. */
  readonly kubeconfig: string;
  kubectl(args: readonly string[], input?: string): Promise<KubectlResult>;
  /** kubectl, which has to succeed. Answers its output. */
  run(args: readonly string[], input?: string): Promise<string>;
  apply(manifests: string): Promise<string>;
  get<T = StoredApiObject>(path: string): Promise<T>;
  /** Undefined when there is no such object. */
  find<T = StoredApiObject>(path: string): Promise<T | undefined>;
  stop(): Promise<void>;
}

export async function hasKubectl(): Promise<boolean> {
  return run('kubectl', ['version', '--client']).then(
    () => true,
    () => false,
  );
}

export async function startSandbox(
  store: ObjectStore = new MemoryObjectStore(),
): Promise<SandboxFixture> {
  const sandbox = createSandbox({
    store,
    authenticator: { authenticate: () => everybody },
    listen: { host: '127.0.0.1', port: 0 },
    logger: nopLogger,
  });
  await sandbox.start(AbortSignal.timeout(20_000));
  const directory = await mkdtemp(join(tmpdir(), 'sandbox-test-'));
  const kubeconfig = join(directory, 'config');
  await writeFile(kubeconfig, kubeconfigFor(sandbox.address));

  async function kubectl(args: readonly string[], input?: string): Promise<KubectlResult> {
    const file = join(directory, `input-${Math.random().toString(36).slice(2)}.yaml`);
    if (input !== undefined) await writeFile(file, input);
    const all = [
      '--cache-dir',
      join(directory, 'cache'),
      ...args.map((arg) => (arg === '-' ? file : arg)),
    ];
    const env = { ...process.env, KUBECONFIG: kubeconfig };
    try {
      const { stdout, stderr } = await run('kubectl', all, { env, timeout: KUBECTL_TIMEOUT_MS });
      return { code: 0, stdout, stderr };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as Partial<KubectlResult>;
      return { code: typeof code === 'number' ? code : -1, stdout, stderr };
    }
  }

  async function runKubectl(args: readonly string[], input?: string): Promise<string> {
    const result = await kubectl(args, input);
    if (result.code !== 0) {
      throw new Error(`kubectl ${args.join(' ')} exited ${result.code}: ${result.stderr}`);
    }
    return result.stdout;
  }

  async function find<T>(path: string): Promise<T | undefined> {
    const response = await fetch(`${sandbox.address}${path}`, {
      signal: AbortSignal.timeout(10_000),
    });
    const body = (await response.json()) as T & { message?: string };
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${body.message}`);
    return body;
  }

  return {
    address: sandbox.address,
    store,
    kubeconfig,
    kubectl,
    run: runKubectl,
    apply: (manifests) => runKubectl(['apply', '--server-side', '-f', '-'], manifests),
    find,
    async get<T>(path: string) {
      const found = await find<T>(path);
      if (found === undefined) throw new Error(`GET ${path}: not found`);
      return found;
    },
    async stop() {
      await sandbox.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Resolves once nothing was written for `restMs`. @throws Error when writing goes on. */
export async function comesToRest(
  store: ObjectStore,
  restMs: number,
  timeoutMs = 20_000,
): Promise<void> {
  let version = -1;
  let sinceMs = performance.now();
  await eventually(
    `no write for ${restMs} ms`,
    async () => {
      const now = await store.currentVersion();
      if (now !== version) {
        version = now;
        sinceMs = performance.now();
      }
      return performance.now() - sinceMs >= restMs;
    },
    timeoutMs,
  );
}

function kubeconfigFor(address: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'sandbox',
    clusters: [{ name: 'sandbox', cluster: { server: address, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: {} }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'admin' } }],
  });
}
