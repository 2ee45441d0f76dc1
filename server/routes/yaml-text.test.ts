import { expect } from 'chai';
import { assert, jsonValue, pre, property } from 'fast-check';
import { CORE_SCHEMA, load } from 'js-yaml';
import { yamlOf } from './yaml-text.js';

describe('YAML text', () => {
  it('is in block style with sorted keys', () => {
    const object = {
      kind: 'List',
      apiVersion: 'v1',
      metadata: { labels: {}, name: 'a-b.c' },
      items: [{ b: [1, [2, { x: null }]], a: 'x y' }, [], 'on'],
    };
    expect(yamlOf(JSON.stringify(object)).split('\n')).to.deep.equal([
      'apiVersion: v1',
      'items:',
      '- a: "x y"',
      '  b:',
      '  - 1',
      '  - - 2',
      '    - x: null',
      '- []',
      '- "on"',
      'kind: List',
      'metadata:',
      '  labels: {}',
      '  name: a-b.c',
      '',
    ]);
  });

  const strings = [
    'yes',
    'No',
    'ON',
    'y',
    'null',
    '~',
    'true',
    '.inf',
    '0x10',
    '012',
    '1e3',
    '1_000',
    '1:30',
    '2001-01-01',
    '<<',
    '=',
    '',
    ' ',
    '-',
    '- a',
    'a: b',
    '#',
    'a #b',
    '!x',
    '&x',
    '*x',
    '@x',
    'a\nb\n',
    '\t',
    '\u0085',
    '\u2028',
    '\ufeff',
    '\u0000',
    '"',
    '\\',
    '{',
    '%',
    'é',
    '😀',
  ];
  for (const text of strings) {
    it(`keeps ${JSON.stringify(text)} a string, as key and as value`, () => {
      const yaml = yamlOf(JSON.stringify({ a: text, [text]: [text] }));
      expect(load(yaml, { schema: CORE_SCHEMA })).to.deep.equal({ a: text, [text]: [text] });
    });
  }

  it('says whatever JSON says', () => {
    assert(
      property(jsonValue({ maxDepth: 5 }), (value) => {
        const json = JSON.stringify(value);
        pre(!json.includes('__proto__'));
        expect(load(yamlOf(json), { schema: CORE_SCHEMA })).to.deep.equal(JSON.parse(json));
      }),
    );
  });
});
