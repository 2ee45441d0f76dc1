import { expect } from 'chai';
import { formatAge, formatTable, printable } from './table.js';

describe('formatTable', () => {
  it('aligns columns and leaves no blanks at line ends', () => {
    const text = formatTable(
      ['Name', 'Age'],
      [
        ['web', '5s'],
        ['a-longer-name', ''],
      ],
    );
    expect(text).to.equal('NAME            AGE\nweb             5s\na-longer-name\n');
  });
  it('keeps to the widths of what was printed before', () => {
    const text = formatTable(['Name', 'Age'], [['web', '5s']], { headers: false, minWidths: [8] });
    expect(text).to.equal('web        5s\n');
  });
  it('leaves out the headers when asked', () => {
    expect(formatTable(['Name'], [['web']], { headers: false })).to.equal('web\n');
  });
});

describe('printable', () => {
  it('takes the power over the terminal from a name', () => {
    expect(printable('\u001b[2Jweb\u0007')).to.equal('\uFFFD[2Jweb\uFFFD');
  });
  it('keeps a cell on one line', () => {
    expect(printable('a\nb\tc')).to.equal('a b c');
  });
});

describe('formatAge', () => {
  const nowMs = Date.parse('2026-01-10T00:00:00Z');
  const cases: { since: string | undefined; want: string; reason: string }[] = [
    { since: '2026-01-09T23:59:18Z', want: '42s', reason: 'seconds up to two minutes' },
    {
      since: '2026-01-09T23:54:57Z',
      want: '5m3s',
      reason: 'minutes and seconds up to ten minutes',
    },
    { since: '2026-01-09T23:00:00Z', want: '60m', reason: 'minutes up to three hours' },
    { since: '2026-01-09T20:48:00Z', want: '3h12m', reason: 'hours and minutes up to eight hours' },
    { since: '2026-01-08T12:00:00Z', want: '36h', reason: 'hours up to two days' },
    { since: '2026-01-05T19:00:00Z', want: '4d5h', reason: 'days and hours up to eight days' },
    { since: '2025-12-01T00:00:00Z', want: '40d', reason: 'then days' },
    { since: '2026-01-10T00:00:05Z', want: '0s', reason: 'clocks may differ: never negative' },
    { since: undefined, want: '<unknown>', reason: 'kubectl says so too' },
    { since: 'yesterday', want: '<unknown>', reason: 'no time at all' },
  ];
  for (const { since, want, reason } of cases) {
    it(`${String(since)} is ${want}`, () => expect(formatAge(since, nowMs), reason).to.equal(want));
  }
});
