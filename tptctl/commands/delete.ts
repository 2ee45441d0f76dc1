import { Command, Option } from 'commander';
import { isNotFound } from '../../sdk/api/errors.js';
import { CliError, ExitCode } from '../cli-error.js';
import type { Connection, ConnectionFlags } from '../connection.js';
import { connect, withConnectionFlags } from '../connection.js';
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
  const deleted: { place: ObjectPlace; uid: string }[] = [];
  let failures = 0;
  // In reverse, for files declare what is needed before what needs it.
  for (const place of places.list.toReversed()) {
    try {
      const object = await connection.client.get(place.kind, place);
      await connection.client.delete(place.kind, place, {
        uid: object.metadata.uid,
        propagationPolicy: policyOf(flags.cascade),
      });
      deleted.push({ place, uid: object.metadata.uid });
      if (!flags.wait) console.log(`${placeName(place)} deletion asked for`);
    } catch (error) {
      if (isNotFound(error) && flags.ignoreNotFound) continue;
      failures++;
      console.error(
        `error: ${placeName(place)}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  if (flags.wait) {
    for (const { place, uid } of deleted) {
      await waitForDeletion(connection, place, { uid, timeoutMs });
      console.log(`${placeName(place)} deleted`);
    }
  }
  if (failures > 0)
    throw new CliError(`${failures} of ${places.list.length} objects were not deleted`);
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
    const list = objects.map(({ object }) => ({
      kind: kindOfObject(kinds, object),
      namespace: object.metadata.namespace ?? connection.namespace,
      name: object.metadata.name,
    }));
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
