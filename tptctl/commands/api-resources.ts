import { Command } from 'commander';
import { apiVersionOf } from '../../sdk/api/object.js';
import type { ConnectionFlags } from '../connection.js';
import { connect, withConnectionFlags } from '../connection.js';
import { inPreferredVersion } from '../discovery.js';
import { formatTable } from '../table.js';

/** `tptctl api-resources`: what the server serves. */
export function apiResourcesCommand(): Command {
  return withConnectionFlags(new Command('api-resources'))
    .description('List the resource types that the control plane serves')
    .action(async (flags: ConnectionFlags) => {
      const connection = await connect(flags);
      const rows = inPreferredVersion(await connection.kinds()).map((kind) => [
        kind.plural,
        kind.shortNames.join(','),
        apiVersionOf(kind),
        String(kind.namespaced),
        kind.kind,
      ]);
      process.stdout.write(
        formatTable(['Name', 'Shortnames', 'APIVersion', 'Namespaced', 'Kind'], rows),
      );
    });
}
