import { expect } from 'chai';
import { jsonSize } from './json-size.js';

/** Ten references to ten references to ... : 10^levels strings from a few bytes. */
function laughs(levels: number): unknown {
  let value: unknown = 'x';
  for (let level = 0; level < levels; level++) value = Array.from({ length: 10 }, () => value);
  return value;
}

function nested(depth: number): unknown {
  let value: unknown = 0;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

describe('jsonSize', () => {
  const values = [
    { name: 'null', given: null },
    { name: 'text with wide characters', given: { text: 'ünïcode ☃' } },
    { name: 'lists and mappings', given: { a: [1, 2, { b: true }], c: 'd' } },
  ];
  for (const { name, given } of values) {
    it(`is about the size of the JSON: ${name}`, () => {
      const exact = Buffer.byteLength(JSON.stringify(given));
      expect(jsonSize(given, 1_000)).to.be.within(exact, exact + 5);
    });
  }

  it('stops at the limit, whatever aliases multiply to', () => {
    expect(jsonSize(laughs(12), 1_000)).to.be.above(1_000);
  });

  it('stops at what contains itself', () => {
    const self: unknown[] = [];
    self.push(self);
    expect(jsonSize(self, 1e9)).to.equal(Number.POSITIVE_INFINITY);
  });

  it('takes what is nested too deep for JSON as infinitely large', () => {
    expect(jsonSize(nested(100), 1e9)).to.be.below(1_000);
    expect(jsonSize(nested(10_000), 1e9)).to.equal(Number.POSITIVE_INFINITY);
  });
});
