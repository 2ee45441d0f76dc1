import type { JsonSchema } from '../../sdk/api/kind.js';

/**
 * A kind for tests with a field of every merge rule that a CustomResourceDefinition can ask for. A
 * group for each process: a cluster that outlives the test may hold an older form of it. No
 * int-or-string: v1.20 cannot read a schema that has one, and then merges without any.
 */
export const GADGET_GROUP = `g${process.pid}.test.threeport.io`;
/** Both with the same schema: as under Kubernetes' conversion strategy `None`. */
export const GADGET_VERSIONS = ['v1', 'v1beta1'] as const;
export type GadgetVersion = (typeof GADGET_VERSIONS)[number];

export function gadgetApiVersion(version: GadgetVersion): string {
  return `${GADGET_GROUP}/${version}`;
}

export function gadgetsPath(version: GadgetVersion): string {
  return `/apis/${gadgetApiVersion(version)}/namespaces/default/gadgets`;
}

const text: JsonSchema = { type: 'string' };
const number: JsonSchema = { type: 'integer' };
const textMap: JsonSchema = { type: 'object', additionalProperties: text };
const pair: JsonSchema = { type: 'object', properties: { a: text, b: text } };
const textSet: JsonSchema = { type: 'array', 'x-kubernetes-list-type': 'set', items: text };

/** A list of objects that these keys tell apart; the other keys than those with a default are required. */
function listMap(keys: readonly string[], properties: Record<string, JsonSchema>): JsonSchema {
  const required = keys.filter((key) => properties[key]?.['default'] === undefined);
  return {
    type: 'array',
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': [...keys],
    items: { type: 'object', required, properties },
  };
}

const SPEC_FIELDS: Record<string, JsonSchema> = {
  anchor: text,
  count: number,
  mode: { type: 'string', default: 'auto' },
  title: { type: 'string', nullable: true },
  note: { type: 'string', nullable: true, default: 'none' },
  pair,
  nested: {
    type: 'object',
    properties: { left: pair, right: { type: 'object', properties: { deep: pair, size: number } } },
  },
  defaulted: {
    type: 'object',
    default: { level: 3 },
    properties: { level: { type: 'integer', default: 1 }, label: text },
  },
  limits: textMap,
  pairs: { type: 'object', additionalProperties: pair },
  atomicMap: { ...textMap, 'x-kubernetes-map-type': 'atomic' },
  atomicPair: { ...pair, 'x-kubernetes-map-type': 'atomic' },
  atomicList: { type: 'array', items: text },
  atomicPairs: { type: 'array', 'x-kubernetes-list-type': 'atomic', items: pair },
  tags: textSet,
  numbers: { type: 'array', 'x-kubernetes-list-type': 'set', items: number },
  parts: listMap(['name'], {
    name: text,
    size: number,
    grade: { type: 'string', default: 'good' },
    limits: textMap,
    tags: textSet,
  }),
  ports: listMap(['port', 'protocol'], {
    port: number,
    protocol: { type: 'string', default: 'TCP' },
    name: text,
  }),
  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  half: { ...pair, 'x-kubernetes-preserve-unknown-fields': true },
  template: {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    'x-kubernetes-preserve-unknown-fields': true,
  },
};

const STATUS_FIELDS: Record<string, JsonSchema> = {
  anchor: text,
  phase: text,
  conditions: listMap(['type'], { type: text, status: text }),
};

export const GADGET_SCHEMA: JsonSchema = {
  type: 'object',
  properties: {
    spec: { type: 'object', properties: SPEC_FIELDS },
    status: { type: 'object', properties: STATUS_FIELDS },
  },
};

/** Declares the kind, for any Kubernetes API. */
export const GADGET_DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `gadgets.${GADGET_GROUP}` },
  spec: {
    group: GADGET_GROUP,
    scope: 'Namespaced',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    versions: GADGET_VERSIONS.map((name, index) => ({
      name,
      served: true,
      storage: index === 0,
      subresources: { status: {} },
      schema: { openAPIV3Schema: GADGET_SCHEMA },
    })),
  },
};
