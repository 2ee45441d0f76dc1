import { Command, Option } from 'commander';
import { isApiError } from '../../sdk/api/errors.js';
import { CliError, ExitCode } from '../cli-error.js';
import type { Connection, ConnectionFlags } from '../connection.js';
import { connect, namespaceOf, withConnectionFlags } from '../connection.js';
import { kindOfObject } from '../discovery.js';
import { parseDurationMs } from '../duration.js';
import type { ObjectPlace } from '../object-api.js';
import { placeName } from '../object-api.js';
import { parseResourceArgs } from '../resource-args.js';
import { readObjects } from '../resource-file.js';
import { waitForDeletion } from '../wait-for.js';

interface DeleteFlags extends ConnectionFlags {
  readonly filename?: readonly string[];
  readonly recursive: boolean;
  readonly selector?: string;
  readonly all: boolean;
  readonly wait: boolean;
  readonly timeout: string;
  readonly ignoreNotFound: boolean;
  readonly cascade: 'background' | 'foreground' | 'orphan';
}

/** `tptctl delete`: by file, by name, by label; waits until the objects are gone. */
export function deleteCommand(): Command {
  return withConnectionFlags(new Command('delete'))
    .description('Delete objects and what they made, and wait until they are gone')
    .argument('[type...]', 'TYPE NAME... or TYPE/NAME..., when there is no -f')
    .option('-f, --filename <path...>', 'the files that declare the objects; "-" is standard input')
    .option('-R, --recursive', 'look into the folders of a folder too', false)
    .option('-l, --selector <labels>', 'every object of the type with these labels')
    .option('--all', 'every object of the type in the namespace', false)
    .option('--no-wait', 'return when the deletion is asked for')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .option('--ignore-not-found', 'an object that is gone already is no error', false)
    .addOption(
      new Option('--cascade <how>', 'what happens to the objects that these own')
        .choices(['background', 'foreground', 'orphan'])
        .default('background'),
    )
    .action(runDelete);
}

async function runDelete(args: readonly string[], flags: DeleteFlags): Promise<void> {
  const timeoutMs = parseDurationMs(flags.timeout);
  const places = await placesOf(args, flags);
  const { connection } = places;
  // In reverse, for files declare what is needed before what needs it.
  let left: readonly ObjectPlace[] = places.list.toReversed();
  const failures: string[] = [];
  while (left.length > 0) {
    const round = await askForDeletion(connection, left, flags);
    for (const { place, uid } of round.deleted) {
      if (!flags.wait) continue;
      await waitForDeletion(connection, place, { uid, timeoutMs });
      console.log(`${placeName(place)} deleted`);
    }
    // What was in use may be free once the others are gone; without waiting nobody can know.
    const again = flags.wait && round.deleted.length > 0;
    if (!again) failures.push(...round.blocked.map(({ message }) => message));
    failures.push(...round.failures);
    left = again ? round.blocked.map(({ place }) => place) : [];
  }
  for (const failure of failures) console.error(`error: ${failure}`);
  if (failures.length > 0) {
    throw new CliError(`${failures.length} of ${places.list.length} objects were not deleted`);
  }
}

interface DeletionRound {
  readonly deleted: readonly { readonly place: ObjectPlace; readonly uid: string }[];
  /** Refused because others still refer to them. */
  readonly blocked: readonly { readonly place: ObjectPlace; readonly message: string }[];
  readonly failures: readonly string[];
}

async function askForDeletion(
  { client }: Connection,
  places: readonly ObjectPlace[],
  flags: DeleteFlags,
): Promise<DeletionRound> {
  const deleted: { place: ObjectPlace; uid: string }[] = [];
  const blocked: { place: ObjectPlace; message: string }[] = [];
  const failures: string[] = [];
  for (const place of places) {
    try {
      const { uid } = (await client.get(place.kind, place)).metadata;
      await client.delete(place.kind, place, { uid, propagationPolicy: policyOf(flags.cascade) });
      deleted.push({ place, uid });
      if (!flags.wait) console.log(`${placeName(place)} deletion asked for`);
    } catch (error) {
      if (!isApiError(error)) throw error;
      if (error.reason === 'NotFound' && flags.ignoreNotFound) continue;
      const message = `${placeName(place)}: ${error.message}`;
      if (error.reason === 'Conflict') blocked.push({ place, message });
      else failures.push(message);
    }
  }
  return { deleted, blocked, failures };
}

async function placesOf(
  args: readonly string[],
  flags: DeleteFlags,
): Promise<{ connection: Connection; list: ObjectPlace[] }> {
  if (flags.filename !== undefined) {
    if (args.length > 0) {
      throw new CliError('name objects by -f or by type and name, not both', {
        exitCode: ExitCode.usage,
      });
    }
    const objects = await readObjects(flags.filename, flags.recursive);
    const connection = await connect(flags);
    const kinds = await connection.kinds();
    const list = objects.map(({ object, source }) => {
      try {
        const namespace = namespaceOf(object, connection);
        return { kind: kindOfObject(kinds, object), namespace, name: object.metadata.name };
      } catch (error) {
        if (!(error instanceof CliError)) throw error;
        throw new CliError(`nothing was deleted:\n  ${source}: ${error.message}`);
      }
    });
    return { connection, list };
  }
  const connection = await connect(flags);
  const named = parseResourceArgs(await connection.kinds(), args);
  const list: ObjectPlace[] = [];
  for (const { kind, name } of named) {
    if (name !== undefined) {
      list.push({ kind, namespace: connection.namespace, name });
      continue;
    }
    if (!flags.all && flags.selector === undefined) {
      throw new CliError(`which ${kind.plural}? Give names, -l LABELS or --all`, {
        exitCode: ExitCode.usage,
      });
    }
    const select = flags.selector === undefined ? {} : { labelSelector: flags.selector };
    const found = await connection.client.list(kind, {
      ...(kind.namespaced && { namespace: connection.namespace }),
      ...select,
    });
    if (found.items.length === 0) console.error('No resources found.');
    for (const object of found.items) {
      list.push({ kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name });
    }
  }
  return { connection, list };
}

function policyOf(cascade: DeleteFlags['cascade']): 'Background' | 'Foreground' | 'Orphan' {
  return ({ background: 'Background', foreground: 'Foreground', orphan: 'Orphan' } as const)[
    cascade
  ];
}
