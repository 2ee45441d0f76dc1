import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import { isJsonObject } from '../apply/json-object.js';
import { OBJECT_META } from '../schema/object-meta-schema.js';
import type { ComponentRoot } from './openapi-reference.js';
import { OBJECT_META_NAME, referenceTo } from './openapi-reference.js';
import { scaleComponents } from './openapi-scale.js';
import { propertiesOf } from '../schema/served-schema.js';

/** `io.threeport.workload.v1alpha1.Workload` for a kind of `workload.threeport.io/v1alpha1`. */
export function schemaNameOf(kind: KindDefinition): string {
  const group = kind.group === '' ? 'io.k8s.api.core' : kind.group.split('.').reverse().join('.');
  return `${group}.${kind.version}.${kind.kind}`;
}

/** The schemas of kinds as OpenAPI components, with all that they refer to. */
export function componentsOf(
  kinds: readonly KindDefinition[],
  root: ComponentRoot,
): Record<string, JsonSchema> {
  const components: Record<string, JsonSchema> = {
    [OBJECT_META_NAME]: OBJECT_META,
    ...(kinds.some(({ scale }) => scale !== undefined) && scaleComponents(root)),
  };
  for (const kind of kinds) {
    const { definitions: _definitions, ...schema } = kind.schema;
    const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
    if (kind.isReview !== true) components[`${schemaNameOf(kind)}List`] = listSchema(kind, root);
    if (root === '#/definitions/' && isFree(schema)) {
      // Without a word on fields, or readers of v2 would take those that are there for all there are.
      components[schemaNameOf(kind)] = { type: 'object', 'x-kubernetes-group-version-kind': [gvk] };
      continue;
    }
    const converted = convert(schema, kind.schema, root, components);
    components[schemaNameOf(kind)] = {
      description: kind.description ?? '',
      ...converted,
      type: 'object',
      properties: {
        ...propertiesOf(converted),
        apiVersion: { type: 'string', description: 'Group and version of the schema.' },
        kind: { type: 'string', description: 'What this object is.' },
        metadata: referenceTo(OBJECT_META_NAME, root, 'Standard object metadata.'),
      },
      'x-kubernetes-group-version-kind': [gvk],
    };
  }
  return components;
}

/** A node that is one reference with something beside it, in the form of OpenAPI v2. */
function unwrapped(node: JsonSchema): JsonSchema {
  const { allOf, ...beside } = node;
  const [only, ...others] = Array.isArray(allOf) ? (allOf as JsonSchema[]) : [];
  return only !== undefined && others.length === 0 ? { ...beside, ...only } : node;
}

/** True for a node that takes fields it does not name. */
function isFree(node: JsonSchema): boolean {
  return node['x-kubernetes-preserve-unknown-fields'] === true;
}

/**
 * A node as a kube-apiserver publishes it in OpenAPI v2 (apiextensions' ToStructuralOpenAPIV2): readers
 * of v2 know no alternatives and no null, and refuse fields that are not named.
 */
function forSwagger(node: JsonSchema): JsonSchema {
  const { allOf: _a, anyOf: _b, oneOf: _c, not: _d, default: _e, ...form } = unwrapped(node);
  if (form['nullable'] !== true && !isFree(form)) return form;
  const isKept = ([keyword]: [string, unknown]): boolean =>
    keyword === 'description' || keyword.startsWith('x-');
  return Object.fromEntries(Object.entries(form).filter(isKept));
}

/** Copies a node, moves its references to `root`, and adds what they name to `components`. */
function convert(
  node: JsonSchema,
  document: JsonSchema,
  root: ComponentRoot,
  components: Record<string, JsonSchema>,
): JsonSchema {
  const form = root === '#/definitions/' ? forSwagger(node) : node;
  return mapValues(form, (value, keyword) => {
    if (keyword === 'default' || keyword === 'enum') return value;
    if (keyword !== 'properties' || !isJsonObject(value)) {
      return convertValue(keyword, value, document, root, components);
    }
    return mapValues(value, (property) => convertValue('', property, document, root, components));
  });
}

function mapValues(
  given: Readonly<Record<string, unknown>>,
  make: (value: unknown, name: string) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, make(value, name)]),
  );
}

function convertValue(
  keyword: string,
  value: unknown,
  document: JsonSchema,
  root: ComponentRoot,
  components: Record<string, JsonSchema>,
): unknown {
  if (keyword === '$ref' && typeof value === 'string') {
    const name = value.replace('#/definitions/', '');
    const definitions = document['definitions'];
    if (!Object.hasOwn(components, name) && isJsonObject(definitions)) {
      // A definition may refer to itself: it must stand there before it is walked.
      components[name] = {};
      components[name] = convert(definitions[name] as JsonSchema, document, root, components);
    }
    return `${root}${name}`;
  }
  if (Array.isArray(value)) {
    return value.map((item) =>
      isJsonObject(item) ? convert(item, document, root, components) : item,
    );
  }
  return isJsonObject(value) ? convert(value, document, root, components) : value;
}

function listSchema(kind: KindDefinition, root: ComponentRoot): JsonSchema {
  return {
    description: `${kind.listKind} is a list of ${kind.kind}.`,
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      items: { type: 'array', items: { $ref: `${root}${schemaNameOf(kind)}` } },
    },
    'x-kubernetes-group-version-kind': [
      { group: kind.group, version: kind.version, kind: kind.listKind },
    ],
  };
}
