import { expect } from 'chai';
import { checkStorableText } from './storable-text.js';

describe('checkStorableText', () => {
  const cases: { name: string; given: unknown; want: string[] }[] = [
    { name: 'plain text', given: { a: 'b', c: ['ä', '\u{1f600}', 'tab\t'] }, want: [] },
    {
      name: 'NUL in a value',
      given: { metadata: { labels: { a: 'x\0' } } },
      want: ['metadata.labels.a'],
    },
    { name: 'NUL in a key', given: { data: { 'a\0b': 1 } }, want: ['data'] },
    {
      name: 'half a surrogate pair',
      given: { spec: { list: ['ok', 'x\ud800'] } },
      want: ['spec.list[1]'],
    },
    { name: 'halves in the wrong order', given: { a: '\udc00\ud800' }, want: ['a'] },
  ];
  for (const { name, given, want } of cases) {
    it(name, () => {
      const faults = checkStorableText(given);
      expect(faults.map(({ field }) => field)).to.deep.equal(want);
      for (const { message } of faults) expect(message).to.match(/^Invalid value: .* U\+0000/);
    });
  }

  it('says no more than ten', () => {
    expect(checkStorableText(Array.from({ length: 50 }, () => '\0'))).to.have.length(10);
  });
});
