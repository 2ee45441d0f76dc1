import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const START_TIMEOUT_MS = 90_000;

/** A Kubernetes API that is not ours. */
export interface RealCluster {
  /** Text of an administrator's kubeconfig. */
  readonly kubeconfig: string;
  readonly kubeconfigFile: string;
  /** Stops the cluster if it was started for the test. */
  stop(): Promise<void>;
}

/**
 * The cluster that tests may use: that of the kubeconfig file in THREEPORT_TEST_KUBECONFIG, else one
 * started by the script in THREEPORT_KUBE_SCRIPT (`<script> up <name>` prints the path of a
 * kubeconfig file, `<script> down <name>` stops it; default `../shared/kube/kube`). Undefined, with
 * the reason on standard error, when there is neither: the caller skips.
 */
export async function startRealCluster(name: string): Promise<RealCluster | undefined> {
  const given = process.env['THREEPORT_TEST_KUBECONFIG'] ?? '';
  if (given !== '') return open(given, () => Promise.resolve());
  const script = process.env['THREEPORT_KUBE_SCRIPT'] ?? '../shared/kube/kube';
  if (!existsSync(script)) {
    process.stderr.write(
      `    skipped: no real Kubernetes API: THREEPORT_TEST_KUBECONFIG names no kubeconfig file, and ` +
        `there is no script ${script} to start one (THREEPORT_KUBE_SCRIPT)\n`,
    );
    return undefined;
  }
  const unique = `${name}-${process.pid}`;
  const stop = async (): Promise<void> => {
    await run(script, ['down', unique], { timeout: START_TIMEOUT_MS });
  };
  // Its servers keep standard error open: a file takes it, or the call would wait for them.
  const command = '"$1" up "$2" 2>/dev/null';
  try {
    const { stdout } = await run('bash', ['-c', command, 'bash', script, unique], {
      timeout: START_TIMEOUT_MS,
    });
    return await open(stdout.trim(), stop);
  } catch (error) {
    await stop().catch(() => undefined);
    throw new Error(`\`${script} up ${unique}\` failed`, { cause: error });
  }
}

async function open(file: string, stop: () => Promise<void>): Promise<RealCluster> {
  return { kubeconfig: await readFile(file, 'utf8'), kubeconfigFile: file, stop };
}
