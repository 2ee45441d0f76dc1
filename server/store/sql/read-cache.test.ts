import { expect } from 'chai';
import type { Revision, StoredObject } from '../object-store.js';
import { ReadCache } from './read-cache.js';
import { RecentLog } from './recent-log.js';

const key = { resource: 'widgets', namespace: 'n', name: 'w' };

function stored(version: number, name = 'w'): StoredObject {
  return { ...key, name, uid: name, resourceVersion: version, json: '{}' };
}

function entry(version: number, name = 'w', type: Revision['type'] = 'MODIFIED'): Revision {
  return { resourceVersion: version, type, object: stored(version, name) };
}

describe('ReadCache', () => {
  const others = (from: number, to: number): Revision[] =>
    Array.from({ length: to - from + 1 }, (_, i) => entry(from + i, 'other'));
  const cases: {
    name: string;
    reason: string;
    /** Versions at which the object (`none`: that there is none) was read. */
    given: { log: readonly Revision[]; read?: number; none?: number; asked: number };
    /** The object's version, `none`, or `ask`. */
    want: number | 'none' | 'ask';
  }[] = [
    {
      name: 'never read, not in the log',
      reason: 'nothing is known',
      given: { log: others(1, 5), asked: 5 },
      want: 'ask',
    },
    {
      name: 'in the log',
      reason: 'the newest entry up to the version asked is the object',
      given: { log: [...others(1, 3), entry(4), ...others(5, 6)], asked: 6 },
      want: 4,
    },
    {
      name: 'deleted in the log',
      reason: 'its last entry says so',
      given: { log: [entry(1), entry(2, 'w', 'DELETED'), ...others(3, 3)], read: 1, asked: 3 },
      want: 'none',
    },
    {
      name: 'read, others changed since',
      reason: 'every entry since is here, and none is of it',
      given: { log: others(4, 9), read: 3, asked: 9 },
      want: 3,
    },
    {
      name: 'read as absent, others changed since',
      reason: 'that it is not there holds as well',
      given: { log: others(4, 9), none: 3, asked: 9 },
      want: 'none',
    },
    {
      name: 'read as absent, made since',
      reason: 'the log is newer than the read',
      given: { log: [entry(4, 'w', 'ADDED')], none: 3, asked: 4 },
      want: 4,
    },
    {
      name: 'read at the version asked, no log at all',
      reason: 'nothing was committed since',
      given: { log: [], read: 7, asked: 7 },
      want: 7,
    },
    {
      name: 'a version of another process that is not here',
      reason: 'it may be of this object',
      given: { log: others(4, 6), read: 3, asked: 7 },
      want: 'ask',
    },
    {
      name: 'a gap between the read and the log',
      reason: 'an entry in the gap may be of this object',
      given: { log: others(6, 9), read: 3, asked: 9 },
      want: 'ask',
    },
    {
      name: 'an entry from before a gap',
      reason: 'it changed in the gap, perhaps',
      given: { log: [entry(1), ...others(2_000, 2_001)], asked: 2_001 },
      want: 'ask',
    },
  ];
  for (const { name, reason, given, want } of cases) {
    it(`${name}: ${reason}`, () => {
      const log = new RecentLog();
      const cache = new ReadCache(log);
      if (given.read !== undefined) cache.note(key, stored(given.read), given.read);
      if (given.none !== undefined) cache.note(key, undefined, given.none);
      log.add(given.log);
      const found = cache.find(key, given.asked);
      const says = found === undefined ? 'ask' : (found.object?.resourceVersion ?? 'none');
      expect(says).to.equal(want);
    });
  }

  it('forgets what was used longest ago', () => {
    const cache = new ReadCache(new RecentLog());
    for (let i = 0; i <= 1_000; i++) {
      const name = `w-${i}`;
      cache.note({ ...key, name }, stored(1, name), 1);
      cache.find({ ...key, name: 'w-0' }, 1);
    }
    expect(cache.find({ ...key, name: 'w-0' }, 1)).not.to.equal(undefined);
    expect(cache.find({ ...key, name: 'w-1' }, 1)).to.equal(undefined);
    const large = { ...stored(1), json: ' '.repeat(4_000_001) };
    cache.note(key, large, 1);
    expect(cache.find(key, 1)).to.equal(undefined);
  });

  it('trusts the log no further than what was dropped of it', () => {
    const log = new RecentLog();
    const cache = new ReadCache(log);
    cache.note(key, stored(1), 1);
    log.add(others(2, 1_001));
    expect(cache.find(key, 1_001)?.object?.resourceVersion).to.equal(1);
    log.add(others(1_002, 1_002));
    expect(cache.find(key, 1_002)).to.equal(undefined);
  });
});
