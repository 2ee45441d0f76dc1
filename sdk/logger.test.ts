import { expect } from 'chai';
import { safeJsonLine } from './logger.js';

describe('safeJsonLine', () => {
  const cases = [
    { name: 'a line break', given: 'a\r\n{"level":"error"}' },
    { name: 'an escape sequence', given: '\x1b[2J\x1b]0;title\x07' },
    { name: 'an escape sequence of one character', given: '\x9b31m' },
    { name: 'delete', given: 'a\x7fb' },
    { name: 'line separators', given: 'a\u2028b\u2029c\u0085d' },
    { name: 'changes of direction', given: '\u202egnp.exe\u2066\u2069\u200f\u061c' },
  ];
  for (const { name, given } of cases) {
    it(`writes ${name} as text that reads back as it was`, () => {
      const line = safeJsonLine({ path: given });
      expect(line).to.match(/^[\x20-\x7e]*$/);
      expect(JSON.parse(line)).to.deep.equal({ path: given });
    });
  }

  it('leaves all else as it is', () => {
    expect(safeJsonLine({ name: 'Grüße 世界 🎉' })).to.equal('{"name":"Grüße 世界 🎉"}');
  });
});
