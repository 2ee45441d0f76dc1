import { isJsonObject, ownValue } from '../apply/json-object.js';
import type { OpenApiDocument } from '../discovery/openapi-v3.js';

type Node = Readonly<Record<string, unknown>>;

/** A kind as a page shows it. */
export interface ExploredKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly description: string;
  readonly operations: readonly ExploredOperation[];
  readonly fields: readonly ExploredField[];
}

export interface ExploredOperation {
  /** In capitals. */
  readonly method: string;
  readonly path: string;
  /** Kubernetes' word for it, such as `list`. */
  readonly action: string;
}

export interface ExploredField {
  readonly name: string;
  /** As `kubectl explain` says it: `string`, `[]Object`, `map[string]string`. */
  readonly type: string;
  readonly isRequired: boolean;
  readonly description: string;
  /** `one of a, b`, `default 3`, `immutable`: what else is known. */
  readonly notes: readonly string[];
  readonly fields: readonly ExploredField[];
}

/** Deeper, and more than that, is for `kubectl explain`. */
const MAX_DEPTH = 12;
const MAX_FIELDS = 3_000;

/** The kinds that a document declares, in its order; lists and what they are made of left out. */
export function kindsOfDocument({ json }: Pick<OpenApiDocument, 'json'>): readonly ExploredKind[] {
  const document = JSON.parse(json) as { paths: Node; components: { schemas: Node } };
  const { schemas } = document.components;
  const operations = operationsByKind(document.paths);
  return Object.values(schemas).flatMap((schema): ExploredKind[] => {
    if (!isJsonObject(schema)) return [];
    const [gvk] = listAt(schema, 'x-kubernetes-group-version-kind');
    if (!isJsonObject(gvk)) return [];
    const kind = textAt(gvk, 'kind');
    const ofKind = operations.get(kind);
    if (ofKind === undefined) return [];
    return [
      {
        group: textAt(gvk, 'group'),
        version: textAt(gvk, 'version'),
        kind,
        description: textAt(schema, 'description'),
        operations: ofKind,
        // Of all kinds, a page shows those of one at most.
        get fields() {
          return fieldsOf(schema, { schemas, left: MAX_FIELDS }, []);
        },
      },
    ];
  });
}

/** Where OpenAPI has another word than authorization. */
const ACTIONS: Readonly<Record<string, string>> = { post: 'create', put: 'update' };

function operationsByKind(paths: Node): Map<string, ExploredOperation[]> {
  const byKind = new Map<string, ExploredOperation[]>();
  for (const [path, methods] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries((methods ?? {}) as Node)) {
      if (!isJsonObject(operation)) continue;
      const gvk = kindAt(paths, path) ?? operation['x-kubernetes-group-version-kind'];
      if (!isJsonObject(gvk)) continue;
      const word = textAt(operation, 'x-kubernetes-action');
      const action = ACTIONS[word] ?? word;
      const known = byKind.get(textAt(gvk, 'kind')) ?? [];
      known.push({ method: method.toUpperCase(), path, action });
      byKind.set(textAt(gvk, 'kind'), known);
    }
  }
  return byKind;
}

const SUBRESOURCE = /\/(?:status|scale|finalize)$/;

/** The kind of the object that a subresource is of, which may itself be of another kind: a Scale. */
function kindAt(paths: Node, path: string): unknown {
  if (!SUBRESOURCE.test(path)) return undefined;
  const item = ownValue(paths, path.replace(SUBRESOURCE, ''));
  const get = isJsonObject(item) ? item['get'] : undefined;
  return isJsonObject(get) ? get['x-kubernetes-group-version-kind'] : undefined;
}

interface Walk {
  readonly schemas: Node;
  left: number;
}

function fieldsOf(schema: Node, walk: Walk, trail: readonly unknown[]): ExploredField[] {
  const node = elementOf(resolve(schema, walk), walk);
  const { properties } = node;
  if (!isJsonObject(properties) || trail.length >= MAX_DEPTH || trail.includes(properties))
    return [];
  const required = listAt(node, 'required');
  const fields: ExploredField[] = [];
  for (const [name, given] of Object.entries(properties)) {
    if (walk.left-- <= 0) break;
    const field = resolve(isJsonObject(given) ? given : {}, walk);
    fields.push({
      name,
      type: typeOf(field, walk),
      isRequired: required.includes(name),
      description: textAt(field, 'description'),
      notes: notesOf(field),
      fields: fieldsOf(field, walk, [...trail, properties]),
    });
  }
  return fields;
}

/** The node with what it refers to put in its place; its own words count. */
function resolve(node: Node, { schemas }: Walk): Node {
  const [only] = listAt(node, 'allOf');
  const reference = node['$ref'] ?? (isJsonObject(only) ? only['$ref'] : undefined);
  if (typeof reference !== 'string') return node;
  const { allOf: _allOf, $ref: _ref, ...beside } = node;
  const target = ownValue(schemas, reference.slice(reference.lastIndexOf('/') + 1));
  return { ...(isJsonObject(target) ? target : {}), ...beside };
}

/** What a list or a map is made of, however deep. */
function elementOf(node: Node, walk: Walk): Node {
  const below = node['items'] ?? node['additionalProperties'];
  return isJsonObject(below) && !isJsonObject(node['properties'])
    ? elementOf(resolve(below, walk), walk)
    : node;
}

function typeOf(node: Node, walk: Walk): string {
  const { items, additionalProperties, type } = node;
  if (isJsonObject(items)) return `[]${typeOf(resolve(items, walk), walk)}`;
  if (isJsonObject(additionalProperties) && !isJsonObject(node['properties'])) {
    return `map[string]${typeOf(resolve(additionalProperties, walk), walk)}`;
  }
  if (node['x-kubernetes-int-or-string'] === true) return 'integer or string';
  return type === 'object' || type === undefined ? 'Object' : String(type);
}

const LIMITS: Readonly<Record<string, string>> = {
  format: 'format',
  default: 'default',
  minimum: 'at least',
  maximum: 'at most',
  minLength: 'at least this long:',
  maxLength: 'at most this long:',
  minItems: 'items at least',
  maxItems: 'items at most',
  pattern: 'matches',
};

function notesOf(node: Node): string[] {
  const values = listAt(node, 'enum').map((value) => JSON.stringify(value));
  const notes = values.length === 0 ? [] : [`one of ${values.join(', ')}`];
  for (const [keyword, words] of Object.entries(LIMITS)) {
    const value = node[keyword];
    if (value !== undefined && !isJsonObject(value)) {
      notes.push(`${words} ${typeof value === 'string' ? value : JSON.stringify(value)}`);
    }
  }
  for (const rule of listAt(node, 'x-kubernetes-validations')) {
    if (isJsonObject(rule)) notes.push(textAt(rule, 'message') || textAt(rule, 'rule'));
  }
  return notes;
}

function listAt(node: Node, name: string): readonly unknown[] {
  const value = ownValue(node, name);
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function textAt(node: Node, name: string): string {
  const value = ownValue(node, name);
  return typeof value === 'string' ? value : '';
}
