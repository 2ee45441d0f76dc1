import { expect } from 'chai';
import { scanJson } from './json-scan.js';

describe('scanJson', () => {
  const cases = [
    {
      name: 'plain',
      reason: 'nothing is twice',
      given: '{"a":{"b":[1,{"c":2}]},"d":"a"}',
      want: [],
    },
    { name: 'top', reason: 'a key twice', given: '{"a":1,"a":2}', want: ['a'] },
    { name: 'nested', reason: 'with its path', given: '{"x":{"a":1,"b":2,"a":3}}', want: ['x.a'] },
    {
      name: 'in items',
      reason: 'index counts',
      given: '{"l":[{"a":1},{"a":1,"a":2}]}',
      want: ['l[1].a'],
    },
    { name: 'apart', reason: 'siblings have their own keys', given: '[{"a":1},{"a":1}]', want: [] },
    {
      name: 'escaped',
      reason: 'the same key written twice over',
      given: '{"a":1,"\\u0061":2}',
      want: ['a'],
    },
    {
      name: 'values',
      reason: 'strings are not keys',
      given: '{"a":"x","b":"x","c":["x","x"]}',
      want: [],
    },
    {
      name: 'punctuation',
      reason: 'inside strings it means nothing',
      given: '{"a":"{\\"a\\":1,","b":1}',
      want: [],
    },
    {
      name: 'numbers',
      reason: 'what a float holds is no fault',
      given:
        '[0,-1,1.5,-0.000001,9007199254740991,-9007199254740991,10000000000000000000,1e308,1e-400,0.1234567890123456789]',
      want: [],
    },
    { name: 'no number', reason: 'left for JSON.parse', given: '{"a":1-2+3e4}', want: [] },
    { name: 'broken', reason: 'left for JSON.parse', given: '{"a":', want: [] },
    { name: 'unclosed string', reason: 'left for JSON.parse', given: '{"a', want: [] },
  ];
  for (const { name, reason, given, want } of cases) {
    it(name, () => expect(scanJson(given), reason).to.deep.equal(want));
  }

  const hostile = [
    { name: 'depth', given: '['.repeat(101), want: /nested more than 100/ },
    { name: 'prototype', given: '{"a":{"__proto__":1}}', want: /__proto__/ },
    { name: 'escaped prototype', given: '{"\\u005f_proto__":1}', want: /__proto__/ },
    {
      name: 'keys',
      given: `{${Array.from({ length: 200_001 }, (_, i) => `"${i}":0`).join()}}`,
      want: /more than 60000/,
    },
    {
      name: 'an integer too large',
      given: '{"a":[0,9007199254740993]}',
      want: /^a\[1\]: the number 9/,
    },
    {
      name: 'an integer that ends in another digit',
      given: '[10000000000000000001]',
      want: /does not fit/,
    },
    { name: 'an integer too small', given: '{"a":-9007199254740993}', want: /does not fit/ },
    {
      name: 'a float too large',
      given: '{"a":{"b":-1e400}}',
      want: /a\.b: the number -1e400 does/,
    },
    { name: 'items', given: `[${'0,'.repeat(60_001)}0]`, want: /more than 60000/ },
  ];
  for (const { name, given, want } of hostile) {
    it(`refuses ${name}`, () => expect(() => scanJson(given)).to.throw(want));
  }
});
