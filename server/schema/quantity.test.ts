import { expect } from 'chai';
import { addQuantities, canonicalQuantity, compareQuantities, isQuantity } from './quantity.js';

describe('quantities', () => {
  const canonical: readonly { given: unknown; want: unknown; reason: string }[] = [
    { given: '1000m', want: '1', reason: 'whole after scaling' },
    { given: 0.5, want: '500m', reason: 'a number in YAML' },
    { given: 2, want: '2', reason: 'a whole number' },
    { given: '1024Mi', want: '1Gi', reason: 'binary suffixes shorten' },
    { given: '1.5Gi', want: '1536Mi', reason: 'a fraction of a binary suffix' },
    { given: '1500m', want: '1500m', reason: 'not whole' },
    { given: '1e3', want: '1k', reason: 'an exponent' },
    { given: '100E', want: '100E', reason: 'E is a suffix without digits after it' },
    { given: '0', want: '0', reason: 'zero has no suffix' },
    { given: '-250m', want: '-250m', reason: 'negative' },
    { given: 'lots', want: 'lots', reason: 'no quantity: left for validation' },
  ];
  for (const { given, want, reason } of canonical) {
    it(`spells ${String(given)} as ${String(want)} (${reason})`, () => {
      expect(canonicalQuantity(given)).to.equal(want);
      expect(canonicalQuantity(want)).to.equal(want);
    });
  }

  it('knows what is none', () => {
    for (const value of ['', 'x', '1x', '1 Gi', '--1', null, {}, true]) {
      expect(isQuantity(value), JSON.stringify(value)).to.equal(false);
    }
  });

  it('adds and compares across suffixes', () => {
    expect(addQuantities(['500m', '0.5', 1])).to.equal('2');
    expect(addQuantities(['512Mi', '0.5Gi'])).to.equal('1Gi');
    expect(compareQuantities('1Gi', '1024Mi')).to.equal(0);
    expect(compareQuantities('1G', '1Gi')).to.equal(-1);
    expect(compareQuantities('2', '1999m')).to.equal(1);
  });
});
