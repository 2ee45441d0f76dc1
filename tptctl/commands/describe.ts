import { Command } from 'commander';
import type { ConnectionFlags } from '../connection.js';
import { connect, withConnectionFlags } from '../connection.js';
import { describeObject } from '../describe-object.js';
import { parseResourceArgs } from '../resource-args.js';

/** `tptctl describe`: one object, with everything that says why it is as it is. */
export function describeCommand(): Command {
  return withConnectionFlags(new Command('describe'))
    .description('Show objects with their conditions, resources, warnings and events')
    .argument('<type...>', 'TYPE [NAME...] or TYPE/NAME...')
    .option('-l, --selector <labels>', 'only objects with these labels')
    .action(async (args: readonly string[], flags: ConnectionFlags & { selector?: string }) => {
      const connection = await connect(flags);
      let printed = 0;
      for (const { kind, name } of parseResourceArgs(await connection.kinds(), args)) {
        const objects =
          name !== undefined
            ? [await connection.client.get(kind, { namespace: connection.namespace, name })]
            : (
                await connection.client.list(kind, {
                  ...(kind.namespaced && { namespace: connection.namespace }),
                  ...(flags.selector !== undefined && { labelSelector: flags.selector }),
                })
              ).items;
        for (const object of objects) {
          if (printed++ > 0) process.stdout.write('\n\n');
          process.stdout.write(await describeObject(connection, kind, object));
        }
      }
      if (printed === 0) console.error('No resources found.');
    });
}
