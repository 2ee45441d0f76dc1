import { expect } from 'chai';
import { ApiError } from '../api/errors.js';
import type { ClaimedObject } from '../api/work.js';
import type { PortCall } from '../ports/intercept-ports.js';
import type { AttemptResult } from './attempt.js';
import { AttemptRecorder } from './attempt-record.js';
import { done, requeueAfter, TerminalError, waitingFor } from './reconciler.js';

const cause = { reason: 'dependency', resourceVersion: '12' } as const;
const claimed = {
  object: { metadata: { generation: 3, resourceVersion: '40' } },
  cause,
} as unknown as ClaimedObject;

describe('record of an attempt', () => {
  const recorder = (): AttemptRecorder => {
    const times = [Date.UTC(2026, 0, 2, 3, 4, 5, 6), Date.UTC(2026, 0, 2, 3, 4, 5, 18)];
    return new AttemptRecorder(claimed, () => times.shift() ?? 0);
  };
  const ended = (more: Partial<AttemptResult>): AttemptResult => ({
    completion: { failures: 0 },
    result: done,
    ...more,
  });
  const call = (nature: PortCall['nature']): PortCall => ({ nature }) as PortCall;

  it('says from what, why, when, how long, and how it came out', () => {
    const completion = { failures: 0, status: {} };
    expect(recorder().recordOf(ended({ completion }))).to.deep.equal({
      generation: 3,
      foundVersion: '40',
      cause,
      startedAt: '2026-01-02T03:04:05.006Z',
      durationMs: 12,
      outcome: 'done',
    });
  });

  it('is none for an attempt that did nothing, reads aside', async () => {
    const idle = recorder();
    const around = idle.notingWrites(undefined);
    expect(await around(call('read'), async () => 'seen')).to.equal('seen');
    expect(idle.recordOf(ended({}))).to.equal(undefined);
    expect(recorder().recordOf(ended({ result: requeueAfter(1_000) }))).to.equal(undefined);
  });

  for (const nature of ['create', 'update', 'delete'] as const) {
    it(`is there for a ${nature} outside, though it failed`, async () => {
      const acting = recorder();
      const passedOn: string[] = [];
      const around = acting.notingWrites((made, make) => {
        passedOn.push(made.nature);
        return make();
      });
      const failing = around(call(nature), () => Promise.reject(new Error('no')));
      await failing.catch(() => undefined);
      expect(passedOn).to.deep.equal([nature]);
      expect(acting.recordOf(ended({}))?.outcome).to.equal('done');
    });
  }

  it('is there for changed finalizers', () => {
    const added = recorder();
    added.wrote();
    expect(added.recordOf(ended({}))).not.to.equal(undefined);
    const completion = { failures: 0, removeFinalizer: 'a.io/b' };
    expect(recorder().recordOf(ended({ completion }))).not.to.equal(undefined);
  });

  for (const [outcome, message, result] of [
    ['failed', 'a: b c', { error: new Error('a', { cause: new Error('b\nc') }) }],
    ['conflict', 'modified', { error: new ApiError('Conflict', 'modified') }],
    ['terminal', 'no kind', { error: new TerminalError('BadManifest', 'no kind') }],
    [
      'waiting',
      'NoRuntime: x is missing',
      { completion: { failures: 0, status: {} }, result: waitingFor('NoRuntime', 'x is missing') },
    ],
  ] as const) {
    it(`says why it ended as ${outcome}`, () => {
      expect(recorder().recordOf(ended(result))).to.include({ outcome, message });
    });
  }

  it('bounds what others say', () => {
    const record = recorder().recordOf(ended({ error: new Error('x'.repeat(100_000)) }));
    expect(record?.message).to.have.length.at.most(1_000);
  });
});
