import { Command } from 'commander';
import { fromStatus } from '../../sdk/api/errors.js';
import type { Why } from '../../sdk/api/why.js';
import { CliError, ExitCode } from '../cli-error.js';
import type { Connection, ConnectionFlags } from '../connection.js';
import { connect, withConnectionFlags } from '../connection.js';
import { parseDurationMs } from '../duration.js';
import { kindsNamed } from '../discovery.js';
import { placePath } from '../object-api.js';
import { parseResourceArgs } from '../resource-args.js';
import { formatWhy } from '../why-text.js';

interface WhyFlags extends ConnectionFlags {
  readonly output?: string;
  readonly limit?: string;
  readonly since?: string;
  readonly cluster?: string;
}

const RUNTIMES = 'kubernetesruntimeinstances.kubernetes.threeport.io';
const OUTPUTS = ['json', 'yaml'];
const NARROWEST = 100;

/** `tptctl why`: from who asked for it to what came of it. */
export function whyCommand(): Command {
  return withConnectionFlags(new Command('why'))
    .description('Show why an object is as it is: requests, revisions, attempts, effects, status')
    .argument('<type...>', 'TYPE NAME or TYPE/NAME')
    .option(
      '--cluster <runtime>',
      'TYPE/NAME is something in this cluster: who made it so? -n is its namespace there',
    )
    .option('-o, --output <format>', `the whole answer as ${OUTPUTS.join(' or ')}`)
    .option('--limit <n>', 'of each object, the newest revisions and attempts: 1 to 100', '20')
    .option('--since <duration>', 'only what happened since then: 10m, 2h')
    .action(runWhy);
}

async function runWhy(args: readonly string[], flags: WhyFlags): Promise<void> {
  if (flags.output !== undefined && !OUTPUTS.includes(flags.output)) {
    throw new CliError(`unknown output format "${flags.output}"; want ${OUTPUTS.join(' or ')}`, {
      exitCode: ExitCode.usage,
    });
  }
  const connection = await connect(flags);
  if (flags.cluster !== undefined) return whyInCluster(connection, flags.cluster, args, flags);
  const wanted = parseResourceArgs(await connection.kinds(), args);
  for (const [i, { kind, name }] of wanted.entries()) {
    if (name === undefined) {
      throw new CliError('name the object too: "tptctl why workload web"', {
        exitCode: ExitCode.usage,
      });
    }
    const { namespace } = connection;
    const why = await fetchWhy(connection, placePath({ kind, namespace, name }), flags);
    if (i > 0) process.stdout.write(flags.output === 'yaml' ? '---\n' : '\n');
    process.stdout.write(await textOf(why, flags));
  }
}

/** From an effect back: the cluster's kinds are not asked for, it may be away. */
async function whyInCluster(
  connection: Connection,
  cluster: string,
  args: readonly string[],
  flags: WhyFlags,
): Promise<void> {
  const [kind = '', name = '', ...more] = args.length === 1 ? (args[0] ?? '').split('/') : args;
  if (kind === '' || name === '' || more.length > 0) {
    throw new CliError('name one object of the cluster: "--cluster sandbox configmap/web -n web"', {
      exitCode: ExitCode.usage,
    });
  }
  const [runtime] = kindsNamed(await connection.kinds(), RUNTIMES);
  if (runtime === undefined) throw new CliError('the server knows of no clusters');
  const { namespace } = connection;
  const place = placePath({ kind: runtime, namespace, name: cluster });
  const why = await fetchWhy(connection, place, flags, { kind, namespace, name });
  const subject = `${kind} ${name} in namespace ${namespace} of cluster ${cluster}`;
  process.stdout.write(await textOf(why, flags, subject));
}

async function fetchWhy(
  { client }: Connection,
  place: string,
  { limit, since }: WhyFlags,
  target: Readonly<Record<string, string>> = {},
): Promise<Why> {
  const sinceMs = since === undefined ? undefined : Date.now() - parseDurationMs(since);
  const answer = await client.raw({
    method: 'GET',
    path: `${place}/why`,
    query: {
      ...target,
      limit,
      ...(sinceMs !== undefined && { since: new Date(sinceMs).toISOString() }),
    },
  });
  const body = JSON.parse(answer.text) as unknown;
  if (answer.statusCode >= 300) throw fromStatus(answer.statusCode, body);
  return body as Why;
}

async function textOf(why: Why, { output }: WhyFlags, subject?: string): Promise<string> {
  if (output === 'json') return `${JSON.stringify(why, null, 4)}\n`;
  if (output === 'yaml') return (await import('js-yaml')).dump(why, { noRefs: true });
  const width = Math.max(NARROWEST, process.stdout.columns ?? NARROWEST);
  const options = { nowMs: Date.now(), width, ...(subject !== undefined && { subject }) };
  return formatWhy(why, options);
}
