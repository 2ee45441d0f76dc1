import { expect } from 'chai';
import { backoffMs } from './backoff.js';

describe('backoffMs', () => {
  const cases = [
    { name: 'the first failure', reason: 'a second', given: [1, 0.5], want: 1_000 },
    { name: 'the second', reason: 'twice as long', given: [2, 0.5], want: 2_000 },
    { name: 'the tenth', reason: 'five minutes at most', given: [10, 0.5], want: 300_000 },
    { name: 'least jitter', reason: 'a fifth less', given: [1, 0], want: 800 },
    { name: 'most jitter', reason: 'a fifth more', given: [1, 1], want: 1_200 },
    { name: 'very many', reason: 'no overflow', given: [5_000, 0.5], want: 300_000 },
  ] as const;
  for (const { name, reason, given, want } of cases) {
    it(`${name}: ${reason}`, () => {
      expect(backoffMs(given[0], () => given[1])).to.equal(want);
    });
  }
});
