import { expect } from 'chai';
import { requirementsOf } from '../../sdk/api/label-selector.js';
import { widget } from '../store/suite/suite-kinds.js';
import { checkSelectors } from './label-selector-rules.js';

const kind = { ...widget, selectors: [{ path: 'spec.selector', group: '', kind: 'Part' }] };
const of = (selector: unknown) => ({
  apiVersion: 'v1',
  kind: 'Widget',
  metadata: { name: 'w' },
  spec: { selector },
});
const expression = (fields: object) => ({ matchExpressions: [{ key: 'tier', ...fields }] });
const IN = 'spec.selector.matchExpressions[0]';

describe('rules of label selectors', () => {
  const cases: { name: string; reason: string; selector: unknown; want: readonly string[] }[] = [
    { name: 'Empty', reason: 'it selects all', selector: {}, want: [] },
    {
      name: 'Full',
      reason: 'all that Kubernetes takes',
      selector: {
        matchLabels: { 'example.com/app': 'web' },
        ...expression({ operator: 'In', values: ['a', ''] }),
      },
      want: [],
    },
    {
      name: 'Absent',
      reason: 'values may be left away',
      selector: expression({ operator: 'DoesNotExist' }),
      want: [],
    },
    {
      name: 'BadKey',
      reason: 'no label has it',
      selector: { matchLabels: { 'a b': 'web' } },
      want: ['spec.selector.matchLabels: Invalid value: "a b": name part must consist of'],
    },
    {
      name: 'BadValue',
      reason: 'no label has it',
      selector: { matchLabels: { app: 'a b' } },
      want: ['spec.selector.matchLabels: Invalid value: "a b": a valid label must be'],
    },
    {
      name: 'NoValues',
      reason: 'In needs some',
      selector: expression({ operator: 'In' }),
      want: [
        `${IN}.values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`,
      ],
    },
    {
      name: 'ValuesTooMany',
      reason: 'Exists takes none',
      selector: expression({ operator: 'Exists', values: ['a'] }),
      want: [`${IN}.values: Forbidden: may not be specified when`],
    },
    {
      name: 'UnknownOperator',
      reason: 'the API alone knows it',
      selector: expression({ operator: 'GreaterThan', values: ['1'] }),
      want: [
        `${IN}.operator: Invalid value: "GreaterThan": not a valid selector operator, want In,`,
      ],
    },
    {
      name: 'NoKey',
      reason: 'of what',
      selector: { matchExpressions: [{ operator: 'Exists' }] },
      want: [`${IN}.key: Invalid value: "": name part must be non-empty`],
    },
    {
      name: 'TooManyRequirements',
      reason: 'each costs at every change of what may be selected',
      selector: {
        matchLabels: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ''])),
      },
      want: ['spec.selector: Too many: 51: must have at most 50 items'],
    },
    {
      name: 'TooManyValues',
      reason: 'the same',
      selector: expression({
        operator: 'In',
        values: Array.from({ length: 501 }, (_, i) => `${i}`),
      }),
      want: ['spec.selector.matchExpressions: Too many: 501: must have at most 500 items'],
    },
    {
      name: 'Text',
      reason: 'a schema may leave the field open',
      selector: 'app=web',
      want: ['spec.selector: Invalid value: "app=web": must be a label selector'],
    },
    {
      name: 'OddShapes',
      reason: 'a schema may leave its inside open',
      selector: { matchLabels: { app: 1 }, matchExpressions: ['x'] },
      want: [
        'Invalid value: 1: must be a text',
        `${IN}: Invalid value: "x": must be a requirement`,
      ],
    },
  ];
  for (const { name, reason, selector, want } of cases) {
    it(`${name}: ${reason}`, () => {
      const errors = checkSelectors(kind, of(selector), undefined);
      const texts = errors.map(({ field, message }) => `${field}: ${message}`);
      expect(texts.length, texts.join('\n')).to.equal(want.length);
      for (const [i, text] of want.entries()) expect(texts[i]).to.include(text);
      // What is admitted is heeded, and nothing else.
      expect(requirementsOf(selector) !== undefined).to.equal(want.length === 0);
    });
  }

  it('do not hold up a change of something else', () => {
    const old = of(expression({ operator: 'In' }));
    expect(checkSelectors(kind, structuredClone(old), old)).to.deep.equal([]);
    expect(checkSelectors(kind, of(undefined), old)).to.deep.equal([]);
  });
});
