import { expect } from 'chai';
import type { Revision } from '../object-store.js';
import { RecentLog } from './recent-log.js';

function entry(
  version: number,
  options: { uid?: string; type?: Revision['type']; json?: string } = {},
): Revision {
  const { uid = `uid-${version}`, type = 'MODIFIED', json = '{}' } = options;
  return {
    resourceVersion: version,
    type,
    object: { resource: 'widgets', uid, namespace: 'n', name: uid, resourceVersion: version, json },
  };
}

describe('RecentLog', () => {
  const cases: {
    name: string;
    reason: string;
    given: { entries: readonly number[]; after: number; limit: number; through: number };
    want: readonly number[] | undefined;
  }[] = [
    {
      name: 'all that was told of',
      reason: 'every entry up to the newest known version is here',
      given: { entries: [1, 2, 3], after: 1, limit: 10, through: 3 },
      want: [2, 3],
    },
    {
      name: 'written at once, answered in another order',
      reason: 'the log is in the order of versions',
      given: { entries: [3, 1, 2], after: 0, limit: 10, through: 3 },
      want: [1, 2, 3],
    },
    {
      name: 'a gap',
      reason: 'a follower that skipped an entry would never see it',
      given: { entries: [1, 3], after: 0, limit: 10, through: 3 },
      want: undefined,
    },
    {
      name: 'a newer version of another process',
      reason: 'it is known to be committed, and is not here',
      given: { entries: [1, 2], after: 0, limit: 10, through: 3 },
      want: undefined,
    },
    {
      name: 'a page',
      reason: 'no more than the limit',
      given: { entries: [1, 2, 3], after: 0, limit: 2, through: 3 },
      want: [1, 2],
    },
    {
      name: 'nothing new',
      reason: 'the follower has all that was told of',
      given: { entries: [1, 2], after: 2, limit: 10, through: 2 },
      want: [],
    },
    {
      name: 'nothing known',
      reason: 'there may be a log all the same',
      given: { entries: [], after: 0, limit: 10, through: 0 },
      want: undefined,
    },
  ];
  for (const { name, reason, given, want } of cases) {
    it(`answers ${name}: ${reason}`, () => {
      const log = new RecentLog();
      log.add(given.entries.map((version) => entry(version)));
      const found = log.after(given.after, given.limit, given.through);
      expect(found?.map(({ resourceVersion }) => resourceVersion)).to.deep.equal(want);
    });
  }

  it('forgets the oldest entries when they are too many or too long', () => {
    const log = new RecentLog();
    log.add(Array.from({ length: 1_001 }, (_, i) => entry(i + 1)));
    expect(log.after(0, 10, 1_001)).to.equal(undefined);
    expect(log.after(1, 10, 1_001)).to.have.length(10);
    expect(log.newest('uid-1')).to.equal(undefined);
    log.add([entry(1_002, { json: ' '.repeat(4_000_000) })]);
    expect(log.after(1_000, 10, 1_002)).to.equal(undefined);
    expect(log.after(1_001, 10, 1_002)).to.have.length(1);
  });

  it('knows the newest version of an object, whatever order the versions came in', () => {
    const log = new RecentLog();
    log.add([entry(2, { uid: 'a' }), entry(1, { uid: 'a' })]);
    expect(log.newest('a')?.resourceVersion).to.equal(2);
    expect(log.newestNamed('widgets', 'n', 'a')?.resourceVersion).to.equal(2);
    expect(log.newestNamed('gadgets', 'n', 'a')).to.equal(undefined);
    log.add([entry(3, { uid: 'a', type: 'DELETED' })]);
    expect(log.newest('a')).to.equal(undefined);
    expect(log.newestNamed('widgets', 'n', 'a')).to.equal(undefined);
  });

  it('does not take what came before a gap for the newest, nor takes it again', () => {
    const log = new RecentLog();
    log.add([entry(1, { uid: 'a' }), entry(2, { uid: 'b' })]);
    log.forgetUpTo(5);
    expect(log.newest('a')).to.equal(undefined);
    log.add([entry(2, { uid: 'b' }), entry(8, { uid: 'c' })]);
    expect(log.newest('b')).to.equal(undefined);
    expect(log.newest('c')?.resourceVersion).to.equal(8);
    expect(log.coveredFrom(8)).to.equal(7);
    expect(log.coveredFrom(2)).to.equal(undefined);
  });

  it('does not trust what is apart from the newest entries', () => {
    const log = new RecentLog();
    log.add([entry(5, { uid: 'a' }), entry(2_000, { uid: 'b' })]);
    expect(log.newest('a')).to.equal(undefined);
    expect(log.newest('b')?.resourceVersion).to.equal(2_000);
  });
});
