import { Command } from 'commander';
import { formatFinding, verifyReconcilers } from '../../sdk/verify/verify-reconciler.js';
import { CliError, ExitCode } from '../cli-error.js';

/** `tptctl verify-reconciler`: whether code reaches the world by its ports alone. Needs no server. */
export function verifyReconcilerCommand(): Command {
  return new Command('verify-reconciler')
    .description('Check that reconcilers, and what they import, reach the world by ctx alone')
    .argument('<path...>', 'source files, or folders of them; tests are left out')
    .option('--allow <package...>', 'packages that compute and do no more', [])
    .action(async (paths: string[], { allow }: { allow: string[] }) => {
      const { files, findings } = await verifyReconcilers(paths, { allow }).catch(
        (error: unknown) => {
          throw new CliError((error as Error).message, { exitCode: ExitCode.usage });
        },
      );
      for (const finding of findings) console.log(formatFinding(finding));
      if (files.length === 0)
        throw new CliError('there is no source in it', { exitCode: ExitCode.usage });
      if (findings.length > 0) process.exitCode = ExitCode.failure;
      else console.log(`${files.length} files reach the world by their ports alone`);
    });
}
