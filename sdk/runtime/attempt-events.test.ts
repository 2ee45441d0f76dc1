import { expect } from 'chai';
import type { StoredApiObject } from '../api/object.js';
import type { AttemptResult } from './attempt.js';
import { eventsOf } from './attempt-events.js';

const ready = (status: string, reason = 'Why', message = 'text'): object => ({
  type: 'Ready',
  status,
  reason,
  message,
});
const reconciled = (status: string): object => ({
  type: 'Reconciled',
  status,
  reason: 'Refused',
  message: 'spec.x is bad',
});

describe('eventsOf', () => {
  const cases: {
    name: string;
    before: readonly object[];
    after: readonly object[] | undefined;
    error?: Error;
    want: readonly object[];
  }[] = [
    {
      name: 'becomes ready',
      before: [ready('False')],
      after: [ready('True', 'AllHealthy')],
      want: [{ type: 'Normal', reason: 'AllHealthy', message: 'text' }],
    },
    {
      name: 'is ready from the beginning, without words',
      before: [],
      after: [ready('True', 'AllHealthy', '')],
      want: [{ type: 'Normal', reason: 'AllHealthy', message: 'Workload is ready' }],
    },
    {
      name: 'is no longer ready',
      before: [ready('True')],
      after: [ready('Unknown', 'AgentLost')],
      want: [{ type: 'Warning', reason: 'AgentLost', message: 'text' }],
    },
    { name: 'is not ready yet', before: [], after: [ready('False')], want: [] },
    { name: 'stays ready', before: [ready('True')], after: [ready('True', 'Other')], want: [] },
    { name: 'changes nothing', before: [ready('True')], after: undefined, want: [] },
    {
      name: 'fails',
      before: [],
      after: [reconciled('False')],
      error: new Error('x'),
      want: [{ type: 'Warning', reason: 'Refused', message: 'spec.x is bad' }],
    },
    {
      name: 'fails as before',
      before: [reconciled('False')],
      after: undefined,
      error: new Error('x'),
      want: [{ type: 'Warning', reason: 'Refused', message: 'spec.x is bad' }],
    },
    {
      name: 'meets a conflict that settles by itself',
      before: [reconciled('True')],
      after: undefined,
      error: new Error('x'),
      want: [],
    },
  ];
  for (const { name, before, after, error, want } of cases) {
    it(name, () => {
      const object = { kind: 'Workload', status: { conditions: before } } as StoredApiObject;
      const result: AttemptResult = {
        completion: { failures: 0, ...(after !== undefined && { status: { conditions: after } }) },
        ...(error !== undefined && { error }),
      };
      expect(eventsOf(object, result)).to.deep.equal(want);
    });
  }
});
