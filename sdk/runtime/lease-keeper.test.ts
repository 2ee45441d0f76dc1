import { expect } from 'chai';
import { nopLogger } from '../logger.js';
import type { ClaimedObject, RenewRequest } from '../api/work.js';
import { LeaseKeeper, type Lease } from './lease-keeper.js';
import { tellAll } from './worker-observer.js';

const claimed = {
  resource: 'things',
  fence: 3,
  failures: 0,
  object: { metadata: { uid: 'u' } },
} as unknown as ClaimedObject;

describe('a lease', () => {
  let nowMs: number;
  let keeper: LeaseKeeper;
  let lease: Lease;

  beforeEach(() => {
    nowMs = 0;
    keeper = new LeaseKeeper({
      api: { renew: async (_request: RenewRequest) => ({ lost: [] }) },
      worker: 'w',
      leaseMs: 15_000,
      nowMs: () => nowMs,
      logger: nopLogger,
      observer: tellAll([]),
    });
    lease = keeper.hold(claimed, 0);
  });
  afterEach(() => keeper.release(lease));

  it('passes while it lasts', () => {
    nowMs = 14_999;
    expect(() => lease.check()).not.to.throw();
    expect(lease.lost.signal.aborted).to.equal(false);
  });

  it('is lost at its end by the first who looks, before any timer has come round', () => {
    nowMs = 15_000;
    expect(() => lease.check()).to.throw('the lease ended');
    expect(lease.lost.signal.aborted).to.equal(true);
  });

  it('is lost when the same object is claimed again: a renewal is asked for the new one alone', () => {
    nowMs = 16_000;
    const next = keeper.hold({ ...claimed, fence: 4 }, nowMs);
    expect(() => lease.check()).to.throw('claimed again');
    expect(() => next.check()).not.to.throw();
    keeper.release(next);
  });

  it('stays lost, with the first reason', () => {
    lease.lost.abort(new Error('another worker holds the lease'));
    expect(() => lease.check()).to.throw('another worker');
    nowMs = 20_000;
    expect(() => lease.check()).to.throw('another worker');
  });
});
