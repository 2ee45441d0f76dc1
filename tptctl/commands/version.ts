import { readFile } from 'node:fs/promises';
import { Command } from 'commander';
import { errorChain } from '../../sdk/error-chain.js';
import type { ConnectionFlags } from '../connection.js';
import { connect, withConnectionFlags } from '../connection.js';

/** `tptctl version`: of this program and of the control plane, when one answers. */
export function versionCommand(): Command {
  return withConnectionFlags(new Command('version'))
    .description('Print the versions of tptctl and of the control plane')
    .option('--client', 'only of tptctl', false)
    .action(async (flags: ConnectionFlags & { client: boolean }) => {
      const manifest = await readFile(new URL('../../../package.json', import.meta.url), 'utf8');
      console.log(`tptctl ${(JSON.parse(manifest) as { version: string }).version}`);
      if (flags.client) return;
      try {
        const { client } = await connect(flags);
        const answer = await client.raw({ method: 'GET', path: '/version', timeoutMs: 3_000 });
        console.log(
          `server ${(JSON.parse(answer.text) as { gitVersion?: string }).gitVersion ?? 'unknown'}`,
        );
      } catch (error) {
        console.error(`server: ${errorChain(error)}`);
        process.exitCode = 1;
      }
    });
}
