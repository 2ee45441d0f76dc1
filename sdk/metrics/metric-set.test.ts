import { expect } from 'chai';
import { MetricSet } from './metric-set.js';
import { labelText } from './metric-text.js';

describe('MetricSet', () => {
  it('tells counters and gauges by their labels, in the order of their making', () => {
    const metrics = new MetricSet();
    const asked = metrics.counter('asked_total', 'Questions.');
    const open = metrics.gauge('open', 'Open ones.');
    open.set({}, 7);
    asked.add({ kind: 'A', outcome: 'ok' });
    asked.add({ kind: 'A', outcome: 'ok' }, 2);
    asked.add({ kind: 'A', outcome: 'failed' });
    open.add({}, -3);
    expect([...metrics.lines()].join('')).to.equal(
      [
        '# HELP asked_total Questions.',
        '# TYPE asked_total counter',
        'asked_total{kind="A",outcome="ok"} 3',
        'asked_total{kind="A",outcome="failed"} 1',
        '# HELP open Open ones.',
        '# TYPE open gauge',
        'open 4',
        '',
      ].join('\n'),
    );
  });

  it('puts what a histogram is told into cumulative buckets; a bound is in its own bucket', () => {
    const metrics = new MetricSet();
    const took = metrics.histogram('took_seconds', 'Time.', [0.1, 1]);
    for (const seconds of [0.05, 0.1, 0.5, 9]) took.observe({ kind: 'A' }, seconds);
    const lines = [...metrics.lines()].join('').trimEnd().split('\n').slice(2);
    expect(lines).to.deep.equal([
      'took_seconds_bucket{kind="A",le="0.1"} 2',
      'took_seconds_bucket{kind="A",le="1"} 3',
      'took_seconds_bucket{kind="A",le="+Inf"} 4',
      'took_seconds_sum{kind="A"} 9.65',
      'took_seconds_count{kind="A"} 4',
    ]);
  });

  it('escapes what is in labels, and leaves out what says nothing', () => {
    expect(labelText({ a: 'x"y\\z\n', b: '' })).to.equal('a="x\\"y\\\\z\\n"');
  });
});
