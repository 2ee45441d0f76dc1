import { expect } from 'chai';
import * as fc from 'fast-check';
import { cloneJson } from './clone-json.js';

describe('cloneJson', () => {
  it('gives the same data', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(cloneJson(value)).to.deep.equal(value);
      }),
    );
    const hostile: unknown = JSON.parse('{"__proto__": {"a": 1}}');
    expect(JSON.stringify(cloneJson(hostile))).to.equal('{"__proto__":{"a":1}}');
  });

  it('shares nothing with it', () => {
    const value = { a: [{ b: 1 }] };
    const copy = cloneJson(value);
    copy.a[0] = { b: 2 };
    copy.a.push({ b: 3 });
    expect(value).to.deep.equal({ a: [{ b: 1 }] });
  });
});
