import { expect } from 'chai';
import { performance } from 'node:perf_hooks';
import { ApiError } from './errors.js';
import { parseFieldSelector, parseLabelSelector } from './selector.js';

describe('selectors', () => {
  const fields = [
    { given: 'a=b', want: [{ path: 'a', operator: '=', value: 'b' }] },
    {
      given: ' a.b == c , d != e f ',
      want: [
        { path: 'a.b', operator: '=', value: 'c' },
        { path: 'd', operator: '!=', value: 'e f' },
      ],
    },
    { given: 'a=', want: [{ path: 'a', operator: '=', value: '' }] },
    { given: 'a=b=c!=d', want: [{ path: 'a', operator: '=', value: 'b=c!=d' }] },
    { given: ',,', want: [] },
  ];
  for (const { given, want } of fields) {
    it(`reads the field selector "${given}"`, () => {
      expect(parseFieldSelector(given)).to.deep.equal(want);
    });
  }

  const spaces = ' '.repeat(60_000);
  const hostile = [
    { name: 'spaces in a field', parse: parseFieldSelector, given: `a${spaces}b` },
    { name: 'spaces before nothing', parse: parseFieldSelector, given: `=${spaces}b` },
    { name: 'spaces in a label', parse: parseLabelSelector, given: `a${spaces}b` },
    { name: 'spaces before a set', parse: parseLabelSelector, given: `a${spaces}in${spaces}x` },
    { name: 'a key without end', parse: parseLabelSelector, given: 'a'.repeat(60_000) },
    { name: 'open brackets', parse: parseLabelSelector, given: `a in ${'('.repeat(60_000)}` },
    { name: '501 fields', parse: parseFieldSelector, given: 'metadata.name=a,'.repeat(501) },
    { name: '20,000 labels', parse: parseLabelSelector, given: 'a,'.repeat(20_000) },
  ];
  for (const { name, parse, given } of hostile) {
    it(`refuses ${name} at once, in few words`, () => {
      const { user } = process.cpuUsage();
      const sinceMs = performance.now();
      expect(() => parse(given))
        .to.throw(ApiError)
        .with.property('message')
        .with.length.below(600);
      const cpuMs = Math.min((process.cpuUsage().user - user) / 1e3, performance.now() - sinceMs);
      expect(cpuMs, 'CPU in ms').to.be.lessThan(200);
    });
  }

  it('takes many values in one requirement', () => {
    const values = Array.from({ length: 5_000 }, (_, i) => `v${i}`);
    expect(parseLabelSelector(`a in (${values.join()})`)[0]?.values).to.deep.equal(values);
  });
});
