import { Command, Option } from 'commander';
import type { ApiError } from '../../sdk/api/errors.js';
import { isApiError, isNotFound } from '../../sdk/api/errors.js';
import { CliError } from '../cli-error.js';
import type { Connection, ConnectionFlags } from '../connection.js';
import { connect, namespaceOf, withConnectionFlags } from '../connection.js';
import type { DiscoveredKind } from '../discovery.js';
import { kindOfObject } from '../discovery.js';
import type { ObjectPlace } from '../object-api.js';
import { applyObject, placeName, placePath } from '../object-api.js';
import { parseDurationMs } from '../duration.js';
import type { FileObject } from '../resource-file.js';
import { readObjects } from '../resource-file.js';
import { waitForCondition } from '../wait-for.js';

interface ApplyFlags extends ConnectionFlags {
  readonly filename: readonly string[];
  readonly recursive: boolean;
  readonly dryRun: 'none' | 'server';
  readonly forceConflicts: boolean;
  readonly output?: 'name' | 'json' | 'yaml';
  readonly wait: boolean;
  readonly timeout: string;
}

/** `tptctl apply`: creates or changes what files declare, by server-side apply. */
export function applyCommand(): Command {
  return withConnectionFlags(new Command('apply'))
    .description('Create or change the objects that files declare')
    .requiredOption(
      '-f, --filename <path...>',
      'files or folders of YAML or JSON; "-" is standard input',
    )
    .option('-R, --recursive', 'look into the folders of a folder too', false)
    .addOption(
      new Option('--dry-run <how>', '"server": checked by the server, nothing is written')
        .choices(['none', 'server'])
        .default('none'),
    )
    .option('--force-conflicts', 'take fields that other managers own', false)
    .addOption(
      new Option('-o, --output <format>', 'print the objects').choices(['name', 'json', 'yaml']),
    )
    .option('--wait', 'return when the objects are Ready', false)
    .option('--timeout <duration>', 'how long --wait waits', '5m')
    .action(runApply);
}

async function runApply(flags: ApplyFlags): Promise<void> {
  const timeoutMs = parseDurationMs(flags.timeout);
  const objects = await readObjects(flags.filename, flags.recursive);
  const connection = await connect(flags);
  const placed = await placeAll(connection, objects);
  const applied: ObjectPlace[] = [];
  const failures: string[] = [];
  for (const { place, file } of placed) {
    try {
      await applyOne(connection, place, file, flags);
      applied.push(place);
    } catch (error) {
      if (!isApiError(error)) throw error;
      failures.push(`${file.source}: ${placeName(place)}: ${error.message}${remedyFor(error)}`);
    }
  }
  for (const failure of failures) console.error(`error: ${failure}`);
  if (failures.length > 0) {
    throw new CliError(
      `${failures.length} of ${placed.length} objects were not applied, ${applied.length} were`,
    );
  }
  if (flags.wait && flags.dryRun === 'none') {
    const deadlineMs = Date.now() + timeoutMs;
    for (const place of applied.filter(({ kind }) => canBecomeReady(kind))) {
      const leftMs = Math.max(1, deadlineMs - Date.now());
      await waitForCondition(connection, place, {
        type: 'Ready',
        status: 'True',
        timeoutMs: leftMs,
        onProgress: (said) => console.error(`${placeName(place)}: ${said}`),
      });
    }
  }
}

/** Plain data, and Kubernetes' own core kinds, have no `Ready` to wait for. */
function canBecomeReady(kind: DiscoveredKind): boolean {
  return kind.hasStatus && kind.group !== '';
}

/** Kinds are looked up before the first write: a mistyped kind leaves nothing half-applied. */
async function placeAll(
  connection: Connection,
  files: readonly FileObject[],
): Promise<{ place: ObjectPlace; file: FileObject }[]> {
  const kinds = await connection.kinds();
  const problems: string[] = [];
  const placed = files.flatMap((file) => {
    try {
      const kind = kindOfObject(kinds, file.object);
      const namespace = namespaceOf(file.object, connection);
      return [{ file, place: { kind, namespace, name: file.object.metadata.name } }];
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      problems.push(`${file.source}: ${error.message}`);
      return [];
    }
  });
  problems.push(...declaredTwice(placed));
  if (problems.length > 0) throw new CliError(`nothing was applied:\n  ${problems.join('\n  ')}`);
  return placed;
}

/** What to do about a refusal whose words do not say it. */
function remedyFor(error: ApiError): string {
  const isTaken = error.details?.causes?.some(({ reason }) => reason === 'FieldManagerConflict');
  return isTaken === true ? '\n  to take these fields over: --force-conflicts' : '';
}

/** One object in two documents: the last would win, which is hardly ever meant. */
function declaredTwice(placed: readonly { place: ObjectPlace; file: FileObject }[]): string[] {
  const first = new Map<string, FileObject>();
  return placed.flatMap(({ place, file }) => {
    const key = placePath(place);
    const before = first.get(key);
    if (before === undefined) first.set(key, file);
    return before === undefined || JSON.stringify(before.object) === JSON.stringify(file.object)
      ? []
      : [`${file.source}: ${placeName(place)} is declared otherwise in ${before.source}`];
  });
}

async function applyOne(
  connection: Connection,
  place: ObjectPlace,
  file: FileObject,
  flags: ApplyFlags,
): Promise<void> {
  const { client } = connection;
  const before = await client
    .find(place.kind, place)
    .catch((error: unknown) => (isNotFound(error) ? undefined : Promise.reject(error)));
  const { object, warnings } = await applyObject(client, place, file.object, {
    force: flags.forceConflicts,
    dryRun: flags.dryRun === 'server',
  });
  for (const warning of warnings) console.error(`warning: ${file.source}: ${warning}`);
  if (flags.output === 'json') console.log(JSON.stringify(object, null, 2));
  else if (flags.output === 'yaml')
    console.log(`---\n${(await import('js-yaml')).dump(object)}`.trimEnd());
  else if (flags.output === 'name') console.log(placeName(place));
  else {
    const unchanged = before?.metadata.resourceVersion === object.metadata.resourceVersion;
    const what = before === undefined ? 'created' : unchanged ? 'unchanged' : 'configured';
    console.log(
      `${placeName(place)} ${what}${flags.dryRun === 'server' ? ' (server dry run)' : ''}`,
    );
  }
}
