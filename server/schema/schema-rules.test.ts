import { expect } from 'chai';
import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import { applyDefaults } from './defaults.js';
import { nearMatch } from './near-match.js';
import { SchemaValidator } from './schema-validator.js';
import { pruneUnknownFields } from './unknown-fields.js';

const SPEC: JsonSchema = {
  type: 'object',
  required: ['size'],
  properties: {
    size: { type: 'integer', minimum: 1, maximum: 9 },
    mode: { type: 'string', enum: ['fast', 'slow'], default: 'fast' },
    name: { type: 'string', pattern: '^a', maxLength: 5 },
    port: { 'x-kubernetes-int-or-string': true },
    note: { type: 'string', nullable: true },
    token: { type: 'string', minLength: 8 },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    items: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
      items: { $ref: '#/definitions/Item' },
    },
  },
};

const kind: KindDefinition = {
  group: 'example.com',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  singular: 'thing',
  listKind: 'ThingList',
  shortNames: [],
  categories: [],
  namespaced: true,
  status: false,
  printerColumns: [],
  references: [],
  indexed: [],
  immutable: [],
  sensitive: ['spec.token'],
  schema: {
    type: 'object',
    properties: { spec: SPEC },
    definitions: {
      Item: {
        type: 'object',
        properties: { name: { type: 'string' }, weight: { type: 'integer', default: 1 } },
      },
    },
  },
};

const thing = (spec: unknown) => ({
  apiVersion: 'example.com/v1',
  kind: 'Thing',
  metadata: { name: 'x' },
  spec,
});

describe('SchemaValidator', () => {
  const validator = new SchemaValidator();
  const cases = [
    {
      name: 'valid',
      given: { size: 1, port: 'http', note: null, items: [{ name: 'a' }] },
      want: [],
    },
    { name: 'required', given: {}, want: ['spec.size: Required value'] },
    {
      name: 'type',
      given: { size: 'x' },
      want: [
        'spec.size: Invalid value: "string": spec.size in body must be of type integer: "string"',
      ],
    },
    {
      name: 'enum',
      given: { size: 1, mode: 'x' },
      want: ['spec.mode: Unsupported value: "x": supported values: "fast", "slow"'],
    },
    {
      name: 'minimum',
      given: { size: 0 },
      want: ['spec.size: Invalid value: 0: spec.size in body should be greater than or equal to 1'],
    },
    {
      name: 'pattern',
      given: { size: 1, name: 'b' },
      want: [`spec.name: Invalid value: "b": spec.name in body should match '^a'`],
    },
    {
      name: 'length',
      given: { size: 1, name: 'aaaaaa' },
      want: ['spec.name: Too long: may not be more than 5 bytes'],
    },
    {
      name: 'int or string',
      given: { size: 1, port: true },
      want: [
        'spec.port: Invalid value: "boolean": spec.port in body must be of type integer,string: "boolean"',
      ],
    },
    {
      name: 'map value',
      given: { size: 1, labels: { 'a/b': 1 } },
      want: [
        'spec.labels[a/b]: Invalid value: "integer": spec.labels[a/b] in body must be of type string: "integer"',
      ],
    },
    {
      name: 'duplicate key',
      given: { size: 1, items: [{ name: 'a' }, { name: 'a' }] },
      want: ['spec.items[1]: Duplicate value: {"name":"a"}'],
    },
    {
      name: 'sensitive',
      given: { size: 1, token: 'secret' },
      want: [
        'spec.token: Invalid value: "<hidden>": spec.token in body should be at least 8 chars long',
      ],
    },
  ];
  for (const { name, given, want } of cases) {
    it(name, () => {
      const errors = validator.validate(kind, thing(given));
      expect(errors.map(({ field, message }) => `${field}: ${message}`)).to.deep.equal(want);
    });
  }
});

describe('pruneUnknownFields', () => {
  it('removes what nobody knows and says what was meant', () => {
    const object = thing({
      sise: 1,
      free: { any: { thing: 1 } },
      labels: { x: 'y', z: null },
      items: [{ nam: 'a' }],
      name: null,
      note: null,
    });
    expect(pruneUnknownFields(object, { ...kind.schema })).to.deep.include.members([
      { path: 'spec.sise', suggestion: 'spec.size' },
      { path: 'spec.items[0].nam', suggestion: 'spec.items[0].name' },
    ]);
    expect(object.spec).to.deep.equal({
      free: { any: { thing: 1 } },
      labels: { x: 'y' },
      items: [{}],
      note: null,
    });
  });
});

describe('applyDefaults', () => {
  it('fills in what is absent, also in items, and changes nothing the second time', () => {
    const object = thing({ size: 1, items: [{ name: 'a' }, { name: 'b', weight: 5 }] });
    applyDefaults(object, kind.schema);
    const want = {
      size: 1,
      mode: 'fast',
      items: [
        { name: 'a', weight: 1 },
        { name: 'b', weight: 5 },
      ],
    };
    expect(object.spec).to.deep.equal(want);
    applyDefaults(object, kind.schema);
    expect(object.spec).to.deep.equal(want);
  });
});

describe('defaults that multiply', () => {
  const bombs = [
    { name: 'a large text in each item', given: 'x'.repeat(10_000) },
    { name: 'a large list in each item', given: Array(2_000).fill('') },
  ];
  for (const { name, given } of bombs) {
    it(`refuses ${name} of a long list`, () => {
      const items = { type: 'object', properties: { a: { default: given } } };
      const schema = { type: 'object', properties: { list: { type: 'array', items } } };
      const listOf = (length: number) => ({ list: Array.from({ length }, () => ({})) });
      const few = listOf(10);
      applyDefaults(few, schema);
      expect(few.list[9]).to.deep.equal({ a: given });
      expect(() => applyDefaults(listOf(50_000), schema)).to.throw(/too large: with its defaults/);
    });
  }
});

describe('nearMatch', () => {
  const cases = [
    { given: 'manifest', want: 'manifests' },
    { given: 'Runtime', want: 'runtime' },
    { given: 'zzz', want: undefined },
    { given: 'x'.repeat(10_000), want: undefined },
  ];
  for (const { given, want } of cases) {
    it(given.slice(0, 20), () =>
      expect(nearMatch(given, ['manifests', 'runtime', 'yaml'])).to.equal(want),
    );
  }
});
