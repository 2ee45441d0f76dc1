import { performance } from 'node:perf_hooks';
import * as fc from 'fast-check';
import { expect } from 'chai';
import { compilePattern, compileSteps, patternFault } from './linear-pattern.js';

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

  it('find their parts one after the other', () => {
    const pattern = compilePattern('[0-9]+');
    expect([...pattern.findAll('a1b22c')]).to.deep.equal(['1', '22']);
    expect([...pattern.findAll('none')]).to.deep.equal([]);
  });

  it('cost by their size and the length of the text, whether they were compiled before or not', () => {
    const small = compilePattern('^[a-z]+$');
    const large = compilePattern('^(a?){900}$');
    expect(large.testSteps(100)).to.be.greaterThan(100 * small.testSteps(100));
    expect(small.testSteps(1_000)).to.be.closeTo(10 * small.testSteps(100), 10);
    expect(large.findSteps(100)).to.be.greaterThan(large.testSteps(100));
    expect(compileSteps('(x{100}){9}')).to.equal(compileSteps('(x{100}){9}'));
    expect(compileSteps('(x{100}){9}')).to.be.greaterThan(50 * compileSteps('x{9}'));
  });

  it('remember little of texts that are never in the same state twice', () => {
    const [a, b] = ['a', 'b'];
    let seed = 1;
    const text = Array.from({ length: 20_000 }, () => {
      seed = (seed * 16_807) % 2_147_483_647;
      return seed % 2 === 0 ? a : b;
    }).join('');
    const before = process.memoryUsage().rss;
    const patterns = Array.from({ length: 100 }, (_, i) =>
      compilePattern(`[ab]*a[ab]{1${i % 10}}[c${i}]$`),
    );
    for (const pattern of patterns) expect(pattern.test(text)).to.equal(false);
    // With 8 MB for each it would be 800 MB.
    expect(process.memoryUsage().rss - before).to.be.lessThan(200 * 1024 * 1024);
  });

  it('match where they are found, whatever the pattern and the text', () => {
    const part = fc.constantFrom(
      'a',
      'b',
      '.',
      '[ab]',
      '(a|bb)',
      '^',
      '$',
      '\\b',
      '(?i:A)',
      'é',
      '😀',
    );
    const repeated = fc
      .tuple(part, fc.constantFrom('', '*', '+', '?', '{2,3}', '*?'))
      .map(([one, repeat]) => (/^[\^$\\]/.test(one) ? one : `(?:${one})${repeat}`));
    const pattern = fc
      .array(repeated, { minLength: 1, maxLength: 5 })
      .map((parts) => parts.join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'A', 'é', '😀', ' ', '\n') });
    fc.assert(
      fc.property(pattern, text, (source, given) => {
        const compiled = compilePattern(source);
        const [first] = compiled.findAll(given);
        expect(compiled.test(given)).to.equal(first !== undefined);
      }),
      { numRuns: 500 },
    );
  });

  it('are refused before they are written out, in no time', () => {
    const since = process.cpuUsage();
    for (const pattern of ['(a{1000})'.repeat(500), '((a{30}){30}){30}', 'a'.repeat(1_000_000)]) {
      expect(patternFault(pattern)).to.equal('expression is too large');
    }
    const { user, system } = process.cpuUsage(since);
    expect((user + system) / 1_000, 'ms').to.be.lessThan(100);
  });

  it('are refused with a reason', () => {
    expect(patternFault('a(')).to.contain('missing closing )');
    expect(patternFault('(?<!a)b')).to.contain('invalid');
    expect(patternFault('((x{100}){100}){100}')).to.not.equal(undefined);
    expect(patternFault('[\\p{L}]'.repeat(9_000))).to.equal('expression is too large');
    expect(patternFault('^[a-z]+$')).to.equal(undefined);
  });
});
