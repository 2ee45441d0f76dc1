import { expect } from 'chai';
import type { JsonSchema, KindDefinition } from '../../sdk/api/kind.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { kubernetesKinds } from '../../sandbox/kinds.js';
import { SchemaValidator } from './schema-validator.js';

const [base] = kinds;
if (base === undefined) throw new Error('there are no kinds');

function kindNamed(kind: string, schema: JsonSchema): KindDefinition {
  return { ...(base as KindDefinition), kind, plural: kind.toLowerCase(), sensitive: [], schema };
}

function specOf(definition: string): JsonSchema {
  return {
    type: 'object',
    properties: {
      spec: { $ref: `#/definitions/${definition}` },
      example: { type: 'object', default: { $ref: '#/definitions/NotAReference' } },
    },
  };
}

describe('SchemaValidator', () => {
  const definitions = {
    Tree: {
      type: 'object',
      properties: {
        size: { type: 'integer' },
        children: { type: 'array', items: { $ref: '#/definitions/Tree' } },
      },
    },
    Wood: { type: 'object', properties: { trees: { $ref: '#/definitions/Tree' } } },
  };

  it('compiles kinds that share their definitions, each by its own root', () => {
    const validator = new SchemaValidator();
    const tree = kindNamed('Tree', { ...specOf('Tree'), definitions });
    const wood = kindNamed('Wood', { ...specOf('Wood'), definitions });
    const other = kindNamed('Other', {
      ...specOf('Tree'),
      definitions: { Tree: { type: 'string' } },
    });
    const bad = { children: [{ size: 1 }, { size: 'x' }] };
    expect(validator.validate(tree, { spec: bad }).map(({ field }) => field)).to.deep.equal([
      'spec.children[1].size',
    ]);
    expect(
      validator.validate(wood, { spec: { trees: bad } }).map(({ field }) => field),
    ).to.deep.equal(['spec.trees.children[1].size']);
    expect(validator.validate(other, { spec: 'a tree of its own' })).to.deep.equal([]);
    expect(validator.validate(other, { spec: {} }).map(({ field }) => field)).to.deep.equal([
      'spec',
    ]);
  });

  it('gives the same answers when it was prepared part by part', async () => {
    const validator = new SchemaValidator();
    const wood = kindNamed('Wood', { ...specOf('Wood'), definitions });
    await validator.prepare(wood);
    await validator.prepare(wood);
    const bad = { spec: { trees: { children: [{ size: 'x' }] } } };
    expect(validator.validate(wood, bad).map(({ field }) => field)).to.deep.equal([
      'spec.trees.children[0].size',
    ]);
  });

  it('takes fields named as what every object inherits for fields', () => {
    const properties = { constructor: { type: 'string' }, valueOf: { type: 'integer' } };
    const kind = kindNamed('Named', {
      type: 'object',
      properties: { spec: { type: 'object', required: ['toString'], properties } },
    });
    const faultsOf = (spec: object): string[] =>
      new SchemaValidator().validate(kind, { spec }).map(({ field }) => field);
    expect(faultsOf({ toString: 'a' })).to.deep.equal([]);
    expect(faultsOf({})).to.deep.equal(['spec.toString']);
    expect(faultsOf({ toString: 'a', valueOf: 'x' })).to.deep.equal(['spec.valueOf']);
  });

  it('says no more than 50 faults, however many there are, and few of many allowed values', () => {
    const items = { type: 'string', enum: Array.from({ length: 10_000 }, (_, i) => `e${i}`) };
    const kind = kindNamed('Many', { properties: { spec: { type: 'array', items } } });
    const faults = new SchemaValidator().validate(kind, { spec: Array(20_000).fill('x') });
    expect(faults).to.have.length(50);
    expect(faults[49]?.message.length).to.be.lessThan(2_000);
  });

  it('leaves the event loop free while it prepares a large kind', async () => {
    const validator = new SchemaValidator();
    const pod = kubernetesKinds().find(({ kind }) => kind === 'Pod');
    if (pod === undefined) throw new Error('there is no Pod');
    let turns = 0;
    let isDone = false;
    const count = (): void => {
      turns += 1;
      if (!isDone) setImmediate(count);
    };
    setImmediate(count);
    await validator.prepare(pod);
    isDone = true;
    expect(turns).to.be.greaterThan(5);
  });
});
