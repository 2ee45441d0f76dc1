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

const stalled = (status: string): object => ({
  type: 'Stalled',
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
    events?: AttemptResult['events'];
    removeFinalizer?: string;
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
      name: 'fails too often',
      before: [reconciled('False')],
      after: [reconciled('False'), stalled('True')],
      error: new Error('x'),
      want: [
        { type: 'Warning', reason: 'Refused', message: 'spec.x is bad' },
        { type: 'Warning', reason: 'Stalled', message: 'it goes on failing, and is tried seldom' },
      ],
    },
    {
      name: 'succeeds again',
      before: [reconciled('False'), stalled('True')],
      after: [reconciled('True')],
      want: [{ type: 'Normal', reason: 'Recovered', message: 'it is no longer stalled' }],
    },
    {
      name: 'took back what it had made',
      before: [],
      after: undefined,
      removeFinalizer: 'example.com/it',
      want: [
        { type: 'Normal', reason: 'CleanedUp', message: 'what the Workload had made is gone' },
      ],
    },
    {
      name: 'tells something',
      before: [],
      after: undefined,
      events: [{ type: 'Normal', reason: 'Moved', message: 'to another cluster' }],
      want: [{ type: 'Normal', reason: 'Moved', message: 'to another cluster' }],
    },
    {
      name: 'meets a conflict that settles by itself',
      before: [reconciled('True')],
      after: undefined,
      error: new Error('x'),
      want: [],
    },
  ];
  for (const { name, before, after, error, events, removeFinalizer, want } of cases) {
    it(name, () => {
      const object = { kind: 'Workload', status: { conditions: before } } as StoredApiObject;
      const result: AttemptResult = {
        completion: {
          failures: 0,
          ...(after !== undefined && { status: { conditions: after } }),
          ...(removeFinalizer !== undefined && { removeFinalizer }),
        },
        ...(events !== undefined && { events }),
        ...(error !== undefined && { error }),
      };
      expect(eventsOf(object, result)).to.deep.equal(want);
    });
  }
});
