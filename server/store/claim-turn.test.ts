import { expect } from 'chai';
import { ClaimTurn, shareClaim } from './claim-turn.js';

describe('shares of a claim', () => {
  const urgent = ['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7'];
  const others = ['o1', 'o2', 'o3', 'o4', 'o5'];
  for (const { name, from, limit, taken, want } of [
    { name: 'urgent first', from: [urgent, others], limit: 3, taken: 0, want: 'u1 u2 u3' },
    {
      name: 'each fourth to the others',
      from: [urgent, others],
      limit: 8,
      taken: 0,
      want: 'u1 u2 u3 o1 u4 u5 u6 o2',
    },
    {
      name: 'a turn that began in a claim before',
      from: [urgent, others],
      limit: 6,
      taken: 2,
      want: 'u1 o1 u2 u3 u4 o2',
    },
    {
      name: 'one place, turn of the others',
      from: [urgent, others],
      limit: 1,
      taken: 3,
      want: 'o1',
    },
    { name: 'only urgent ones', from: [urgent, []], limit: 5, taken: 3, want: 'u1 u2 u3 u4 u5' },
    { name: 'only others', from: [[], others], limit: 4, taken: 1, want: 'o1 o2 o3 o4' },
  ]) {
    it(name, () => {
      const shared = shareClaim(from[0] ?? [], from[1] ?? [], limit, taken);
      // Equal places go to the others.
      expect(shared.join(' ')).to.equal(want);
    });
  }

  it('gives a quarter to the others over claims of one place each', () => {
    const turn = new ClaimTurn();
    const counts = { urgent: 0, others: 0 };
    for (let i = 0; i < 400; i++) {
      const [first] = shareClaim([true], [false], 1, turn.taken);
      counts[first === true ? 'urgent' : 'others'] += 1;
      turn.count([{ urgent: first === true }]);
    }
    expect(counts).to.deep.equal({ urgent: 300, others: 100 });
  });

  it('owes the others no more than one place after a long time without any', () => {
    const turn = new ClaimTurn();
    turn.count(Array.from({ length: 50 }, () => ({ urgent: true })));
    expect(shareClaim(urgent, others, 4, turn.taken)).to.deep.equal(['o1', 'u1', 'u2', 'u3']);
  });
});
