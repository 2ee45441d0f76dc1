import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { widget } from '../store/suite/suite-kinds.js';
import { SchemaValidator } from './schema-validator.js';

const kind: KindDefinition = {
  ...widget,
  schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        required: ['size'],
        properties: {
          size: { type: 'integer', maximum: 5 },
          colour: { type: 'string', enum: ['red'] },
          plain: { type: 'array', items: { type: 'string', maxLength: 3 } },
          ports: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
            items: {
              type: 'object',
              required: ['name'],
              properties: { name: { type: 'string' }, port: { type: 'integer', maximum: 100 } },
            },
          },
          extra: { type: 'object', additionalProperties: { type: 'integer', maximum: 1 } },
        },
      },
      status: { type: 'object', properties: { phase: { type: 'string', maxLength: 2 } } },
    },
  },
};

describe('what an update leaves as it was', () => {
  const validator = new SchemaValidator();
  const faults = (old: object | undefined, next: object): string[] => {
    const object = (parts: object) => ({
      apiVersion: 'v1',
      kind: 'Widget',
      metadata: {},
      ...parts,
    });
    return validator
      .validate(kind, object(next), old && object(old))
      .map(({ field }) => field)
      .sort();
  };

  const cases: {
    name: string;
    old?: Record<string, unknown>;
    next: Record<string, unknown>;
    want: string[];
  }[] = [
    {
      name: 'is judged when the object is new',
      next: { spec: { size: 9 } },
      want: ['spec.size'],
    },
    {
      name: 'is let pass',
      old: { spec: { size: 9, colour: 'blue' } },
      next: { spec: { size: 9, colour: 'blue' } },
      want: [],
    },
    {
      name: 'is let pass beside what changes',
      old: { spec: { size: 9, colour: 'red' } },
      next: { spec: { size: 9, colour: 'blue' } },
      want: ['spec.colour'],
    },
    {
      name: 'is let pass by a write of the status',
      old: { spec: { size: 9 }, status: { phase: 'a' } },
      next: { spec: { size: 9 }, status: { phase: 'long' } },
      want: ['status.phase'],
    },
    {
      name: 'may lack what is required since',
      old: { spec: { colour: 'red' } },
      next: { spec: { colour: 'red' }, status: { phase: 'b' } },
      want: [],
    },
    {
      name: 'may not lack it when something else of it changes',
      old: { spec: { extra: {} } },
      next: { spec: { colour: 'red', extra: {} } },
      want: ['spec.size'],
    },
    {
      name: 'may be an item of a list that was there',
      old: { spec: { size: 1, plain: ['four'] } },
      next: { spec: { size: 1, plain: ['five5', 'four'] } },
      want: ['spec.plain[0]'],
    },
    {
      name: 'may be an item with the same keys, at another place',
      old: { spec: { size: 1, ports: [{ name: 'a', port: 200 }] } },
      next: {
        spec: {
          size: 1,
          ports: [
            { name: 'b', port: 300 },
            { name: 'a', port: 200 },
          ],
        },
      },
      want: ['spec.ports[0].port'],
    },
    {
      name: 'is not an item whose fault is new',
      old: { spec: { size: 1, ports: [{ name: 'a', port: 200 }] } },
      next: { spec: { size: 1, ports: [{ name: 'a', port: 300 }] } },
      want: ['spec.ports[0].port'],
    },
    {
      name: 'may be a value of a map',
      old: { spec: { size: 1, extra: { a: 2, b: 1 } } },
      next: { spec: { size: 1, extra: { a: 2, b: 3 } } },
      want: ['spec.extra.b'],
    },
    {
      name: 'is not what was another thing before',
      old: { spec: { size: 9, extra: 'text' } },
      next: { spec: { size: 9, extra: { a: 2 } } },
      want: ['spec.extra.a'],
    },
  ];
  for (const { name, old, next, want } of cases) {
    it(name, () => expect(faults(old, next)).to.deep.equal(want));
  }
});
