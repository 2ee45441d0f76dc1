import { performance } from 'node:perf_hooks';
import { expect } from 'chai';
import { compilePattern, patternFault } from './linear-pattern.js';

describe('patterns of schemas', () => {
  it('match anywhere, as in Kubernetes', () => {
    expect(compilePattern('o+').test('foo')).to.equal(true);
    expect(compilePattern('^o+$').test('foo')).to.equal(false);
    expect(compilePattern('\\p{Lu}').test('ä')).to.equal(false);
  });

  it('cost no more than their text, however they are written', () => {
    const pattern = compilePattern('^(([a-z])+.)+[A-Z]([a-z])+$');
    const sinceMs = performance.now();
    expect(pattern.test('a'.repeat(50_000))).to.equal(false);
    // A backtracking engine would not be done before the sun is out.
    expect(performance.now() - sinceMs).to.be.lessThan(5_000);
  });

  it('match no text that would take too long', () => {
    const pattern = compilePattern('^x{1000}x{1000}$|^x+$');
    expect(pattern.test('x'.repeat(10))).to.equal(true);
    expect(pattern.test('x'.repeat(1_000_000))).to.equal(false);
  });

  it('are refused with a reason', () => {
    expect(patternFault('a(')).to.contain('missing closing )');
    expect(patternFault('(?<!a)b')).to.contain('invalid');
    expect(patternFault('((x{100}){100}){100}')).to.not.equal(undefined);
    expect(patternFault('^[a-z]+$')).to.equal(undefined);
  });
});
