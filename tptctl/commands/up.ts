import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Ports } from '../embedded/settings.js';

interface UpFlags {
  home?: string;
  apiPort?: number;
  sandboxPort?: number;
  natsPort?: number;
}

/** `tptctl up`: starts the embedded control plane, or finds it running. */
export function upCommand(): Command {
  return new Command('up')
    .description(
      'start a control plane on this machine: PostgreSQL, NATS, server, reconcilers, a sandbox cluster',
    )
    .addOption(homeOption())
    .option(
      '--api-port <port>',
      "the server's port on 127.0.0.1 (default 6480; 0: any free one)",
      parsePort,
    )
    .option(
      '--sandbox-port <port>',
      "the sandbox cluster's port (default 6481; 0: any free one)",
      parsePort,
    )
    .option('--nats-port <port>', "nats-server's port (default 6482; 0: any free one)", parsePort)
    .addHelpText('after', '\nPorts once chosen are remembered. State is kept in ~/.threeport.')
    .action(async (flags: UpFlags) => {
      process.exitCode = await up(flags);
    });
}

/** The flag that `up`, `down` and `status` share. */
export function homeOption(): Option {
  return new Option(
    '--home <folder>',
    'where the state is kept (default $THREEPORT_HOME, else ~/.threeport)',
  );
}

async function up(flags: UpFlags): Promise<number> {
  const [{ startControlPlane }, { resolveHome }, { Progress }, { EmbeddedError }] =
    await Promise.all([
      import('../embedded/control-plane.js'),
      import('../embedded/home-paths.js'),
      import('../embedded/progress.js'),
      import('../embedded/embedded-error.js'),
    ]);
  const startedAt = performance.now();
  const home = resolveHome(flags.home, process.env);
  const progress = new Progress(process.stdout);
  const interrupt = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => {
    progress.stop();
    process.stderr.write(`${signal}: stopping what was started ...\n`);
    interrupt.abort(new Error('interrupted'));
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  let greeted = false;
  try {
    const result = await startControlPlane({
      home,
      ports: portsOf(flags),
      logLevel: process.env['THREEPORT_LOG_LEVEL'] ?? 'info',
      searchPath: process.env['PATH'] ?? '',
      signal: interrupt.signal,
      onState: (state) => {
        // One that is ready at the first look was running before: there is no progress to show.
        if (!greeted && state.phase === 'ready') return;
        if (!greeted) process.stdout.write(`starting Threeport in ${home}\n`);
        greeted = true;
        progress.show(state);
      },
    });
    progress.stop();
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const address = `https://127.0.0.1:${result.state.ports?.api ?? '?'}`;
    process.stdout.write(
      result.alreadyRunning && !greeted
        ? `Threeport is already running at ${address} (supervisor pid ${result.state.supervisor.pid})\n${otherPortsNote(flags, result.state.ports)}`
        : `ready in ${seconds} s at ${address}\n`,
    );
    process.stdout.write(nextSteps(result.paths.kubeconfig, home));
    return 0;
  } catch (error) {
    progress.stop();
    if (interrupt.signal.aborted) {
      process.stderr.write('stopped; nothing is left running\n');
      return 130;
    }
    if (!(error instanceof EmbeddedError)) throw error;
    process.stderr.write(`error: ${error.format()}\n`);
    return 1;
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
  }
}

function nextSteps(kubeconfig: string, home: string): string {
  // Without it the commands would mean another control plane than the one just started.
  const elsewhere = home === resolveDefaultHome() ? '' : `THREEPORT_HOME=${home} `;
  return [
    '',
    'what to type next:',
    `  ${elsewhere}npx tptctl apply -f samples/wordpress.yaml`,
    `  kubectl --kubeconfig ${kubeconfig} get workloads`,
    `  ${elsewhere}npx tptctl down`,
    '',
  ].join('\n');
}

/** Where commands look that are told nothing. */
function resolveDefaultHome(): string {
  const home = process.env['THREEPORT_HOME'];
  return home === undefined || home === '' ? join(homedir(), '.threeport') : resolve(home);
}

function otherPortsNote(flags: UpFlags, running: Ports | undefined): string {
  const asked = portsOf(flags);
  const differs = (['api', 'sandbox', 'nats'] as const).some(
    (name) => asked[name] !== undefined && asked[name] !== 0 && asked[name] !== running?.[name],
  );
  return differs ? 'it keeps its ports; to change them: `npx tptctl down` first\n' : '';
}

function portsOf(flags: UpFlags): Partial<Ports> {
  return {
    ...(flags.apiPort !== undefined && { api: flags.apiPort }),
    ...(flags.sandboxPort !== undefined && { sandbox: flags.sandboxPort }),
    ...(flags.natsPort !== undefined && { nats: flags.natsPort }),
  };
}

function parsePort(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port <= 65_535) return port;
  throw new InvalidArgumentError('a port is a whole number from 0 (any free one) to 65535.');
}
