import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import { isJsonObject } from '../apply/json-object.js';
import { OBJECT_META } from '../schema/object-meta-schema.js';
import { propertiesOf } from '../schema/served-schema.js';

/** Name under which ObjectMeta stands among the components: the one that clients know. */
export const OBJECT_META_NAME = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Where components stand, which differs between OpenAPI v2 and v3. */
export type ComponentRoot = '#/definitions/' | '#/components/schemas/';

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
  const components: Record<string, JsonSchema> = { [OBJECT_META_NAME]: OBJECT_META };
  for (const kind of kinds) {
    const { definitions: _definitions, ...schema } = kind.schema;
    const gvk = { group: kind.group, version: kind.version, kind: kind.kind };
    const converted = convert(schema, kind.schema, root, components);
    components[schemaNameOf(kind)] = {
      description: kind.description ?? '',
      ...converted,
      type: 'object',
      properties: {
        ...propertiesOf(converted),
        apiVersion: { type: 'string', description: 'Group and version of the schema.' },
        kind: { type: 'string', description: 'What this object is.' },
        metadata: {
          description: 'Standard object metadata.',
          allOf: [{ $ref: `${root}${OBJECT_META_NAME}` }],
        },
      },
      'x-kubernetes-group-version-kind': [gvk],
    };
    components[`${schemaNameOf(kind)}List`] = listSchema(kind, root);
  }
  return components;
}

/** Copies a node, moves its references to `root`, and adds what they name to `components`. */
function convert(
  node: JsonSchema,
  document: JsonSchema,
  root: ComponentRoot,
  components: Record<string, JsonSchema>,
): JsonSchema {
  const copy: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(node)) {
    copy[keyword] =
      keyword === 'default' || keyword === 'enum'
        ? value
        : convertValue(keyword, value, document, root, components);
  }
  return copy;
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
