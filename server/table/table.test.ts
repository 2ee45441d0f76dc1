import { expect } from 'chai';
import { humanDuration } from './human-duration.js';
import { jsonPath } from './json-path.js';

describe('jsonPath', () => {
  const object = {
    metadata: { labels: { 'app.kubernetes.io/name': 'web' } },
    status: {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Other', status: 'False' },
      ],
    },
    list: [{ n: 1 }, { n: 2 }],
  };
  const cases = [
    { given: '.status.conditions[?(@.type=="Ready")].status', want: ['True'] },
    { given: ".status.conditions[?(@.type=='Nope')].status", want: [] },
    { given: '.metadata.labels.app\\.kubernetes\\.io/name', want: ['web'] },
    { given: ".metadata.labels['app.kubernetes.io/name']", want: ['web'] },
    { given: '.list[*].n', want: [1, 2] },
    { given: '.list[-1].n', want: [2] },
    { given: '{.list[0].n}', want: [1] },
    { given: '.missing.deeper', want: [] },
    { given: '.constructor', want: [] },
    { given: '.list[?(', want: [] },
    { given: '.list[?(@.n==2)].n', want: [2] },
    { given: '.list[?(@.n==1.2.3)].n', want: [] },
    { given: '.list[?(@.n==.)].n', want: [] },
  ];
  for (const { given, want } of cases) {
    it(given, () => expect(jsonPath(given)(object)).to.deep.equal(want));
  }
});

describe('humanDuration', () => {
  const cases = [
    { given: 0, want: '0s' },
    { given: 119_000, want: '119s' },
    { given: 192_000, want: '3m12s' },
    { given: 3_600_000, want: '60m' },
    { given: 4 * 3_600_000, want: '4h' },
    { given: 26 * 3_600_000, want: '26h' },
    { given: 75 * 3_600_000, want: '3d3h' },
    { given: 400 * 86_400_000, want: '400d' },
    { given: 800 * 86_400_000, want: '2y70d' },
    { given: -5_000, want: '<invalid>' },
  ];
  for (const { given, want } of cases) {
    it(want, () => expect(humanDuration(given)).to.equal(want));
  }
});
