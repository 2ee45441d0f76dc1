import { expect } from 'chai';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { changedConditions, changedFields } from './changed-fields.js';

function object(content: Record<string, unknown>, metadata: object = {}): StoredApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name: 't', uid: 'u', generation: 1, resourceVersion: '1', ...metadata },
    ...content,
  } as unknown as StoredApiObject;
}

describe('fields that a revision changed', () => {
  const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`key-${i}`, i]));
  const cases: readonly {
    name: string;
    reason: string;
    before: StoredApiObject;
    after: StoredApiObject;
    want: readonly string[];
  }[] = [
    {
      name: 'leaves',
      reason: 'the deepest path that differs is named, added and removed ones too',
      before: object({ spec: { a: { b: 1, c: 2 }, gone: true } }),
      after: object({ spec: { a: { b: 1, c: 3 }, made: { x: 1 } } }),
      want: ['spec.a.c', 'spec.gone', 'spec.made'],
    },
    {
      name: 'lists',
      reason: 'an item where it has its place, the list where items came or went',
      before: object({ spec: { same: [{ x: 1 }, { x: 2 }], other: [1] } }),
      after: object({ spec: { same: [{ x: 1 }, { x: 3 }], other: [1, 2] } }),
      want: ['spec.same[1].x', 'spec.other'],
    },
    {
      name: 'metadata',
      reason: 'what people write there, and not what every write changes',
      before: object({}, { labels: { a: '1' } }),
      after: object({}, { labels: { a: '2' }, generation: 2, resourceVersion: '2' }),
      want: ['metadata.labels'],
    },
    {
      name: 'status',
      reason: 'it is long; its conditions are told apart',
      before: object({ status: { x: 1 } }),
      after: object({ status: { x: 2, y: 3 } }),
      want: ['status'],
    },
    {
      name: 'fields at the top',
      reason: 'Secrets have their data there; values are never told',
      before: object({ data: { 'a.b': 'c2VjcmV0' } }),
      after: object({ data: { 'a.b': 'aHVzaA==' } }),
      want: ['data[a.b]'],
    },
    {
      name: 'names of Object.prototype',
      reason: 'a name from outside is data',
      before: object({ spec: { constructor: 1 } }),
      after: object({ spec: {} }),
      want: ['spec.constructor'],
    },
  ];
  for (const { name, reason, before, after, want } of cases) {
    it(`${name}: ${reason}`, () => {
      expect(changedFields(before, after)).to.deep.equal(want);
      expect(changedFields(after, after)).to.deep.equal([]);
    });
  }

  it('are few and short, however many differ', () => {
    const paths = changedFields(object({ spec: {} }), object({ spec: many }));
    expect(paths).to.have.length(20);
    expect(paths.at(-1)).to.equal('...');
    const long = changedFields(object({ spec: {} }), object({ spec: { ['x'.repeat(9_999)]: 1 } }));
    expect(long[0]).to.have.length.below(300);
  });

  it('are no deeper than people look', () => {
    const nested = (leaf: number, depth: number): unknown =>
      depth === 0 ? leaf : { d: nested(leaf, depth - 1) };
    const [path] = changedFields(object({ spec: nested(1, 40) }), object({ spec: nested(2, 40) }));
    expect(path?.split('.')).to.have.length(8);
  });
});

describe('conditions that a revision changed', () => {
  const ready = (status: string, reason: string, message = '') => ({
    type: 'Ready',
    status,
    reason,
    message,
  });

  it('are those with another status or reason', () => {
    const before = object({ status: { conditions: [ready('True', 'Fine', 'a')] } });
    const after = object({ status: { conditions: [ready('True', 'Fine', 'b')] } });
    expect(changedConditions(before, after)).to.deep.equal([]);
    const failed = object({ status: { conditions: [ready('False', 'Broken', 'x'.repeat(999))] } });
    const [condition] = changedConditions(after, failed);
    expect(condition).to.include({ type: 'Ready', status: 'False', reason: 'Broken' });
    expect(condition?.message).to.have.length.below(310);
    expect(changedConditions(undefined, after)).to.have.length(1);
  });

  it('of a status that is none, or of another form, are none', () => {
    for (const status of [undefined, null, 'x', { conditions: 'x' }, { conditions: [null, {}] }]) {
      expect(changedConditions(undefined, object({ status }))).to.deep.equal([]);
    }
  });
});
