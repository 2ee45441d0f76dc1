import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubectlLine } from './kubectl-line.js';
import { stdinText, wordsOf } from './kubectl-line.js';

const LINE_TIMEOUT_MS = 30_000;

/** What a line printed and how it ended. */
export interface LineOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly durationMs: number;
}

/** A cluster that lines run against, each script in its namespace. */
export interface KubectlCluster {
  /** Runs a line. Rejects only when it does not end in time or kubectl cannot be started. */
  run(line: KubectlLine, namespace: string): Promise<LineOutcome>;
}

/**
 * Opens a cluster by the text of a kubeconfig. `dir` is for kubectl's cache and for kubeconfigs that
 * name a namespace; `env` is what every line finds in its environment.
 */
export async function openKubectlCluster(options: {
  readonly kubeconfigFile: string;
  readonly dir: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<KubectlCluster> {
  const { dir } = options;
  await mkdir(dir, { recursive: true });
  const base = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    KUBECACHEDIR: join(dir, 'cache'),
    ...options.env,
  };
  const view = await runProgram(['config', 'view', '--raw', '--flatten', '-o', 'json'], {
    env: { ...base, KUBECONFIG: options.kubeconfigFile },
  });
  const config = JSON.parse(view.stdout) as Kubeconfig;

  async function kubeconfigFor(namespace: string): Promise<string> {
    const file = join(dir, `${namespace}.kubeconfig`);
    const contexts = config.contexts.map(({ name, context }) => ({
      name,
      context: { ...context, namespace },
    }));
    await writeFile(file, JSON.stringify({ ...config, contexts }), { mode: 0o600 });
    return file;
  }

  const run = async (line: KubectlLine, namespace: string): Promise<LineOutcome> => {
    const KUBECONFIG = await kubeconfigFor(namespace);
    let others: Promise<unknown> = Promise.resolve();
    let hasBegun = false;
    return runProgram(wordsOf(line.line), {
      env: { ...base, KUBECONFIG, ...line.env },
      stdin: stdinText(line.stdin),
      onOutput(stdout, stop) {
        if (!hasBegun) {
          hasBegun = true;
          others = (line.meanwhile ?? []).reduce(
            (before, next) => before.then(() => run({ line: next }, namespace)),
            others,
          );
        }
        if (line.endless === true && matches(stdout, line.stdout)) void others.then(stop);
      },
    });
  };
  return { run };
}

function matches(text: string, wanted: string | RegExp | undefined): boolean {
  return typeof wanted === 'string' ? text === wanted : (wanted?.test(text) ?? true);
}

interface Kubeconfig {
  readonly contexts: readonly { readonly name: string; readonly context: object }[];
}

function runProgram(
  args: readonly string[],
  options: {
    readonly env: Readonly<Record<string, string>>;
    readonly stdin?: string;
    readonly onOutput?: (stdout: string, stop: () => void) => void;
  },
): Promise<LineOutcome> {
  return new Promise((resolve, reject) => {
    const startedMs = performance.now();
    const child = spawn('kubectl', [...args], { env: options.env });
    let stdout = '';
    let stderr = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(
        new Error(`no end within ${LINE_TIMEOUT_MS} ms; it printed ${JSON.stringify(stdout)}`),
      );
    }, LINE_TIMEOUT_MS);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(stdout, () => void child.kill('SIGINT'));
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.on('error', reject).on('close', (code) => {
      clearTimeout(timer);
      const durationMs = Math.round(performance.now() - startedMs);
      resolve({ code: code ?? 0, stdout, stderr, durationMs });
    });
    // A line that does not read its input may end before it is written.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.stdin ?? '');
  });
}
