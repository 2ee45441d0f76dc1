import { compile } from 'json-schema-to-typescript';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { isStorageVersion, isStored } from '../../sdk/api/kind.js';
import { GENERATED_HEADER } from './header.js';
import type { SchemaFolder, SchemaNode } from './load-schemas.js';
import { definitionName, resolveSchema } from './resolve-schema.js';

/** `sdk/api/zz_generated.types.ts`: an interface per kind's spec and status, and the kind itself. */
export async function emitTypes(
  folder: SchemaFolder,
  kinds: readonly KindDefinition[],
): Promise<string> {
  const definitions: Record<string, SchemaNode> = { ...folder.definitions };
  const declarations: string[] = [];
  for (const [i, kind] of kinds.entries()) {
    // Business code sees the version that is stored.
    if (!isStored(kind) || !isStorageVersion(kind)) continue;
    const document = folder.files[i]?.document ?? {};
    const properties = (document['properties'] ?? {}) as Record<string, SchemaNode>;
    const { spec, status, ...rest } = properties;
    for (const [suffix, node] of [
      ['Spec', spec],
      ['Status', status],
    ] as const) {
      if (node === undefined) continue;
      const name = `${kind.kind}${suffix}`;
      if (typeof node['$ref'] === 'string') {
        declarations.push(`export type ${name} = ${definitionName(node['$ref'])};\n`);
      } else {
        definitions[name] = {
          description: `The ${suffix.toLowerCase()} of a ${kind.kind}.`,
          ...(node['allOf'] === undefined ? node : resolveSchema(node, folder.definitions)),
        };
      }
    }
    const hasRest = Object.keys(rest).length > 0;
    if (hasRest) {
      definitions[`${kind.kind}Fields`] = {
        type: 'object',
        description: `The fields of a ${kind.kind} beside its metadata.`,
        properties: rest,
        required: ((document['required'] ?? []) as string[]).filter((name) => name in rest),
      };
    }
    declarations.push(declare(kind, spec !== undefined, status !== undefined, hasRest));
  }
  const types = await compile(
    {
      title: 'Unused',
      type: 'object',
      additionalProperties: false,
      definitions: closeEach(definitions) as Record<string, SchemaNode>,
    },
    'Unused',
    {
      bannerComment: '',
      additionalProperties: false,
      unreachableDefinitions: true,
      format: false,
      ignoreMinAndMaxItems: true,
    },
  );
  return [
    GENERATED_HEADER,
    "import type { ApiObject } from './object.js';",
    '',
    withoutRootMentions(types),
    ...declarations,
  ].join('\n');
}

function declare(
  kind: KindDefinition,
  hasSpec: boolean,
  hasStatus: boolean,
  hasRest: boolean,
): string {
  const spec = hasSpec ? `${kind.kind}Spec` : 'unknown';
  const status = hasStatus ? `${kind.kind}Status` : 'unknown';
  const fields = hasRest ? ` & ${kind.kind}Fields` : '';
  const doc =
    kind.description === undefined
      ? ''
      : `/** ${kind.description.replace(/\s+/g, ' ').trim()} */\n`;
  return `${doc}export type ${kind.kind} = ApiObject<${spec}, ${status}>${fields};\n`;
}

/** The library needs a root schema and mentions it; readers of the types do not. */
function withoutRootMentions(types: string): string {
  return types
    .replace(/export interface Unused \{\s*\}/, '')
    .replace(
      / \*\s*\n \* This (interface|type) was referenced by `Unused`'s JSON-Schema\s*\n \* via the `definition` "[^"]+"\.\n/g,
      '',
    )
    .replace(
      /\/\*\*\s*\n \* This (interface|type) was referenced by `Unused`'s JSON-Schema\s*\n \* via the `definition` "[^"]+"\.\n \*\/\n/g,
      '',
    );
}

/** Our keywords dropped; objects that keep unknown fields opened, the others left closed. */
function close(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(close);
  if (typeof value !== 'object' || value === null) return value;
  const closed: SchemaNode = {};
  for (const [keyword, child] of Object.entries(value)) {
    if (keyword.startsWith('x-') || keyword === 'default') continue;
    closed[keyword] =
      keyword === 'properties' || keyword === 'definitions' ? closeEach(child) : close(child);
  }
  const isOpen = (value as SchemaNode)['x-kubernetes-preserve-unknown-fields'] === true;
  return isOpen ? { ...closed, additionalProperties: true } : closed;
}

function closeEach(nodes: object): SchemaNode {
  return Object.fromEntries(Object.entries(nodes).map(([name, node]) => [name, close(node)]));
}
