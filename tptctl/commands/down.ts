import { Command } from 'commander';
import { homeOption } from './up.js';

interface DownFlags {
  home?: string;
  purge?: boolean;
}

/** `tptctl down`: stops the embedded control plane; with `--purge` removes its state too. */
export function downCommand(): Command {
  return new Command('down')
    .description('stop the control plane that `up` started')
    .addOption(homeOption())
    .option('--purge', 'remove its state too: every object, the tokens, the kubeconfig')
    .action(async (flags: DownFlags) => {
      process.exitCode = await down(flags);
    });
}

async function down(flags: DownFlags): Promise<number> {
  const [{ stopControlPlane, purgeControlPlane }, { resolveHome }, { EmbeddedError }] =
    await Promise.all([
      import('../embedded/stop-control-plane.js'),
      import('../embedded/home-paths.js'),
      import('../embedded/embedded-error.js'),
    ]);
  const home = resolveHome(flags.home, process.env);
  try {
    const { wasRunning, leftovers } = await stopControlPlane(home);
    const { stdout } = process;
    if (wasRunning) stdout.write(`stopped the control plane of ${home}\n`);
    if (leftovers.length > 0) {
      stdout.write(`stopped what a killed supervisor had left: ${leftovers.join(', ')}\n`);
    }
    if (!wasRunning && leftovers.length === 0) {
      stdout.write(`no control plane was running in ${home}\n`);
    }
    if (flags.purge === true) {
      const removed = await purgeControlPlane(home);
      stdout.write(
        removed.length === 0
          ? 'there was no state to remove\n'
          : `removed ${removed.join('\nremoved ')}\n`,
      );
    }
    return 0;
  } catch (error) {
    if (!(error instanceof EmbeddedError)) throw error;
    process.stderr.write(`error: ${error.format()}\n`);
    return 1;
  }
}
