import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { jsonSize } from '../sdk/api/json-size.js';
import type { ApiObject } from '../sdk/api/object.js';
import { CliError } from './cli-error.js';

/** An object with the place that it was read from, for messages. */
export interface FileObject {
  readonly object: ApiObject;
  /** `app.yaml:12`, the line where its document starts. */
  readonly source: string;
}

/** Standard input, as `-f -` names it. */
const STDIN = '-';
/** What the aliases of one document may expand it to; a server takes far less. */
const MAX_EXPANDED_BYTES = 16_000_000;
const EXTENSIONS = /\.(ya?ml|json)$/;

/**
 * Reads objects from files, folders (their `.yaml`, `.yml` and `.json` files, by name; deeper with
 * `recursive`) and standard input, in the order given. Lists are taken apart.
 *
 * @throws CliError naming file and line of what cannot be read, parsed, or is no object.
 */
export async function readObjects(
  paths: readonly string[],
  recursive = false,
): Promise<FileObject[]> {
  const objects: FileObject[] = [];
  for (const path of paths) {
    for (const file of await filesOf(path, recursive)) {
      objects.push(...(await parseObjects(await readText(file), file === STDIN ? 'stdin' : file)));
    }
  }
  if (objects.length === 0) {
    const names = paths.map((path) => (path === STDIN ? 'standard input' : path));
    throw new CliError(`no objects in ${names.join(', ')}`);
  }
  return objects;
}

async function filesOf(path: string, recursive: boolean): Promise<string[]> {
  if (path === STDIN) return [STDIN];
  const info = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw new CliError(
      cause.code === 'ENOENT'
        ? `the path "${path}" does not exist`
        : `cannot read ${path}: ${cause.message}`,
    );
  });
  if (!info.isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true, recursive });
  return entries
    .filter((entry) => entry.isFile() && EXTENSIONS.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

async function readText(file: string): Promise<string> {
  if (file !== STDIN) {
    return readFile(file, 'utf8').catch((cause: Error) => {
      throw new CliError(`cannot read ${file}: ${cause.message}`);
    });
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** Parses the documents of one text, reading scalars as kubectl does. Exported for tests. */
export async function parseObjects(text: string, file: string): Promise<FileObject[]> {
  const { parseYamlDocuments, YamlSyntaxError } = await import('../sdk/yaml-documents.js');
  try {
    return parseYamlDocuments(text).flatMap(({ value, line }) => {
      if (jsonSize(value, MAX_EXPANDED_BYTES) > MAX_EXPANDED_BYTES) {
        throw new CliError(
          `${file}:${line}: larger than ${MAX_EXPANDED_BYTES} bytes once its aliases are expanded, or nested too deep`,
        );
      }
      return objectsIn(value, `${file}:${line}`);
    });
  } catch (error) {
    if (!(error instanceof YamlSyntaxError)) throw error;
    throw new CliError(`${file}:${error.line}: not valid YAML: ${error.reason}`);
  }
}

function objectsIn(value: unknown, source: string): FileObject[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CliError(`${source}: an object is wanted here, with apiVersion, kind and metadata`);
  }
  const object = value as Partial<ApiObject> & { items?: unknown };
  for (const field of ['apiVersion', 'kind'] as const) {
    if (typeof object[field] !== 'string' || object[field] === '') {
      throw new CliError(`${source}: ${field} is missing`);
    }
  }
  if (object.kind === 'List' && Array.isArray(object.items)) {
    return object.items.flatMap((item: unknown) => objectsIn(item, source));
  }
  if (typeof object.metadata?.name !== 'string' || object.metadata.name === '') {
    throw new CliError(`${source}: ${object.kind}: metadata.name is missing`);
  }
  return [{ object: object as ApiObject, source }];
}
