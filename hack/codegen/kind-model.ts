import type {
  IndexedField,
  KindDefinition,
  KindView,
  PrinterColumn,
  ReconciledKind,
  ReferenceField,
  SelectorField,
  VersionConversion,
} from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import { checkConversions } from '../../server/conversion/conversion-steps.js';
import type { Declaration } from './check-declarations.js';
import { checkDeclarations, naming } from './check-declarations.js';
import { checkKeywords } from './check-keywords.js';
import { checkValidationRules } from './check-validation-rules.js';
import type { SchemaFile, SchemaFolder, SchemaNode } from './load-schemas.js';
import { DEFINITIONS_FILE } from './load-schemas.js';
import { definitionName, resolveDocument } from './resolve-schema.js';

const HEADER_KEYWORDS = [
  'group',
  'version',
  'kind',
  'plural',
  'singular',
  'shortNames',
  'categories',
  'scope',
  'subresources',
  'reconciled',
  'viewOf',
  'isReview',
  'printerColumns',
  'storage',
  'served',
  'conversion',
];

/**
 * What a folder of schemas declares, in the order of their files.
 *
 * @throws Error naming the file, the keyword and what it wants instead.
 */
export function kindsOf(folder: SchemaFolder): KindDefinition[] {
  naming(DEFINITIONS_FILE, () => {
    for (const [name, node] of Object.entries(folder.definitions)) checkKeywords(node, name);
  });
  const declarations = folder.files.map((file): Declaration => ({
    path: file.path,
    kind: naming(file.path, () => kindOf(file, folder)),
  }));
  checkDeclarations(declarations);
  return withStorageVersions(declarations, folder);
}

/** Says of each version of a kind which one is stored: `x-threeport.storage`, or the only one. */
function withStorageVersions(
  declarations: readonly Declaration[],
  { files }: SchemaFolder,
): KindDefinition[] {
  const stored = new Map<string, string>();
  for (const [i, { path, kind }] of declarations.entries()) {
    const resource = resourceName(kind);
    const isOnly = declarations.filter((one) => resourceName(one.kind) === resource).length === 1;
    const header = files[i]?.document['x-threeport'] as SchemaNode;
    if (!isOnly && header['storage'] !== true) continue;
    naming(path, () => {
      if (stored.has(resource))
        throw new Error(`x-threeport.storage: ${resource} has two such versions`);
      stored.set(resource, kind.version);
    });
  }
  const kinds = declarations.map(({ path, kind }): KindDefinition => {
    const storageVersion = stored.get(resourceName(kind));
    return naming(path, () => {
      if (storageVersion === undefined) {
        throw new Error('x-threeport.storage must be true in one version of the kind');
      }
      return storageVersion === kind.version ? kind : { ...kind, storageVersion };
    });
  });
  checkConversions(kinds);
  return kinds;
}

function kindOf(file: SchemaFile, folder: SchemaFolder): KindDefinition {
  const { 'x-threeport': given, ...schema } = file.document;
  const header = given as SchemaNode | undefined;
  if (header === undefined)
    throw new Error('x-threeport is missing: it names group, version and kind');
  const unknown = Object.keys(header).find((keyword) => !HEADER_KEYWORDS.includes(keyword));
  if (unknown !== undefined) {
    throw new Error(`x-threeport.${unknown} is not known; known are ${HEADER_KEYWORDS.join(', ')}`);
  }
  checkKeywords(schema, '');
  const kind = text(header, 'kind');
  const subresources = (header['subresources'] ?? {}) as { status?: boolean };
  const annotations = collectAnnotations(file.document, folder.definitions);
  const description = file.document['description'] as string | undefined;
  const resolved = resolveDocument(file.document, folder.definitions);
  checkValidationRules(resolved, annotations.sensitive);
  return {
    group: groupOf(header, 'x-threeport'),
    version: text(header, 'version'),
    kind,
    plural: text(header, 'plural'),
    singular: (header['singular'] as string | undefined) ?? kind.toLowerCase(),
    listKind: `${kind}List`,
    shortNames: (header['shortNames'] as string[] | undefined) ?? [],
    categories: (header['categories'] as string[] | undefined) ?? [],
    namespaced: scopeOf(header) === 'Namespaced',
    status: subresources.status === true,
    printerColumns: (header['printerColumns'] as PrinterColumn[] | undefined) ?? [],
    ...annotations,
    ...(header['reconciled'] !== undefined && {
      reconciled: header['reconciled'] as ReconciledKind,
    }),
    ...(header['viewOf'] !== undefined && {
      viewOf: viewOf(header['viewOf'] as SchemaNode, folder),
    }),
    ...(header['isReview'] === true && { isReview: true }),
    ...(header['served'] === false && { served: false }),
    ...(header['conversion'] !== undefined && {
      conversion: conversionOf(header['conversion'] as SchemaNode),
    }),
    schema: resolved,
    ...(description !== undefined && { description }),
  };
}

/** @throws Error unless a schema declares the kind whose objects are shown. */
function viewOf(view: SchemaNode, { files }: SchemaFolder): KindView {
  const [group, kind] = [groupOf(view, 'viewOf'), text(view, 'kind')];
  const headers = files.map(({ document }) => (document['x-threeport'] ?? {}) as SchemaNode);
  const stored = headers.find((header) => header['group'] === group && header['kind'] === kind);
  if (stored === undefined) {
    throw new Error(`viewOf names ${kind} of group "${group}", which no schema declares`);
  }
  return {
    resource: resourceName({ group, plural: text(stored, 'plural') }),
    renamed: (view['renamed'] ?? {}) as Record<string, string>,
  };
}

function conversionOf(conversion: SchemaNode): VersionConversion {
  const moved = (conversion['moved'] ?? []) as SchemaNode[];
  return {
    of: text(conversion, 'of'),
    moved: moved.map((move) => ({ from: text(move, 'from'), to: text(move, 'to') })),
  };
}

type Annotations = Pick<
  KindDefinition,
  'references' | 'selectors' | 'indexed' | 'immutable' | 'sensitive'
>;

/** Finds our keywords on the fields below a node and turns each into a path. */
function collectAnnotations(
  root: SchemaNode,
  definitions: Readonly<Record<string, SchemaNode>>,
): Annotations {
  const references: ReferenceField[] = [];
  const selectors: SelectorField[] = [];
  const indexed: IndexedField[] = [];
  const immutable: string[] = [];
  const sensitive: string[] = [];

  const visit = (node: SchemaNode, path: string, trail: readonly string[]): void => {
    if (typeof node['$ref'] === 'string') {
      const name = definitionName(node['$ref']);
      // A definition that holds itself says nothing of a path that it does not end.
      if (!trail.includes(name)) visit(definitions[name] ?? {}, path, [...trail, name]);
    }
    for (const part of (node['allOf'] as SchemaNode[] | undefined) ?? []) visit(part, path, trail);
    const reference = node['x-ref'] as SchemaNode | undefined;
    if (reference?.['selector'] === true) selectors.push(selectorAt(path, reference));
    else if (reference !== undefined) references.push(referenceAt(path, reference));
    if (node['x-indexed'] === true) indexed.push({ path, type: columnType(path, node) });
    if (node['x-immutable'] === true) immutable.push(path);
    if (node['x-sensitive'] === true) sensitive.push(path);
    const properties = (node['properties'] ?? {}) as Record<string, SchemaNode>;
    for (const [name, property] of Object.entries(properties)) {
      visit(property, path === '' ? name : `${path}.${name}`, trail);
    }
    const additional = node['additionalProperties'];
    if (typeof additional === 'object' && additional !== null)
      visit(additional as SchemaNode, `${path}.*`, trail);
  };
  visit(root, '', []);
  return {
    references,
    ...(selectors.length > 0 && { selectors }),
    indexed,
    immutable,
    sensitive,
  };
}

function referenceAt(path: string, reference: SchemaNode): ReferenceField {
  const onDelete = reference['onDelete'] ?? 'orphan';
  if (onDelete !== 'block' && onDelete !== 'cascade' && onDelete !== 'orphan') {
    throw new Error(
      `x-ref.onDelete of ${path} is "${String(onDelete)}"; want block, cascade or orphan`,
    );
  }
  return {
    ...targetAt(path, reference),
    onDelete,
    ...(reference['anyWhenAbsent'] === true && { anyWhenAbsent: true }),
  };
}

function selectorAt(path: string, reference: SchemaNode): SelectorField {
  for (const keyword of ['onDelete', 'anyWhenAbsent']) {
    if (reference[keyword] === undefined) continue;
    throw new Error(`x-ref.${keyword} of ${path} says nothing of a selector; want it away`);
  }
  return targetAt(path, reference);
}

function targetAt(path: string, reference: SchemaNode): SelectorField {
  const { namespacePath } = reference;
  return {
    path,
    group: groupOf(reference, `x-ref of ${path}`),
    kind: text(reference, 'kind'),
    ...(typeof namespacePath === 'string' && { namespacePath }),
  };
}

function columnType(path: string, node: SchemaNode): IndexedField['type'] {
  const type = node['type'];
  if (type === 'string' || type === 'integer' || type === 'boolean') return type;
  throw new Error(
    `${path} cannot be indexed: its type is ${String(type)}; want string, integer or boolean`,
  );
}

function scopeOf(header: SchemaNode): 'Namespaced' | 'Cluster' {
  const scope = header['scope'];
  if (scope === 'Namespaced' || scope === 'Cluster') return scope;
  throw new Error(`x-threeport.scope is "${String(scope)}"; want Namespaced or Cluster`);
}

function groupOf(node: SchemaNode, where: string): string {
  const group = node['group'];
  if (typeof group === 'string') return group;
  throw new Error(`${where} has no group; want a text, '' for the core group`);
}

function text(node: SchemaNode, keyword: string): string {
  const value = node[keyword];
  if (typeof value === 'string' && value !== '') return value;
  throw new Error(`${keyword} must be a text, not ${JSON.stringify(value)}`);
}
