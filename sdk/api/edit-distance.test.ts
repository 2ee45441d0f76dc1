import { expect } from 'chai';
import { editDistance } from './edit-distance.js';

describe('editDistance', () => {
  const cases: { left: string; right: string; want: number; reason: string }[] = [
    { left: '', right: '', want: 0, reason: 'nothing is nothing' },
    { left: '', right: 'abc', want: 3, reason: 'three insertions' },
    { left: 'workload', right: 'workload', want: 0, reason: 'the same word' },
    { left: 'workloda', right: 'workload', want: 2, reason: 'a swap is two replacements' },
    { left: 'manifest', right: 'manifests', want: 1, reason: 'one insertion' },
    { left: 'kitten', right: 'sitting', want: 3, reason: "the textbook's example" },
  ];
  for (const { left, right, want, reason } of cases) {
    it(`of "${left}" and "${right}" is ${want}`, () => {
      expect(editDistance(left, right), reason).to.equal(want);
      expect(editDistance(right, left), 'either way').to.equal(want);
    });
  }
});
