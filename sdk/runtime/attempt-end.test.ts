import { expect } from 'chai';
import type { Condition } from '../api/condition.js';
import { ApiError } from '../api/errors.js';
import type { AttemptContext, AttemptEnd, AttemptOutcome } from './attempt-end.js';
import { endAttempt } from './attempt-end.js';
import { done, requeueAfter, TerminalError, waitingFor } from './reconciler.js';
import { StatusDraft } from './status-draft.js';

const NOW = '2026-02-03T04:05:06Z';
const result = (answer: Parameters<typeof endAttempt>[0] & { kind: 'result' }): AttemptOutcome =>
  answer;
const failed = (error: unknown): AttemptOutcome => ({ kind: 'failure', error });
const failing: Condition = {
  type: 'Reconciled',
  status: 'False',
  reason: 'ReconcileError',
  message: 'old',
  observedGeneration: 4,
  lastTransitionTime: NOW,
};
const stalled: Condition = {
  type: 'Stalled',
  status: 'True',
  reason: 'ReconcileError',
  message: 'old',
  observedGeneration: 4,
  lastTransitionTime: NOW,
};

describe('endAttempt', () => {
  const cases: {
    name: string;
    reason: string;
    given: {
      outcome: AttemptOutcome;
      failures?: number;
      resyncMs?: number;
      conditions?: Condition[];
    };
    want: { end: AttemptEnd; conditions: string[] };
  }[] = [
    {
      name: 'refused for now, deep in the chain',
      reason: 'who asks for time gets it, however soon the back-off would come',
      given: {
        outcome: failed(
          new Error('runtime c', {
            cause: new ApiError('TooManyRequests', 'later', { details: { retryAfterSeconds: 60 } }),
          }),
        ),
      },
      want: {
        end: { failures: 1, writesStatus: true, requeueAfterMs: 60_000 },
        conditions: ['Reconciled=False/ReconcileError: runtime c: later'],
      },
    },
    {
      name: 'refused for a year',
      reason: 'nobody else may decide that an object is forgotten',
      given: {
        outcome: failed(
          new ApiError('TooManyRequests', 'later', { details: { retryAfterSeconds: 31_536_000 } }),
        ),
      },
      want: {
        end: { failures: 1, writesStatus: true, requeueAfterMs: 300_000 },
        conditions: ['Reconciled=False/TooManyRequests: later'],
      },
    },
    {
      name: 'done',
      reason: 'nothing to look at until something changes',
      given: { outcome: result({ kind: 'result', result: done }), failures: 3 },
      want: {
        end: { failures: 0, writesStatus: true },
        conditions: ['Reconciled=True/Reconciled: '],
      },
    },
    {
      name: 'done, with resync',
      reason: 'the kind asked for a slow look',
      given: { outcome: result({ kind: 'result', result: done }), resyncMs: 600_000 },
      want: {
        end: {
          failures: 0,
          requeueAfterMs: 600_000,
          requeueReason: 'resync',
          writesStatus: true,
        },
        conditions: ['Reconciled=True/Reconciled: '],
      },
    },
    {
      name: 'done after having stalled',
      reason: 'Stalled is only there while it is true',
      given: { outcome: result({ kind: 'result', result: done }), conditions: [stalled] },
      want: {
        end: { failures: 0, writesStatus: true },
        conditions: ['Reconciled=True/Reconciled: '],
      },
    },
    {
      name: 'requeue',
      reason: 'the reconciler chose the time; resync does not apply',
      given: {
        outcome: result({ kind: 'result', result: requeueAfter(7_000) }),
        resyncMs: 600_000,
      },
      want: {
        end: { failures: 0, requeueAfterMs: 7_000, writesStatus: true },
        conditions: ['Reconciled=True/Reconciled: '],
      },
    },
    {
      name: 'waiting',
      reason: 'a dependency is no failure, and wakes by itself',
      given: {
        outcome: result({ kind: 'result', result: waitingFor('RuntimeMissing', 'no runtime x') }),
        failures: 2,
      },
      want: {
        end: { failures: 0, writesStatus: true },
        conditions: ['Reconciled=False/RuntimeMissing: no runtime x'],
      },
    },
    {
      name: 'an error',
      reason: 'the whole cause is told',
      given: { outcome: failed(new Error('cannot apply', { cause: new Error('refused') })) },
      want: {
        end: { failures: 1, requeueAfterMs: 1_000, writesStatus: true },
        conditions: ['Reconciled=False/ReconcileError: cannot apply: refused'],
      },
    },
    {
      name: 'an API error',
      reason: "its reason is the condition's",
      given: { outcome: failed(new ApiError('Forbidden', 'not yours')), failures: 2 },
      want: {
        end: { failures: 3, requeueAfterMs: 4_000, writesStatus: true },
        conditions: ['Reconciled=False/Forbidden: not yours'],
      },
    },
    {
      name: 'the fifth failure',
      reason: 'repeated failure is Stalled, and still retried',
      given: { outcome: failed(new Error('refused')), failures: 4 },
      want: {
        end: { failures: 5, requeueAfterMs: 16_000, writesStatus: true },
        conditions: [
          'Reconciled=False/ReconcileError: refused',
          'Stalled=True/ReconcileError: refused (failed 5 times in a row or more)',
        ],
      },
    },
    {
      name: 'the seventh failure, in other words',
      reason: 'a message that varies from try to try is no news each time',
      given: {
        outcome: failed(new Error('refused at 12:01')),
        failures: 6,
        conditions: [failing, stalled],
      },
      want: {
        end: { failures: 7, requeueAfterMs: 64_000, writesStatus: true },
        conditions: ['Reconciled=False/ReconcileError: old', 'Stalled=True/ReconcileError: old'],
      },
    },
    {
      name: 'the seventh failure, for another reason',
      reason: 'that is news',
      given: {
        outcome: failed(new ApiError('Forbidden', 'not yours')),
        failures: 6,
        conditions: [failing, stalled],
      },
      want: {
        end: { failures: 7, requeueAfterMs: 64_000, writesStatus: true },
        conditions: [
          'Reconciled=False/Forbidden: not yours',
          'Stalled=True/Forbidden: not yours (failed 7 times in a row or more)',
        ],
      },
    },
    {
      name: 'the eighth failure',
      reason: 'the number is told anew at powers of two',
      given: {
        outcome: failed(new Error('refused')),
        failures: 7,
        conditions: [failing, stalled],
      },
      want: {
        end: { failures: 8, requeueAfterMs: 128_000, writesStatus: true },
        conditions: [
          'Reconciled=False/ReconcileError: refused',
          'Stalled=True/ReconcileError: refused (failed 8 times in a row or more)',
        ],
      },
    },
    {
      name: 'the ten thousandth failure',
      reason: 'the wait has a limit',
      given: { outcome: failed(new Error('refused')), failures: 9_999 },
      want: {
        end: { failures: 10_000, requeueAfterMs: 300_000, writesStatus: true },
        conditions: [
          'Reconciled=False/ReconcileError: refused',
          'Stalled=True/ReconcileError: refused (failed 10000 times in a row or more)',
        ],
      },
    },
    {
      name: 'a failure after more than the server counts',
      reason: 'the number stays within what a completion may say',
      given: { outcome: failed(new Error('refused')), failures: 1_000_000 },
      want: {
        end: { failures: 1_000_000, requeueAfterMs: 300_000, writesStatus: true },
        conditions: [
          'Reconciled=False/ReconcileError: refused',
          'Stalled=True/ReconcileError: refused (failed 1000000 times in a row or more)',
        ],
      },
    },
    {
      name: 'a terminal error',
      reason: 'trying again cannot mend it',
      given: { outcome: failed(new TerminalError('BadManifest', 'no kind')) },
      want: {
        end: { failures: 1, writesStatus: true },
        conditions: ['Reconciled=False/BadManifest: no kind', 'Stalled=True/BadManifest: no kind'],
      },
    },
    {
      name: 'a conflict',
      reason: 'somebody was quicker: look again, say nothing',
      given: { outcome: failed(new ApiError('Conflict', 'modified')) },
      want: { end: { failures: 1, requeueAfterMs: 100, writesStatus: false }, conditions: [] },
    },
    {
      name: 'the fourth conflict in a row',
      reason: 'is no coincidence any more',
      given: { outcome: failed(new ApiError('Conflict', 'modified')), failures: 3 },
      want: {
        end: { failures: 4, requeueAfterMs: 8_000, writesStatus: true },
        conditions: ['Reconciled=False/Conflict: modified'],
      },
    },
  ];
  for (const { name, reason, given, want } of cases) {
    it(`${name}: ${reason}`, () => {
      const status = { conditions: given.conditions };
      const draft = new StatusDraft({ status }, 4, () => NOW);
      const context: AttemptContext = {
        failures: given.failures ?? 0,
        random: () => 0.5,
        ...(given.resyncMs !== undefined && { resyncMs: given.resyncMs }),
      };
      expect(endAttempt(given.outcome, draft, context)).to.deep.equal(want.end);
      const { conditions = [] } = (draft.toShow() ?? {}) as { conditions?: Condition[] };
      expect(
        conditions.map((each) => `${each.type}=${each.status}/${each.reason}: ${each.message}`),
      ).to.deep.equal(want.conditions);
      expect(conditions.every((each) => each.observedGeneration === 4)).to.equal(true);
    });
  }
});
