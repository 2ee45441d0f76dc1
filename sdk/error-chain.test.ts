import { expect } from 'chai';
import { errorChain } from './error-chain.js';

describe('errorChain', () => {
  const refused = new Error('connect ECONNREFUSED');
  const cases: { name: string; reason: string; given: unknown; want: string }[] = [
    {
      name: 'causes',
      reason: 'each link says something',
      given: new Error('cannot apply', { cause: refused }),
      want: 'cannot apply: connect ECONNREFUSED',
    },
    {
      name: 'a cause that is quoted already',
      reason: 'nobody needs it twice',
      given: new Error('cannot reach it: connect ECONNREFUSED', { cause: refused }),
      want: 'cannot reach it: connect ECONNREFUSED',
    },
    {
      name: 'an AggregateError without a message',
      reason: 'Node gives one when every address of a name refuses',
      given: new AggregateError([refused, new Error('b')], ''),
      want: 'connect ECONNREFUSED; b',
    },
    { name: 'what is no Error', reason: 'anything can be thrown', given: 'text', want: 'text' },
  ];
  for (const { name, reason, given, want } of cases) {
    it(`says ${name}`, () => expect(errorChain(given), reason).to.equal(want));
  }
});
