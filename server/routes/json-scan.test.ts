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
    { name: 'items', given: `[${'0,'.repeat(60_001)}0]`, want: /more than 60000/ },
  ];
  for (const { name, given, want } of hostile) {
    it(`refuses ${name}`, () => expect(() => scanJson(given)).to.throw(want));
  }
});
