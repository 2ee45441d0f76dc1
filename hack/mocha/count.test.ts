import { expect } from 'chai';
import { countAtEnd, countLine, sumOf } from './count.js';

describe('the count of a run of tests', () => {
  const cases = [
    ['a run that ended', '  ...\n\n3 passed, 1 failed, 2 skipped\n', [3, 1, 2]],
    ['a line of a test that looks like it', '9 passed, 0 failed, 0 skipped\nkilled\n', undefined],
    ['a run that died', '  .....', undefined],
    ['nothing', '', undefined],
  ] as const;
  for (const [what, output, expected] of cases) {
    it(`is read from the end of ${what}`, () => {
      const count = countAtEnd(output);
      expect(count && Object.values(count)).to.deep.equal(expected);
    });
  }

  it('adds up, and a run that did not count is a failure', () => {
    const sum = sumOf([{ passed: 3, failed: 1, skipped: 2 }, undefined]);
    expect(countLine(sum)).to.equal('3 passed, 2 failed, 2 skipped');
  });
});
