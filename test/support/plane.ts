import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '../../client/index.js';
import { createClient, readKubeconfig } from '../../client/index.js';
import type { Clientset } from '../../client/zz_generated.clientset.js';
import { createClientset } from '../../client/zz_generated.clientset.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import { createKubeClusters } from '../../sdk/kube/kube-clusters.js';
import type { KubeClusters } from '../../sdk/kube/kube-clusters.js';
import { homePaths } from '../../tptctl/embedded/home-paths.js';
import { readRunState } from '../../tptctl/embedded/run-state.js';

const TPTCTL = join(import.meta.dirname, '../../tptctl/main.js');

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A whole embedded control plane on free ports, driven by its own command line. */
export interface Plane {
  readonly home: string;
  /** With the contexts `threeport`, the current one, and `sandbox`. */
  readonly kubeconfigFile: string;
  readonly client: Client;
  readonly clientset: Clientset;
  /** The sandbox cluster, as an administrator sees it. */
  readonly sandbox: KubePort;
  /** Runs `tptctl` against it; never throws for an exit code. `stdin` is what `-f -` reads. */
  tptctl(args: readonly string[], stdin?: string): Promise<CommandResult>;
  /** Runs any program with KUBECONFIG set to this plane's. */
  run(program: string, args: readonly string[], stdin?: string): Promise<CommandResult>;
  /** The pid of a part: server, reconcilers, agent, sandbox, nats, postgres. */
  pidOf(part: string): number;
  /** Stops it and removes its state. */
  remove(): Promise<void>;
}

/** Starts one by `tptctl up`; throws with its output when that fails. */
export async function startPlane(): Promise<Plane> {
  const home = await mkdtemp(join(tmpdir(), 'threeport-plane-'));
  const env = { ...process.env, THREEPORT_HOME: home };
  const tptctl = (args: readonly string[], stdin?: string): Promise<CommandResult> =>
    runProgram(process.execPath, [TPTCTL, ...args], env, stdin);
  const up = await tptctl(['up', '--api-port', '0', '--sandbox-port', '0', '--nats-port', '0']);
  const paths = homePaths(home);
  if (up.code !== 0) {
    await tptctl(['down', '--purge']);
    throw new Error(`tptctl up failed:\n${up.stdout}${up.stderr}`);
  }
  const client = createClient(await readKubeconfig(paths.kubeconfig));
  const clusters: KubeClusters = createKubeClusters();
  const sandboxConfig = JSON.stringify(await sandboxKubeconfig(paths.kubeconfig));
  return {
    home,
    kubeconfigFile: paths.kubeconfig,
    client,
    clientset: createClientset(client),
    sandbox: clusters.kube(sandboxConfig),
    tptctl,
    run: (program, args, stdin) =>
      runProgram(program, args, { ...env, KUBECONFIG: paths.kubeconfig }, stdin),
    pidOf(part) {
      const pid = readRunState(paths)?.parts.find(({ name }) => name === part)?.process?.pid;
      if (pid === undefined) throw new Error(`no part "${part}" runs`);
      return pid;
    },
    async remove() {
      client.close();
      clusters.close();
      const down = await tptctl(['down', '--purge']);
      if (down.code !== 0) throw new Error(`tptctl down failed:\n${down.stdout}${down.stderr}`);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Writes text to a file of its own below the plane's home and gives its path. */
export async function writeManifest(plane: Plane, name: string, text: string): Promise<string> {
  const path = join(plane.home, name);
  await writeFile(path, text);
  return path;
}

/** The sandbox's context of the plane's kubeconfig as a kubeconfig of its own. */
async function sandboxKubeconfig(file: string): Promise<object> {
  const { server, ca, token } = await readKubeconfig(file, 'sandbox');
  const caData = Buffer.from(ca ?? '').toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'sandbox',
    clusters: [{ name: 'sandbox', cluster: { server, 'certificate-authority-data': caData } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: 'admin' } }],
  };
}

function runProgram(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  stdin?: string,
): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = execFile(
      program,
      [...args],
      { env, timeout: 120_000, maxBuffer: 32 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : 255;
        resolve({ code, stdout, stderr });
      },
    );
    // A program that does not read its input may end before it is written.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin ?? '');
  });
}
