import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { checkConversions, movedPath, stepsBetween } from './conversion-steps.js';

const kind = (version: string, conversion?: KindDefinition['conversion']): KindDefinition =>
  ({
    group: 'example.com',
    plural: 'widgets',
    kind: 'Widget',
    version,
    ...(conversion !== undefined && { conversion }),
  }) as unknown as KindDefinition;

const v1 = kind('v1');
const v2 = kind('v2', { of: 'v1', moved: [{ from: 'spec.a', to: 'spec.b.c' }] });
const v3 = kind('v3', { of: 'v2', moved: [{ from: 'spec.b', to: 'spec.d' }] });
const all = [v1, v2, v3];

describe('the way between versions', () => {
  it('is followed forwards and backwards, over several versions', () => {
    expect(stepsBetween(v1, v2, all)).to.deep.equal([
      { to: v2, moves: [{ from: 'spec.a', to: 'spec.b.c' }] },
    ]);
    expect(stepsBetween(v2, v1, all)).to.deep.equal([
      { to: v1, moves: [{ from: 'spec.b.c', to: 'spec.a' }] },
    ]);
    expect(movedPath('spec.a', stepsBetween(v1, v3, all) ?? [])).to.equal('spec.d.c');
    expect(movedPath('spec.d.c', stepsBetween(v3, v1, all) ?? [])).to.equal('spec.a');
    expect(movedPath('spec.z', stepsBetween(v1, v3, all) ?? [])).to.equal('spec.z');
  });

  it('is none where none is declared', () => {
    expect(stepsBetween(v1, kind('v9'), [...all, kind('v9')])).to.equal(undefined);
  });

  const faults: {
    name: string;
    reason: string;
    moved: { from: string; to: string }[];
    of?: string;
    want: RegExp;
  }[] = [
    {
      name: 'UnknownVersion',
      reason: 'there is no such version',
      of: 'v7',
      moved: [],
      want: /no version v7/,
    },
    {
      name: 'Twice',
      reason: 'a field can go to one place',
      moved: [
        { from: 'spec.a', to: 'spec.b' },
        { from: 'spec.a.c', to: 'spec.d' },
      ],
      want: /moved twice/,
    },
    {
      name: 'Metadata',
      reason: 'metadata is the same in all',
      moved: [{ from: 'metadata.labels', to: 'spec.labels' }],
      want: /cannot be moved/,
    },
  ];
  for (const { name, reason, moved, of = 'v1', want } of faults) {
    it(`is refused: ${name}`, () => {
      expect(() => checkConversions([v1, kind('v2', { of, moved })]), reason).to.throw(want);
    });
  }
});
