import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  anchorOf,
  anchorsOf,
  labelSelectorText,
  requirementsOf,
  type LabelSelector,
} from './label-selector.js';
import { matchesLabels, parseLabelSelector } from './selector.js';

const In = (...values: string[]) => ({ key: 'tier', operator: 'In' as const, values });

describe('LabelSelector', () => {
  const anchored: { name: string; reason: string; selector: unknown; want: string | null }[] = [
    { name: 'Nothing', reason: 'no selector selects nothing', selector: undefined, want: null },
    { name: 'Empty', reason: 'it selects everything', selector: {}, want: '*' },
    {
      name: 'Pair',
      reason: 'a pair tells more than a key',
      selector: { matchExpressions: [In('a', 'b')], matchLabels: { app: 'web' } },
      want: 'app=web',
    },
    { name: 'OneOf', reason: 'one', selector: { matchExpressions: [In('a')] }, want: 'tier=a' },
    {
      name: 'Several',
      reason: 'all have the key',
      selector: { matchExpressions: [In('a', 'b')] },
      want: 'tier',
    },
    {
      name: 'Absence',
      reason: 'what has no label at all is selected',
      selector: { matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] },
      want: '*',
    },
    { name: 'Text', reason: 'not a selector', selector: 'app=web', want: null },
    {
      name: 'NoValues',
      reason: 'stored before the field was a selector',
      selector: { matchExpressions: [In()] },
      want: null,
    },
    {
      name: 'NoLabelKey',
      reason: 'as long as anybody likes',
      selector: { matchLabels: { ['k'.repeat(5_000)]: 'v' } },
      want: null,
    },
    {
      name: 'TooMany',
      reason: 'each costs',
      selector: {
        matchLabels: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ''])),
      },
      want: null,
    },
  ];
  for (const { name, reason, selector, want } of anchored) {
    it(`${name}: ${reason}`, () => {
      expect(anchorOf(selector)).to.equal(want);
      expect(requirementsOf(selector) === undefined).to.equal(want === null);
    });
  }

  const word = fc.constantFrom('a', 'b', 'c');
  const expression = fc.oneof(
    fc.record({
      key: word,
      operator: fc.constantFrom('In' as const, 'NotIn' as const),
      values: fc.array(fc.constantFrom('', 'x', 'y'), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      key: word,
      operator: fc.constantFrom('Exists' as const, 'DoesNotExist' as const),
    }),
  );
  const labels = fc.dictionary(word, fc.constantFrom('', 'x', 'y'));
  const selectors: fc.Arbitrary<LabelSelector> = fc.record({
    matchLabels: labels,
    matchExpressions: fc.array(expression, { maxLength: 3 }),
  });

  it('is found by the labels of whatever it selects', () => {
    fc.assert(
      fc.property(selectors, labels, (selector, of) => {
        if (!matchesLabels(of, requirementsOf(selector) ?? [])) return;
        expect(anchorsOf([of])).to.include(anchorOf(selector));
      }),
      { numRuns: 1_000 },
    );
  });

  it('means the same as the text that the API takes', () => {
    fc.assert(
      fc.property(selectors, labels, (selector, of) => {
        const read = parseLabelSelector(labelSelectorText(selector));
        const wanted = requirementsOf(selector) ?? [];
        expect(matchesLabels(of, read)).to.equal(matchesLabels(of, wanted));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is no text when it is no selector: that would select everything', () => {
    const none = { matchExpressions: [In()] } as LabelSelector;
    expect(() => labelSelectorText(none)).to.throw('matchLabels and matchExpressions');
  });
});
