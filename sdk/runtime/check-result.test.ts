import { expect } from 'chai';
import { checkResult } from './check-result.js';
import { done, requeueAfter, waitingFor } from './reconciler.js';

describe('checkResult', () => {
  for (const { name, given, want } of [
    { name: 'done', given: { ...done, more: 1 }, want: done },
    { name: 'an own time', given: requeueAfter(1_500), want: requeueAfter(1_500) },
    { name: 'a part of a millisecond', given: requeueAfter(100.2), want: requeueAfter(101) },
    { name: 'at once', given: requeueAfter(0), want: requeueAfter(100) },
    { name: 'in the past', given: requeueAfter(-5), want: requeueAfter(100) },
    { name: 'never', given: requeueAfter(Infinity), want: requeueAfter(31 * 86_400_000) },
    { name: 'waiting', given: waitingFor('Cluster', 'c'), want: waitingFor('Cluster', 'c') },
    {
      name: 'waiting with a time',
      given: waitingFor('Cluster', 'c'.repeat(9_000), { requeueAfterMs: 1 }),
      want: waitingFor('Cluster', 'c'.repeat(4_000), { requeueAfterMs: 100 }),
    },
  ]) {
    it(`takes ${name}`, () => expect(checkResult(given)).to.deep.equal(want));
  }

  for (const given of [
    undefined,
    null,
    'done',
    {},
    [],
    { outcome: 'requeue' },
    { outcome: 'requeue', requeueAfterMs: '5' },
    { outcome: 'requeue', requeueAfterMs: Number.NaN },
    { outcome: 'waiting', reason: '', message: '' },
    { outcome: 'waiting', reason: 'R' },
  ]) {
    it(`refuses ${JSON.stringify(given) ?? 'undefined'}`, () => {
      expect(() => checkResult(given)).to.throw('the reconciler answered no result');
    });
  }
});
