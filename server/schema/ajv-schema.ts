import type { JsonSchema } from '../../sdk/api/kind.js';
import { isJsonObject } from '../apply/json-object.js';
import { OBJECT_META } from './object-meta-schema.js';

export const DEFINITIONS = '#/definitions/';
/** What every kind has, compiled once. */
const OBJECT_META_ID = 'object-meta';

/** Keywords that check nothing, or that others check. Without them less is compiled and kept. */
const NOT_CHECKED = new Set([
  'description',
  'title',
  'default',
  'example',
  'externalDocs',
  'nullable',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-embedded-resource',
  'x-kubernetes-int-or-string',
  'x-kubernetes-map-type',
  'x-kubernetes-validations',
]);
/** Those that Kubernetes checks; others are names without a meaning. */
const FORMATS = new Set(
  (
    'bsonobjectid uri email hostname ipv4 ipv6 cidr mac uuid uuid3 uuid4 uuid5 isbn isbn10 isbn13 ' +
    'creditcard ssn hexcolor rgbcolor byte password date duration datetime date-time quantity'
  ).split(' '),
);
/** Stands for `enum` where there are many values, which ajv would compare one by one. */
export const LARGE_ENUM = 'x-threeport-large-enum';
const LARGE_ENUM_FROM = 50;
const DATA_KEYWORDS = new Set(['enum', 'const', 'required']);

/**
 * A schema of ours or of a CustomResourceDefinition as ajv takes it: `nullable`, int-or-string,
 * embedded resources and the exclusive bounds of Draft 4 in the words of 2020-12. References to
 * `definitions` lead to the document of this id.
 */
export function ajvSchemaOf(schema: JsonSchema, documentId = ''): JsonSchema {
  return translate(schema, documentId, true) as JsonSchema;
}

function translate(node: unknown, documentId: string, isUnique: boolean): unknown {
  if (Array.isArray(node)) return node.map((item) => translate(item, documentId, isUnique));
  if (!isJsonObject(node)) return node;
  if (node === OBJECT_META) return { $ref: OBJECT_META_ID };
  const result: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(node)) {
    if (NOT_CHECKED.has(keyword)) continue;
    if (keyword === 'properties' || keyword === 'definitions') {
      result[keyword] = translateEach(value, documentId, isUnique);
    } else if (keyword === '$ref' && typeof value === 'string') {
      result[keyword] = value.startsWith(DEFINITIONS) ? `${documentId}${value}` : value;
    } else if (keyword === 'format') {
      if (FORMATS.has(String(value))) result[keyword] = value;
    } else if (keyword === 'enum' && Array.isArray(value) && value.length >= LARGE_ENUM_FROM) {
      result[LARGE_ENUM] = value;
    } else if (keyword === 'x-kubernetes-list-type') {
      if (value === 'set' && isUnique) result[keyword] = value;
    } else if (keyword === 'x-kubernetes-list-map-keys') {
      if (isUnique) result[keyword] = value;
    } else {
      result[keyword] = DATA_KEYWORDS.has(keyword) ? value : translate(value, documentId, isUnique);
    }
  }
  setBounds(node, result);
  setTypes(node, result);
  if (node['x-kubernetes-embedded-resource'] === true) {
    result['allOf'] = [...((result['allOf'] as unknown[] | undefined) ?? []), EMBEDDED_RESOURCE];
  }
  return result;
}

function translateEach(nodes: unknown, documentId: string, isUnique: boolean): unknown {
  if (!isJsonObject(nodes)) return nodes;
  return Object.fromEntries(
    Object.entries(nodes).map(([name, node]) => [name, translate(node, documentId, isUnique)]),
  );
}

function setBounds(node: JsonSchema, result: Record<string, unknown>): void {
  for (const [bound, exclusive] of [
    ['maximum', 'exclusiveMaximum'],
    ['minimum', 'exclusiveMinimum'],
  ] as const) {
    if (typeof node[exclusive] !== 'boolean') continue;
    delete result[exclusive];
    if (!node[exclusive] || result[bound] === undefined) continue;
    result[exclusive] = result[bound];
    delete result[bound];
  }
}

function setTypes(node: JsonSchema, result: Record<string, unknown>): void {
  if (node['x-kubernetes-int-or-string'] === true) result['type'] = ['integer', 'string'];
  if (node['nullable'] !== true) return;
  const types = result['type'];
  // An `enum` has to name null too, as in Kubernetes.
  if (types !== undefined) result['type'] = [types, 'null'].flat();
}

/** What an object within an object needs to be one of its own. */
const EMBEDDED_RESOURCE = {
  type: 'object',
  required: ['apiVersion', 'kind'],
  properties: {
    apiVersion: { type: 'string', minLength: 1 },
    kind: { type: 'string', minLength: 1 },
    metadata: { $ref: OBJECT_META_ID },
  },
};

/** The schema that those of kinds refer to. */
export const OBJECT_META_DOCUMENT: JsonSchema = {
  $id: OBJECT_META_ID,
  // Kubernetes lets a finalizer stand twice, and an owner's uid under two names, though the lists are
  // a set and a map.
  ...(translate({ ...OBJECT_META }, '', false) as JsonSchema),
};
