import { expect } from 'chai';
import * as fc from 'fast-check';
import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import { resourceName } from '../../sdk/api/kind.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { pruneUnknownFields } from '../schema/unknown-fields.js';
import { convertObject, UNCONVERTED_ANNOTATION } from './convert-object.js';

const text: JsonSchema = { type: 'string' };
const struct = (properties: Record<string, JsonSchema>): JsonSchema => ({
  type: 'object',
  properties,
});
const list = (items: JsonSchema, others: JsonSchema = {}): JsonSchema => ({
  type: 'array',
  items,
  ...others,
});
const byName = { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] };

function kindOf(
  version: string,
  spec: Record<string, JsonSchema>,
  others: Partial<KindDefinition> = {},
): KindDefinition {
  return {
    group: 'example.com',
    version,
    kind: 'Widget',
    plural: 'widgets',
    singular: 'widget',
    listKind: 'WidgetList',
    shortNames: [],
    categories: [],
    namespaced: true,
    status: true,
    printerColumns: [],
    references: [],
    indexed: [],
    immutable: [],
    sensitive: [],
    schema: struct({ spec: struct(spec), status: struct({ phase: text }) }),
    ...others,
  };
}

/** Renamed, moved up and down, exchanged, gone and new: at the top, in maps and in lists. */
const v1 = kindOf('v1', {
  image: text,
  colour: text,
  left: text,
  right: text,
  size: struct({ width: text, height: text }),
  net: struct({ host: text, only1: text }),
  only1: text,
  ports: list(struct({ name: text, only1: text }), byName),
  rules: list(struct({ allow: text, only1: text })),
  labels: { type: 'object', additionalProperties: text },
});
const v2 = kindOf(
  'v2',
  {
    picture: text,
    looks: struct({ colour: text, only2: text }),
    left: text,
    right: text,
    width: text,
    size: struct({ height: text }),
    net: struct({ host: text, only2: text }),
    only2: text,
    ports: list(struct({ name: text, only2: text }), byName),
    rules: list(struct({ allow: text, only2: text })),
    labels: { type: 'object', additionalProperties: text },
  },
  {
    conversion: {
      of: 'v1',
      moved: [
        { from: 'spec.image', to: 'spec.picture' },
        { from: 'spec.colour', to: 'spec.looks.colour' },
        { from: 'spec.size.width', to: 'spec.width' },
        { from: 'spec.left', to: 'spec.right' },
        { from: 'spec.right', to: 'spec.left' },
      ],
    },
  },
);
const versions = [v2, v1];

const word = fc.constantFrom('a', 'b', 'c');
const node = (schema: JsonSchema): fc.Arbitrary<unknown> => {
  if (schema['type'] === 'string') return word;
  if (schema['type'] === 'boolean') return fc.boolean();
  if (schema['type'] === 'integer') return fc.integer();
  if (schema['type'] === 'array') {
    const items = node(schema['items'] as JsonSchema) as fc.Arbitrary<object>;
    if (schema['x-kubernetes-list-type'] !== 'map') return fc.array(items, { maxLength: 3 });
    const [key = ''] = schema['x-kubernetes-list-map-keys'] as string[];
    return fc.uniqueArray(
      fc.tuple(items, word).map(([item, value]) => ({ ...item, [key]: value })),
      { maxLength: 3, selector: (item) => (item as Record<string, string>)[key] },
    );
  }
  const additional = schema['additionalProperties'];
  if (additional !== undefined) return fc.dictionary(word, node(additional as JsonSchema));
  const properties = Object.entries(schema['properties'] as Record<string, JsonSchema>);
  return fc.record(
    Object.fromEntries(properties.map(([name, property]) => [name, node(property)])),
    { requiredKeys: [] },
  );
};
const objectOf = (kind: KindDefinition): fc.Arbitrary<ApiObject> =>
  fc
    .tuple(
      node(kind.schema),
      fc.option(fc.dictionary(word, word, { minKeys: 1 }), { nil: undefined }),
    )
    .map(([fields, annotations]) => ({
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: { name: 'w', ...(annotations !== undefined && { annotations }) },
      ...(fields as object),
    }));

/** Every pair of versions of one kind: those above, and of the kinds that are built in. */
const ways = [versions, ...builtInVersions()].flatMap((all) =>
  all.flatMap((from) =>
    all
      .filter((to) => to !== from)
      .map((to) => ({ from, to, all, name: `${from.kind} ${from.version}` })),
  ),
);

function builtInVersions(): KindDefinition[][] {
  const registry = new KindRegistry(kinds);
  return registry
    .list()
    .map((kind) => [...(registry.findVersions(resourceName(kind))?.all ?? [])])
    .filter((all) => all.length > 1);
}

describe('conversion between versions', () => {
  for (const { from, to, all, name } of ways) {
    it(`loses nothing on the way from ${name} to ${to.version} and back`, () => {
      fc.assert(
        fc.property(objectOf(from), (object) => {
          const there = convertObject(object, from, to, all);
          expect(there.apiVersion).to.equal(apiVersionOf(to));
          expect(convertObject(there, to, from, all)).to.deep.equal(object);
        }),
        { numRuns: 500 },
      );
    });

    it(`gives only fields that ${to.version} knows, from ${name}`, () => {
      fc.assert(
        fc.property(objectOf(from), (object) => {
          const there = convertObject(object, from, to, all);
          expect(pruneUnknownFields(structuredClone(there), to.schema)).to.deep.equal(
            // The schemas here say nothing of what every object has.
            ['apiVersion', 'kind', 'metadata'].map((path) => ({ path })),
          );
        }),
        { numRuns: 200 },
      );
    });
  }

  it('leaves what it converts as it is', () => {
    fc.assert(
      fc.property(objectOf(v1), (object) => {
        const before = structuredClone(object);
        convertObject(object, v1, v2, versions);
        expect(object).to.deep.equal(before);
      }),
    );
  });

  it('takes back nothing that was written over in the other version', () => {
    const object = {
      apiVersion: 'example.com/v2',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { rules: [{ allow: 'a', only2: 'b' }], ports: [{ name: 'a', only2: 'b' }], only2: 'c' },
    };
    const inV1 = convertObject(object, v2, v1, versions);
    expect(inV1.spec).to.deep.equal({ rules: [{ allow: 'a' }], ports: [{ name: 'a' }] });
    const written = { ...inV1, spec: { rules: [{ allow: 'z' }], ports: [{ name: 'z' }] } };
    expect(convertObject(written as typeof object, v1, v2, versions).spec).to.deep.equal({
      rules: [{ allow: 'z' }],
      ports: [{ name: 'z' }],
      only2: 'c',
    });
  });

  it('changes nothing but the version where no conversion is declared', () => {
    const other = kindOf('v3', {});
    const object = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'w' },
      spec: { image: 'a' },
    };
    expect(convertObject(object, v1, other, [...versions, other])).to.deep.equal({
      ...object,
      apiVersion: 'example.com/v3',
    });
  });

  const spoiled: { name: string; reason: string; text: string }[] = [
    { name: 'NoJson', reason: 'a client wrote it', text: '{' },
    { name: 'NoList', reason: 'it is no list', text: '{"a":1}' },
    {
      name: 'Metadata',
      reason: 'metadata is nobody else’s',
      text: '[{"path":["metadata","uid"],"value":"x"}]',
    },
    {
      name: 'Prototype',
      reason: 'no object is changed',
      text: '[{"path":["spec"],"value":{"__proto__":1}}]',
    },
    {
      name: 'Deep',
      reason: 'it would be walked',
      text: `[{"path":["spec","x"],"value":${'['.repeat(5000)}${']'.repeat(5000)}}]`,
    },
  ];
  for (const { name, reason, text: annotation } of spoiled) {
    it(`does not believe a spoiled annotation: ${name}`, () => {
      const object = {
        apiVersion: 'example.com/v1',
        kind: 'Widget',
        metadata: { name: 'w', annotations: { [UNCONVERTED_ANNOTATION]: annotation } },
        spec: {},
      };
      expect(convertObject(object, v1, v2, versions), reason).to.deep.equal({
        apiVersion: 'example.com/v2',
        kind: 'Widget',
        metadata: { name: 'w' },
        spec: {},
      });
    });
  }
});
