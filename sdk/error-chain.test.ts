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
    {
      name: 'a cause that is the error itself',
      reason: 'chains may be circles',
      given: circle(),
      want: 'round: and round',
    },
    {
      name: 'an AggregateError that contains itself',
      reason: 'trees may be circles too',
      given: ouroboros(),
      want: '',
    },
    {
      name: 'an object without a prototype',
      reason: 'String() throws on it',
      given: Object.create(null),
      want: 'an error that cannot be read',
    },
    {
      name: 'an error whose message throws',
      reason: 'a getter is code',
      given: Object.defineProperty(new Error('x'), 'message', {
        get: () => {
          throw new Error('no');
        },
      }),
      want: 'an error that cannot be read',
    },
    {
      name: 'ten megabytes in part',
      reason: 'nobody reads the rest',
      given: new Error('x'.repeat(10_000_000)),
      want: 'x'.repeat(10_000),
    },
  ];
  for (const { name, reason, given, want } of cases) {
    it(`says ${name}`, () => expect(errorChain(given), reason).to.equal(want));
  }
});

function circle(): Error {
  const error = new Error('round', { cause: new Error('and round') });
  (error.cause as Error).cause = error;
  return error;
}

function ouroboros(): AggregateError {
  const error = new AggregateError([], '');
  error.errors.push(error);
  return error;
}
