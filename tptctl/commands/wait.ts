import { Command } from 'commander';
import type { ConditionStatus } from '../../sdk/api/condition.js';
import { CliError, ExitCode } from '../cli-error.js';
import type { ConnectionFlags } from '../connection.js';
import { connect, withConnectionFlags } from '../connection.js';
import { parseDurationMs } from '../duration.js';
import { placeName } from '../object-api.js';
import { parseResourceArgs } from '../resource-args.js';
import { waitForCondition, waitForDeletion } from '../wait-for.js';

interface WaitFlags extends ConnectionFlags {
  readonly for: string;
  readonly timeout: string;
}

/** `tptctl wait`: returns when objects are as wanted, by watching them. */
export function waitCommand(): Command {
  return withConnectionFlags(new Command('wait'))
    .description('Wait until objects are as wanted: "wait workload/web --for condition=Ready"')
    .argument('<type...>', 'TYPE NAME... or TYPE/NAME...')
    .requiredOption('--for <what>', 'condition=NAME[=STATUS] or delete')
    .option('--timeout <duration>', 'how long to wait', '30s')
    .action(runWait);
}

async function runWait(args: readonly string[], flags: WaitFlags): Promise<void> {
  const timeoutMs = parseDurationMs(flags.timeout);
  const want = parseFor(flags.for);
  const connection = await connect(flags);
  const deadlineMs = Date.now() + timeoutMs;
  for (const { kind, name } of parseResourceArgs(await connection.kinds(), args)) {
    if (name === undefined)
      throw new CliError(`which ${kind.plural}? Give names`, { exitCode: ExitCode.usage });
    const place = { kind, namespace: connection.namespace, name };
    const leftMs = Math.max(1, deadlineMs - Date.now());
    if (want === 'delete') {
      await waitForDeletion(connection, place, { timeoutMs: leftMs });
      console.log(`${placeName(place)} deleted`);
    } else {
      await connection.client.get(kind, place);
      await waitForCondition(connection, place, { ...want, timeoutMs: leftMs });
      console.log(`${placeName(place)} condition met`);
    }
  }
}

function parseFor(text: string): 'delete' | { type: string; status: ConditionStatus } {
  if (text === 'delete') return 'delete';
  const match = /^condition=([A-Za-z0-9./_-]+)(?:=(true|false|unknown))?$/i.exec(text);
  if (match === null) {
    throw new CliError(`"${text}" cannot be waited for; want condition=NAME[=STATUS] or delete`, {
      exitCode: ExitCode.usage,
    });
  }
  const status = (match[2] ?? 'true').toLowerCase();
  return {
    type: match[1] ?? '',
    status: status === 'true' ? 'True' : status === 'false' ? 'False' : 'Unknown',
  };
}
