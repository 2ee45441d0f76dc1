import { expect } from 'chai';
import { schemaNodeOf, type JsonSchema, type SchemaNode } from './schema-walk.js';
import { WIDGET_SCHEMA } from '../../test/support/widget-fixture.js';

const ROOT: JsonSchema = {
  properties: {
    spec: { $ref: '#/$defs/Spec' },
    template: { type: 'object', 'x-kubernetes-embedded-resource': true },
    tree: { $ref: '#/$defs/Tree' },
    loop: { $ref: '#/$defs/Loop' },
  },
  $defs: {
    Spec: {
      properties: {
        a: {
          allOf: [{ $ref: '#/$defs/Tree' }],
          'x-kubernetes-map-type': 'atomic',
        },
        containers: {
          type: 'array',
          items: { $ref: '#/$defs/Tree' },
          'x-kubernetes-patch-strategy': 'merge,retainKeys',
          'x-kubernetes-patch-merge-key': 'name',
        },
        values: { type: 'array', 'x-kubernetes-patch-strategy': 'merge' },
        gone: { $ref: '#/$defs/Nothing' },
      },
    },
    Tree: { properties: { child: { $ref: '#/$defs/Tree' } } },
    Loop: { $ref: '#/$defs/Loop' },
  },
};

function nodeAt(schema: JsonSchema | undefined, ...path: string[]): SchemaNode {
  return path.reduce(
    (node, name) => (name === '[]' ? node.items : node.field(name)),
    schemaNodeOf(schema),
  );
}

describe('schema walk', () => {
  const cases: {
    name: string;
    given: SchemaNode;
    want: Partial<Pick<SchemaNode, 'listType' | 'isAtomicMap' | 'isDeduced' | 'patchMergeKey'>> & {
      listMapKeys?: string[];
      patchStrategies?: string[];
    };
  }[] = [
    {
      name: '$ref into definitions',
      given: nodeAt(WIDGET_SCHEMA, 'spec', 'struct'),
      want: { isDeduced: false },
    },
    { name: 'words beside allOf', given: nodeAt(ROOT, 'spec', 'a'), want: { isAtomicMap: true } },
    {
      name: 'a schema within itself',
      given: nodeAt(ROOT, 'tree', 'child', 'child', 'child'),
      want: { isDeduced: false },
    },
    { name: 'a $ref to itself', given: nodeAt(ROOT, 'loop', 'x'), want: { isDeduced: true } },
    {
      name: 'a $ref to nothing',
      given: nodeAt(ROOT, 'spec', 'gone', 'x'),
      want: { isDeduced: true },
    },
    {
      name: 'an unknown field',
      given: nodeAt(ROOT, 'spec', 'other'),
      want: { isDeduced: true, listType: 'atomic', isAtomicMap: false },
    },
    { name: 'no schema', given: nodeAt(undefined, 'spec'), want: { isDeduced: true } },
    {
      name: 'patch strategy as list type',
      given: nodeAt(ROOT, 'spec', 'containers'),
      want: {
        listType: 'map',
        listMapKeys: ['name'],
        patchStrategies: ['merge', 'retainKeys'],
        patchMergeKey: 'name',
      },
    },
    {
      name: 'merged values as set',
      given: nodeAt(ROOT, 'spec', 'values'),
      want: { listType: 'set' },
    },
    {
      name: 'sorted list map keys',
      given: nodeAt(WIDGET_SCHEMA, 'spec', 'ports'),
      want: { listMapKeys: ['port', 'protocol'] },
    },
    {
      name: 'metadata without a schema',
      given: nodeAt(undefined, 'metadata', 'finalizers'),
      want: { listType: 'set' },
    },
    {
      name: 'metadata of an embedded object',
      given: nodeAt(ROOT, 'template', 'metadata', 'ownerReferences'),
      want: { listType: 'map', listMapKeys: ['uid'] },
    },
  ];
  for (const { name, given, want } of cases) {
    it(name, () => {
      for (const [key, value] of Object.entries(want)) {
        expect(given[key as keyof SchemaNode], key).to.deep.equal(value);
      }
    });
  }

  it('tells named fields from map keys', () => {
    const spec = nodeAt(WIDGET_SCHEMA, 'spec');
    expect(spec.isNamedField('map')).to.equal(true);
    expect(spec.isNamedField('constructor')).to.equal(false);
    expect(spec.field('map').isNamedField('k')).to.equal(false);
    expect(schemaNodeOf(undefined).isNamedField('metadata')).to.equal(true);
  });

  it('has defaults of list map keys, also the well-known one', () => {
    const items = nodeAt(WIDGET_SCHEMA, 'spec', 'ports').items;
    expect(items.keyDefault('protocol')).to.equal('TCP');
    expect(nodeAt(undefined, 'ports').items.keyDefault('protocol')).to.equal('TCP');
    expect(items.keyDefault('port')).to.equal(undefined);
  });

  it('gives the same node for the same place', () => {
    expect(nodeAt(WIDGET_SCHEMA, 'spec', 'items', '[]')).to.equal(
      nodeAt(WIDGET_SCHEMA, 'spec', 'items', '[]'),
    );
  });
});
