import { Command, InvalidArgumentError } from 'commander';
import { createInterface } from 'node:readline';
import { decodeFailure } from '../../client/index.js';
import { isApiError } from '../../sdk/api/errors.js';
import { CliError, ExitCode } from '../cli-error.js';
import type { ConnectionFlags } from '../connection.js';
import { connect, withConnectionFlags } from '../connection.js';
import type { WorkloadCluster } from '../workload-cluster.js';
import { openWorkloadCluster } from '../workload-cluster.js';

interface LogsFlags extends ConnectionFlags {
  readonly container?: string;
  readonly tail?: number;
  readonly follow: boolean;
  readonly previous: boolean;
  readonly timestamps: boolean;
}

interface Pod {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec?: { readonly containers?: readonly { readonly name: string }[] };
}

interface Source {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** `tptctl logs`: what the containers of a workload print, wherever it runs. */
export function logsCommand(): Command {
  return withConnectionFlags(new Command('logs'))
    .description('Print the logs of a workload\'s containers: "logs web", "logs web -c nginx -f"')
    .argument('<workload>', 'NAME or workload/NAME')
    .option('-c, --container <name>', 'only containers of this name')
    .option('--tail <lines>', 'only so many of the last lines of each container', parseLines)
    .option('-f, --follow', 'go on printing what comes, until Ctrl-C', false)
    .option('-p, --previous', 'those of the containers before the last restart', false)
    .option('--timestamps', 'begin each line with its time', false)
    .action(runLogs);
}

async function runLogs(argument: string, flags: LogsFlags): Promise<void> {
  const connection = await connect(flags);
  const cluster = await openWorkloadCluster(connection, nameIn(argument));
  const sources = await sourcesOf(cluster, flags.container);
  if (sources.length === 0) {
    const which = flags.container === undefined ? '' : ` with a container "${flags.container}"`;
    throw new CliError(`${argument} has no pods${which}; "tptctl describe workload" says more`);
  }
  const show = (source: Source): Promise<void> => printLog(cluster, source, flags, sources.length);
  let failures = 0;
  const count = (error: unknown): void => {
    // A container that has not started is no reason to hide what the others say.
    if (!isApiError(error)) throw error;
    console.error(`error: ${error.message}`);
    failures++;
  };
  if (flags.follow) await Promise.all(sources.map((source) => show(source).catch(count)));
  else for (const source of sources) await show(source).catch(count);
  if (failures > 0) process.exitCode = ExitCode.failure;
}

function nameIn(argument: string): string {
  const [type = '', name] = argument.split('/');
  if (name === undefined) return type;
  if (/^(wl|workloads?|workloadinst|workloadinstances?)(\..*)?$/i.test(type) && name !== '') {
    return name;
  }
  throw new CliError(`"${argument}" is no workload; want NAME or workload/NAME`, {
    exitCode: ExitCode.usage,
  });
}

async function sourcesOf(cluster: WorkloadCluster, container?: string): Promise<Source[]> {
  const { transport, headers, labelSelector } = cluster;
  const answer = await transport.send({
    method: 'GET',
    path: '/api/v1/pods',
    query: { labelSelector },
    headers,
  });
  if (answer.statusCode >= 300) throw decodeFailure(answer.statusCode, answer.text);
  const { items } = JSON.parse(answer.text) as { items: readonly Pod[] };
  return items
    .flatMap(({ metadata, spec }) =>
      (spec?.containers ?? []).map(({ name }) => ({
        namespace: metadata.namespace,
        pod: metadata.name,
        container: name,
      })),
    )
    .filter((source) => container === undefined || source.container === container);
}

async function printLog(
  { transport, headers }: WorkloadCluster,
  source: Source,
  flags: LogsFlags,
  sourceCount: number,
): Promise<void> {
  const { namespace, pod, container } = source;
  const incoming = await transport.stream({
    method: 'GET',
    path: `/api/v1/namespaces/${namespace}/pods/${pod}/log`,
    query: {
      container,
      tailLines: flags.tail,
      follow: flags.follow ? true : undefined,
      previous: flags.previous ? true : undefined,
      timestamps: flags.timestamps ? true : undefined,
    },
    headers,
  });
  const prefix = sourceCount > 1 ? `[${pod}/${container}] ` : '';
  for await (const line of createInterface({ input: incoming })) {
    process.stdout.write(`${prefix}${line}\n`);
  }
}

function parseLines(value: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new InvalidArgumentError('want a whole number of lines.');
}
