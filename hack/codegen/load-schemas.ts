import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { load } from 'js-yaml';

export type SchemaNode = { [keyword: string]: unknown };

/** One file of `api-schemas/`, parsed but not yet understood. */
export interface SchemaFile {
  /** Path below the schema folder, for messages. */
  readonly path: string;
  readonly document: SchemaNode;
}

export interface SchemaFolder {
  readonly files: readonly SchemaFile[];
  /** `definitions.yaml`: shapes that several kinds share. */
  readonly definitions: Readonly<Record<string, SchemaNode>>;
}

/** The one file of a schema folder that declares no kind. */
export const DEFINITIONS_FILE = 'definitions.yaml';

/**
 * Reads `<group>/<version>/<kind>.yaml` below a folder, in path order.
 *
 * @throws Error naming the file that does not parse or is no mapping.
 */
export async function loadSchemaFolder(folder: string): Promise<SchemaFolder> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const files: SchemaFile[] = [];
  let definitions: Record<string, SchemaNode> = {};
  for (const path of paths) {
    const document = await readMapping(path);
    if (basename(path) === DEFINITIONS_FILE) definitions = document as Record<string, SchemaNode>;
    else files.push({ path: relative(folder, path), document });
  }
  return { files, definitions };
}

async function readMapping(path: string): Promise<SchemaNode> {
  let document: unknown;
  try {
    document = load(await readFile(path, 'utf8'), { filename: path });
  } catch (cause) {
    throw new Error(`cannot read schema ${path}`, { cause });
  }
  if (typeof document !== 'object' || document === null || Array.isArray(document)) {
    throw new Error(`schema ${path} must be a mapping`);
  }
  return document as SchemaNode;
}
