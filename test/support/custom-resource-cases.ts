import { definition } from './custom-resource-world.js';

/** A definition and why it is, or is not, accepted. */
export interface DefinitionCase {
  readonly name: string;
  readonly reason: string;
  readonly body: object;
}

const text = { type: 'string' };

function withSpec(spec: object): object {
  return definition([{ name: 'v1', spec }]);
}

function withField(field: object): object {
  return withSpec({ properties: { f: field } });
}

function withVersion(version: object): object {
  return definition([{ name: 'v1', spec: { properties: { f: text } }, ...version }]);
}

function changed(change: (body: ReturnType<typeof definition>) => void): object {
  const body = definition([{ name: 'v1', spec: { properties: { f: text } } }]);
  change(body);
  return body;
}

const map = (items: object, keys: string[] = ['k']): object => ({
  type: 'array',
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': keys,
  items,
});

/** Definitions for which Threeport and Kubernetes answer alike. */
export const DEFINITION_CASES: readonly DefinitionCase[] = [
  { name: 'Plain', reason: 'all is well', body: withField(text) },
  {
    name: 'WrongName',
    reason: 'the name is that of the resource',
    body: changed((body) => (body.metadata.name = 'other.example.com')),
  },
  {
    name: 'UnknownScope',
    reason: 'there are two',
    body: changed((body) => (body.spec.scope = 'Galaxy')),
  },
  {
    name: 'UpperCasePlural',
    reason: 'names are DNS labels',
    body: changed((body) => {
      body.spec.names.plural = 'Widgets';
      body.metadata.name = 'Widgets.example.com';
    }),
  },
  {
    name: 'UpperCaseShortName',
    reason: 'short names are DNS labels',
    body: changed((body) => Object.assign(body.spec.names, { shortNames: ['WD'] })),
  },
  {
    name: 'ListKindIsKind',
    reason: 'they must differ',
    body: changed((body) => Object.assign(body.spec.names, { listKind: 'Widget' })),
  },
  {
    name: 'GroupWithoutDot',
    reason: 'a group is a domain',
    body: changed((body) => {
      body.spec.group = 'example';
      body.metadata.name = 'widgets.example';
    }),
  },
  {
    name: 'ProtectedGroup',
    reason: 'groups of the community need an approval',
    body: changed((body) => {
      body.spec.group = 'x.k8s.io';
      body.metadata.name = 'widgets.x.k8s.io';
    }),
  },
  { name: 'NoStorage', reason: 'one version is stored', body: withVersion({ storage: false }) },
  {
    name: 'TwoStorages',
    reason: 'only one version is stored',
    body: definition([
      { name: 'v1', storage: true },
      { name: 'v2', storage: true },
    ]),
  },
  {
    name: 'SameVersionTwice',
    reason: 'versions have names of their own',
    body: definition([
      { name: 'v1', storage: true },
      { name: 'v1', storage: false },
    ]),
  },
  {
    name: 'UpperCaseVersion',
    reason: 'versions are DNS labels',
    body: definition([{ name: 'V1' }]),
  },
  {
    name: 'NoSchema',
    reason: 'schemas are required',
    body: changed((body) => delete (body.spec.versions[0] as { schema?: object }).schema),
  },
  { name: 'NoType', reason: 'each field has a type', body: withField({ minLength: 1 }) },
  { name: 'NoItems', reason: 'lists say what is in them', body: withField({ type: 'array' }) },
  {
    name: 'NoTypeOfItems',
    reason: 'items have a type',
    body: withField({ type: 'array', items: {} }),
  },
  {
    name: 'RootIsArray',
    reason: 'an object is an object',
    body: withVersion({ schema: { type: 'array', items: text }, subresources: undefined }),
  },
  {
    name: 'RootWithoutType',
    reason: 'the root has a type',
    body: withVersion({ schema: { properties: { spec: text } } }),
  },
  {
    name: 'NullableRoot',
    reason: 'an object is there',
    body: withVersion({ schema: { type: 'object', nullable: true }, subresources: undefined }),
  },
  {
    name: 'AdditionalAtRoot',
    reason: 'an object has named fields',
    body: withVersion({
      schema: { type: 'object', additionalProperties: text },
      subresources: undefined,
    }),
  },
  {
    name: 'MetadataLabels',
    reason: 'metadata is Kubernetes’ own',
    body: withVersion({
      schema: {
        type: 'object',
        properties: {
          metadata: {
            type: 'object',
            properties: { labels: { type: 'object', additionalProperties: text } },
          },
        },
      },
    }),
  },
  {
    name: 'MetadataName',
    reason: 'names may be narrowed',
    body: withVersion({
      schema: {
        type: 'object',
        properties: {
          metadata: { type: 'object', properties: { name: { type: 'string', maxLength: 10 } } },
        },
      },
    }),
  },
  {
    name: 'PropertiesAndAdditional',
    reason: 'an object is a struct or a map',
    body: withField({ type: 'object', properties: { a: text }, additionalProperties: text }),
  },
  {
    name: 'PreserveFalse',
    reason: 'it is true or not there',
    body: withField({ type: 'object', 'x-kubernetes-preserve-unknown-fields': false }),
  },
  {
    name: 'PreserveAnything',
    reason: 'what is free needs no type',
    body: withField({ 'x-kubernetes-preserve-unknown-fields': true }),
  },
  {
    name: 'IntOrString',
    reason: 'two types in the form that Kubernetes knows',
    body: withField({
      'x-kubernetes-int-or-string': true,
      anyOf: [{ type: 'integer' }, { type: 'string' }],
    }),
  },
  {
    name: 'IntOrStringAllOf',
    reason: 'the other form of it',
    body: withField({
      'x-kubernetes-int-or-string': true,
      allOf: [{ anyOf: [{ type: 'integer' }, { type: 'string' }] }, { maximum: 3 }],
    }),
  },
  {
    name: 'TwoTypes',
    reason: 'a field has one type',
    body: withField({ ...text, anyOf: [{ type: 'integer' }, { type: 'boolean' }] }),
  },
  {
    name: 'IntOrStringPreserved',
    reason: 'these exclude each other',
    body: withField({
      'x-kubernetes-int-or-string': true,
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  },
  {
    name: 'NarrowingSaysMore',
    reason: 'within anyOf fields are only narrowed',
    body: withField({
      type: 'object',
      properties: { a: text },
      anyOf: [
        {
          properties: { a: { default: 'x', nullable: true, description: 'd', title: 't' } },
          additionalProperties: false,
        },
      ],
    }),
  },
  {
    name: 'NarrowingOfUnknown',
    reason: 'what is narrowed is said outside',
    body: withField({
      type: 'object',
      properties: { a: text },
      oneOf: [{ properties: { b: { minLength: 1 } } }, { not: { properties: { c: {} } } }],
    }),
  },
  {
    name: 'EmbeddedOfString',
    reason: 'a resource is an object',
    body: withField({ ...text, 'x-kubernetes-embedded-resource': true }),
  },
  {
    name: 'EmbeddedEmpty',
    reason: 'it says its fields or keeps all',
    body: withField({ type: 'object', 'x-kubernetes-embedded-resource': true }),
  },
  {
    name: 'EmbeddedAnything',
    reason: 'it keeps all',
    body: withField({
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  },
  {
    name: 'EmbeddedMap',
    reason: 'a resource has named fields',
    body: withField({
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      additionalProperties: text,
    }),
  },
  {
    name: 'ListMap',
    reason: 'its key is required',
    body: withField(map({ type: 'object', required: ['k'], properties: { k: text } })),
  },
  {
    name: 'ListMapWithDefault',
    reason: 'its key has a default',
    body: withField(map({ type: 'object', properties: { k: { type: 'string', default: 'a' } } })),
  },
  {
    name: 'ListMapOptionalKey',
    reason: 'items are told apart by their keys',
    body: withField(map({ type: 'object', properties: { k: text } })),
  },
  {
    name: 'ListMapUnknownKey',
    reason: 'keys are fields',
    body: withField(map({ type: 'object', required: ['k'], properties: { k: text } }, ['x'])),
  },
  {
    name: 'ListMapSameKeyTwice',
    reason: 'once is enough',
    body: withField(map({ type: 'object', required: ['k'], properties: { k: text } }, ['k', 'k'])),
  },
  {
    name: 'ListMapObjectKey',
    reason: 'keys are scalars',
    body: withField(
      map({ type: 'object', required: ['k'], properties: { k: { type: 'object' } } }),
    ),
  },
  {
    name: 'ListMapNullable',
    reason: 'items and keys are there',
    body: withField(
      map({
        type: 'object',
        nullable: true,
        required: ['k'],
        properties: { k: { type: 'string', nullable: true } },
      }),
    ),
  },
  { name: 'ListMapOfStrings', reason: 'items have fields', body: withField(map(text)) },
  {
    name: 'ListMapWithoutKeys',
    reason: 'there are keys',
    body: withField(map({ type: 'object' }, [])),
  },
  {
    name: 'KeysWithoutListType',
    reason: 'only list maps have keys',
    body: withField({ type: 'array', items: text, 'x-kubernetes-list-map-keys': ['k'] }),
  },
  {
    name: 'UnknownListType',
    reason: 'there are three',
    body: withField({ type: 'array', items: text, 'x-kubernetes-list-type': 'bag' }),
  },
  {
    name: 'ListTypeOfString',
    reason: 'only lists have it',
    body: withField({ ...text, 'x-kubernetes-list-type': 'set' }),
  },
  {
    name: 'MapTypeOfString',
    reason: 'only objects have it',
    body: withField({ ...text, 'x-kubernetes-map-type': 'atomic' }),
  },
  {
    name: 'SetOfOpenObjects',
    reason: 'items of a set are atomic',
    body: withField({
      type: 'array',
      'x-kubernetes-list-type': 'set',
      items: { type: 'object', properties: { a: text } },
    }),
  },
  {
    name: 'SetOfAtomicObjects',
    reason: 'items of a set are atomic',
    body: withField({
      type: 'array',
      'x-kubernetes-list-type': 'set',
      items: { type: 'object', properties: { a: text }, 'x-kubernetes-map-type': 'atomic' },
    }),
  },
  {
    name: 'UniqueItems',
    reason: 'it would cost the square',
    body: withField({ type: 'array', items: text, uniqueItems: true }),
  },
  { name: 'NullType', reason: 'nullable says it', body: withField({ type: 'null' }) },
  {
    name: 'Reference',
    reason: 'nothing is referred to',
    body: withField({ ...text, $ref: '#/x' }),
  },
  {
    name: 'BadPattern',
    reason: 'it is no expression',
    body: withField({ ...text, pattern: 'a(' }),
  },
  {
    name: 'GoodDefault',
    reason: 'it is a value of the field',
    body: withField({
      type: 'object',
      default: { a: 'x' },
      properties: { a: { type: 'string', default: 'y' } },
    }),
  },
  {
    name: 'WrongDefault',
    reason: 'it is no value of it',
    body: withField({ ...text, default: 1 }),
  },
  {
    name: 'DefaultBelowMinimum',
    reason: 'it is no value of it',
    body: withField({ type: 'integer', minimum: 3, default: 1 }),
  },
  {
    name: 'DefaultWithUnknownField',
    reason: 'it would be pruned',
    body: withField({ type: 'object', properties: { a: text }, default: { b: 'x' } }),
  },
  {
    name: 'DefaultInMetadata',
    reason: 'metadata is the client’s',
    body: withVersion({
      schema: {
        type: 'object',
        properties: {
          metadata: { type: 'object', properties: { name: { type: 'string', default: 'x' } } },
        },
      },
    }),
  },
  {
    name: 'AnyOfAtRoot',
    reason: 'status is taken out of it',
    body: withVersion({ schema: { type: 'object', anyOf: [{ required: ['spec'] }] } }),
  },
  {
    name: 'ColumnType',
    reason: 'there are five',
    body: withVersion({
      additionalPrinterColumns: [{ name: 'F', type: 'object', jsonPath: '.spec.f' }],
    }),
  },
  {
    name: 'ColumnPath',
    reason: 'paths begin with a dot',
    body: withVersion({
      additionalPrinterColumns: [{ name: 'F', type: 'string', jsonPath: 'spec.f' }],
    }),
  },
  {
    name: 'ScalePath',
    reason: 'replicas are below spec and status',
    body: withVersion({
      subresources: {
        scale: { specReplicasPath: '.status.replicas', statusReplicasPath: '.spec.replicas' },
      },
    }),
  },
  {
    name: 'PreserveUnknownFields',
    reason: 'the schema says it',
    body: changed((body) => Object.assign(body.spec, { preserveUnknownFields: true })),
  },
];

/** A kind in which values are pruned, given defaults and refused in every way that schemas know. */
export const RICH_DEFINITION = definition(
  [
    {
      name: 'v1',
      schema: {
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            properties: {
              count: {
                type: 'integer',
                default: 3,
                minimum: 1,
                maximum: 10,
                exclusiveMaximum: true,
              },
              ratio: { type: 'number', multipleOf: 0.5 },
              port: {
                'x-kubernetes-int-or-string': true,
                anyOf: [{ type: 'integer' }, { type: 'string' }],
                pattern: '^[a-z]+$',
              },
              openPort: { 'x-kubernetes-int-or-string': true, nullable: true },
              mode: { type: 'string', enum: ['a', 'b'], nullable: true },
              nullableDefault: { type: 'string', nullable: true, default: 'x' },
              plainDefault: { type: 'string', default: 'y' },
              plain: { type: 'string', maxLength: 3, pattern: 'o+$' },
              free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              mixed: {
                type: 'object',
                'x-kubernetes-preserve-unknown-fields': true,
                properties: { known: { type: 'object', properties: { a: text } } },
              },
              anything: { 'x-kubernetes-preserve-unknown-fields': true },
              labels: { type: 'object', additionalProperties: text, maxProperties: 2 },
              structs: {
                type: 'object',
                additionalProperties: {
                  type: 'object',
                  properties: { a: { type: 'string', default: 'd' } },
                },
              },
              tags: { type: 'array', items: text, 'x-kubernetes-list-type': 'set', maxItems: 3 },
              ports: map(
                {
                  type: 'object',
                  required: ['name'],
                  properties: {
                    name: text,
                    protocol: { type: 'string', default: 'TCP' },
                    target: { type: 'integer', format: 'int32' },
                  },
                },
                ['name', 'protocol'],
              ),
              nested: {
                type: 'object',
                properties: {
                  inner: {
                    type: 'object',
                    default: { b: 'given' },
                    properties: { a: { type: 'string', default: 'A' }, b: text },
                  },
                },
              },
              object: {
                type: 'object',
                'x-kubernetes-embedded-resource': true,
                'x-kubernetes-preserve-unknown-fields': true,
              },
              template: {
                type: 'object',
                'x-kubernetes-embedded-resource': true,
                properties: { spec: { type: 'object', properties: { a: text } } },
              },
              choice: {
                type: 'object',
                properties: { a: text, b: text },
                oneOf: [{ required: ['a'] }, { required: ['b'] }],
              },
              when: { type: 'string', format: 'date-time' },
              bytes: { type: 'string', format: 'byte' },
              strange: { type: 'string', format: 'no-such-format' },
            },
          },
          status: {
            type: 'object',
            properties: {
              phase: { type: 'string', default: 'New' },
              conditions: map(
                { type: 'object', required: ['type'], properties: { type: text, status: text } },
                ['type'],
              ),
            },
          },
        },
      },
    },
  ],
  {},
);

/** An object and why it is stored as it is, or refused. */
export interface ObjectCase {
  readonly name: string;
  readonly reason: string;
  readonly spec?: unknown;
  readonly status?: unknown;
}

const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'p' } };

/** Objects of RICH_DEFINITION for which Threeport and Kubernetes answer alike. */
export const OBJECT_CASES: readonly ObjectCase[] = [
  { name: 'Empty', reason: 'defaults go where a parent is', spec: {} },
  { name: 'NoSpec', reason: 'there is no parent for defaults' },
  { name: 'Unknown', reason: 'what is unknown goes', spec: { count: 1, unknown: 1 } },
  { name: 'UnknownDeep', reason: 'at any depth', spec: { nested: { x: 1, inner: { x: 1 } } } },
  { name: 'TooLarge', reason: 'the bound is excluded', spec: { count: 10 } },
  { name: 'TooSmall', reason: 'there is a minimum', spec: { count: 0 } },
  { name: 'NoInteger', reason: 'there is no half', spec: { count: 1.5 } },
  { name: 'WrongType', reason: 'a text is no number', spec: { count: '1', ratio: '1' } },
  { name: 'Multiple', reason: 'halves only', spec: { ratio: 0.75 } },
  { name: 'PortNumber', reason: 'a number', spec: { port: 80 } },
  { name: 'PortName', reason: 'a text', spec: { port: 'http' } },
  { name: 'PortPattern', reason: 'no text that matches', spec: { port: 'HTTP' } },
  { name: 'PortBoolean', reason: 'neither', spec: { port: true } },
  { name: 'NullPort', reason: 'it may be null', spec: { openPort: null } },
  { name: 'NullEnum', reason: 'null is none of the values', spec: { mode: null } },
  { name: 'WrongEnum', reason: 'it is none of them', spec: { mode: 'c' } },
  {
    name: 'NullDefaults',
    reason: 'null stands where it may',
    spec: { nullableDefault: null, plainDefault: null, plain: null },
  },
  { name: 'TooLong', reason: 'three at most', spec: { plain: 'fooo' } },
  { name: 'Pattern', reason: 'it ends otherwise', spec: { plain: 'fox' } },
  {
    name: 'Free',
    reason: 'all is kept',
    spec: { free: { a: { b: [1, null] } }, anything: [1, { x: null }] },
  },
  {
    name: 'Mixed',
    reason: 'what is said is pruned, the rest is kept',
    spec: { mixed: { known: { a: 'x', b: 1 }, other: { c: 1 } } },
  },
  {
    name: 'Map',
    reason: 'keys are free',
    spec: { labels: { a: 'x' }, structs: { one: { z: 1 } } },
  },
  { name: 'MapValue', reason: 'values are not', spec: { labels: { a: 1 } } },
  { name: 'MapSize', reason: 'two at most', spec: { labels: { a: 'x', b: 'x', c: 'x' } } },
  { name: 'Set', reason: 'each once', spec: { tags: ['a', 'b'] } },
  { name: 'SetTwice', reason: 'one is there twice', spec: { tags: ['a', 'b', 'a'] } },
  { name: 'SetSize', reason: 'three at most', spec: { tags: ['a', 'b', 'c', 'd'] } },
  {
    name: 'ListMap',
    reason: 'defaults of keys count',
    spec: { ports: [{ name: 'a' }, { name: 'a', protocol: 'UDP' }] },
  },
  {
    name: 'ListMapTwice',
    reason: 'the default makes it the same',
    spec: { ports: [{ name: 'a' }, { name: 'a', protocol: 'TCP' }] },
  },
  { name: 'ListMapKey', reason: 'the key is required', spec: { ports: [{ target: 1 }] } },
  { name: 'Nested', reason: 'the default of a parent, then those in it', spec: { nested: {} } },
  { name: 'NestedEmpty', reason: 'only those in it', spec: { nested: { inner: {} } } },
  { name: 'NestedNull', reason: 'null counts as absent', spec: { nested: { inner: null } } },
  { name: 'Embedded', reason: 'all is kept', spec: { object: { ...pod, spec: { x: 1 } } } },
  {
    name: 'EmbeddedMetadata',
    reason: 'metadata is pruned even so',
    spec: { object: { ...pod, metadata: { name: 'p', nonsense: 1 } } },
  },
  {
    name: 'EmbeddedWithoutKind',
    reason: 'a resource has a kind',
    spec: { object: { apiVersion: 'v1' } },
  },
  {
    name: 'EmbeddedEmptyKind',
    reason: 'a resource has a kind',
    spec: { object: { apiVersion: 'v1', kind: '' } },
  },
  {
    name: 'EmbeddedPruned',
    reason: 'its own schema counts',
    spec: { template: { ...pod, spec: { a: 'x', b: 1 }, other: 1 } },
  },
  { name: 'OneOf', reason: 'one of them', spec: { choice: { a: 'x' } } },
  { name: 'OneOfBoth', reason: 'not both', spec: { choice: { a: 'x', b: 'x' } } },
  { name: 'DateTime', reason: 'it is one', spec: { when: '2024-01-01T00:00:00Z', bytes: 'aGk=' } },
  { name: 'NoDateTime', reason: 'it is none', spec: { when: 'yesterday' } },
  { name: 'NoBytes', reason: 'it is no base64', spec: { bytes: '!' } },
  { name: 'StrangeFormat', reason: 'what nobody knows is not checked', spec: { strange: 'x' } },
  { name: 'SpecIsText', reason: 'it is an object', spec: 'x' },
  { name: 'Status', reason: 'it is written apart', spec: {}, status: { phase: 'Old' } },
];
