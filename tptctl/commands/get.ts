import { Command } from 'commander';
import { collectionPath } from '../../sdk/api/kind.js';
import { fromStatus, isApiError } from '../../sdk/api/errors.js';
import { CliError, ExitCode } from '../cli-error.js';
import type { Connection, ConnectionFlags } from '../connection.js';
import { connect, withConnectionFlags } from '../connection.js';
import { placeName, placePath } from '../object-api.js';
import type { ResourceArg } from '../resource-args.js';
import { parseResourceArgs } from '../resource-args.js';
import type { ServerTable } from '../server-table.js';
import { printServerTable, TABLE_TYPE, watchServerTable } from '../server-table.js';

interface GetFlags extends ConnectionFlags {
  readonly output?: string;
  readonly selector?: string;
  readonly fieldSelector?: string;
  readonly allNamespaces: boolean;
  readonly watch: boolean;
  readonly headers: boolean;
  readonly showLabels: boolean;
  readonly ignoreNotFound: boolean;
  readonly showManagedFields: boolean;
}

const OUTPUTS = ['wide', 'json', 'yaml', 'name'];
const TABLE = `${TABLE_TYPE},application/json`;

/** `tptctl get`: tables as the server prints them, or the objects themselves. */
export function getCommand(): Command {
  return withConnectionFlags(new Command('get'))
    .description('List objects: "get workloads,runtimes", "get workload web -o yaml"')
    .argument('<type...>', 'TYPE[,TYPE...] [NAME...] or TYPE/NAME...')
    .option('-o, --output <format>', `one of ${OUTPUTS.join(', ')}`)
    .option('-l, --selector <labels>', 'only objects with these labels: app=web,tier!=cache')
    .option('--field-selector <fields>', 'only objects with these fields: spec.runtime=local')
    .option('-A, --all-namespaces', 'from every namespace', false)
    .option('-w, --watch', 'then go on printing what changes, until Ctrl-C', false)
    .option('--no-headers', 'leave out the line of headers')
    .option('--show-labels', 'add a column of labels', false)
    .option('--show-managed-fields', 'with json and yaml: keep metadata.managedFields', false)
    .option('--ignore-not-found', 'exit 0 when a named object does not exist', false)
    .action(runGet);
}

async function runGet(args: readonly string[], flags: GetFlags): Promise<void> {
  if (flags.output !== undefined && !OUTPUTS.includes(flags.output)) {
    throw new CliError(`unknown output format "${flags.output}"; want ${OUTPUTS.join(', ')}`, {
      exitCode: ExitCode.usage,
    });
  }
  const connection = await connect(flags);
  const wanted = parseResourceArgs(await connection.kinds(), args);
  if (flags.watch && wanted.length > 1) {
    throw new CliError('--watch takes one resource type, and at most one name', {
      exitCode: ExitCode.usage,
    });
  }
  const isTable = flags.output === undefined || flags.output === 'wide';
  if (!isTable) return printObjects(connection, wanted, flags);
  await printTables(connection, wanted, flags);
}

async function printTables(
  connection: Connection,
  wanted: readonly ResourceArg[],
  flags: GetFlags,
): Promise<void> {
  let printed = 0;
  let missing = 0;
  const prefixed = new Set(wanted.map(({ kind }) => kind)).size > 1;
  for (const { kind, names } of byKind(wanted)) {
    const tables: ServerTable[] = [];
    for (const name of names) {
      const table = await fetchTable(connection, kind, name, flags);
      if (table === undefined) missing++;
      else tables.push(table);
    }
    const [first, ...rest] = tables;
    if (first === undefined) continue;
    const table = { ...first, rows: [first, ...rest].flatMap((one) => one.rows ?? []) };
    if (table.rows.length === 0 && !flags.watch) {
      if (!prefixed)
        console.error(emptyMessage(kind.namespaced && !flags.allNamespaces, connection.namespace));
      continue;
    }
    if (printed++ > 0) process.stdout.write('\n');
    printServerTable(table, kind, { ...flags, prefixed });
    if (flags.watch) await watchServerTable(connection, kind, names[0], table, flags);
  }
  if (printed === 0 && prefixed && missing === 0) console.error('No resources found.');
  if (missing > 0 && !flags.ignoreNotFound) process.exitCode = ExitCode.failure;
}

/** Undefined when a named object is not there, which is said at once. */
async function fetchTable(
  connection: Connection,
  kind: ResourceArg['kind'],
  name: string | undefined,
  flags: GetFlags,
): Promise<ServerTable | undefined> {
  const answer = await connection.client.raw({
    method: 'GET',
    path: pathOf(connection, { kind, ...(name !== undefined && { name }) }, flags),
    ...(name === undefined && {
      query: { labelSelector: flags.selector, fieldSelector: flags.fieldSelector },
    }),
    headers: { accept: TABLE },
  });
  const body = JSON.parse(answer.text) as unknown;
  if (answer.statusCode < 300) return body as ServerTable;
  const error = fromStatus(answer.statusCode, body);
  if (error.reason !== 'NotFound' || name === undefined) throw error;
  if (!flags.ignoreNotFound) console.error(`error: ${error.message}`);
  return undefined;
}

async function printObjects(
  connection: Connection,
  wanted: readonly ResourceArg[],
  flags: GetFlags,
): Promise<void> {
  const objects: { [field: string]: unknown; metadata: { name: string } }[] = [];
  const names: string[] = [];
  for (const arg of wanted) {
    const select = {
      ...(arg.kind.namespaced && !flags.allNamespaces && { namespace: connection.namespace }),
      ...(flags.selector !== undefined && { labelSelector: flags.selector }),
      ...(flags.fieldSelector !== undefined && { fieldSelector: flags.fieldSelector }),
    };
    try {
      const found =
        arg.name === undefined
          ? (await connection.client.list(arg.kind, select)).items
          : [
              await connection.client.get(arg.kind, {
                namespace: connection.namespace,
                name: arg.name,
              }),
            ];
      objects.push(...(flags.showManagedFields ? found : found.map(withoutManagedFields)));
      names.push(
        ...found.map((object) => placeName({ kind: arg.kind, name: object.metadata.name })),
      );
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      if (!flags.ignoreNotFound) {
        console.error(`error: ${error.message}`);
        process.exitCode = ExitCode.failure;
      }
    }
  }
  if (flags.output === 'name') {
    for (const name of names) console.log(name);
    return;
  }
  const isSingle = wanted.length === 1 && wanted[0]?.name !== undefined;
  if (isSingle && objects.length === 0) return;
  const result = isSingle
    ? objects[0]
    : { apiVersion: 'v1', kind: 'List', metadata: {}, items: objects };
  if (flags.output === 'json') console.log(JSON.stringify(result, null, 2));
  else
    process.stdout.write(
      (await import('js-yaml')).dump(result, { noRefs: true, skipInvalid: true }),
    );
}

/** They are for machines, and half the text. */
function withoutManagedFields<O extends { metadata: object }>(object: O): O {
  return { ...object, metadata: { ...object.metadata, managedFields: undefined } };
}

function byKind(
  wanted: readonly ResourceArg[],
): { kind: ResourceArg['kind']; names: (string | undefined)[] }[] {
  const groups = new Map<ResourceArg['kind'], (string | undefined)[]>();
  for (const { kind, name } of wanted) groups.set(kind, [...(groups.get(kind) ?? []), name]);
  return [...groups].map(([kind, names]) => ({ kind, names }));
}

function pathOf(connection: Connection, arg: ResourceArg, flags: GetFlags): string {
  return arg.name === undefined
    ? collectionPath(arg.kind, flags.allNamespaces ? undefined : connection.namespace)
    : placePath({ kind: arg.kind, namespace: connection.namespace, name: arg.name });
}

function emptyMessage(inNamespace: boolean, namespace: string): string {
  return inNamespace ? `No resources found in ${namespace} namespace.` : 'No resources found.';
}
