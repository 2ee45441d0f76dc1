import { expect } from 'chai';

import type { InvolvedObject, KeptEvent } from './kept-event.js';
import { keepEvent } from './kept-event.js';
import type { InventoryEntry } from './tracked-instance.js';
import { foldWarnings, isAbout } from './warnings.js';

const NOON_MS = Date.UTC(2026, 0, 1, 12);

function warning(parts: Partial<KeptEvent> & { readonly name?: string }): KeptEvent {
  const { name = 'web-1', ...rest } = parts;
  return {
    involved: { kind: 'Pod', namespace: 'shop', name, uid: `uid-${name}` },
    isWarning: true,
    reason: 'BackOff',
    message: 'Back-off restarting failed container',
    count: 1,
    lastSeenMs: NOON_MS,
    ...rest,
  };
}

describe('foldWarnings', () => {
  it('makes one of several about the same resource for the same reason', () => {
    const folded = foldWarnings([
      warning({ count: 3, message: 'older' }),
      warning({ count: 4, message: 'newer', lastSeenMs: NOON_MS + 1 }),
    ]);
    expect(folded).to.deep.equal([
      {
        resource: 'Pod/web-1',
        reason: 'BackOff',
        message: 'newer',
        count: 5,
        lastSeen: '2026-01-01T12:00:00Z',
      },
    ]);
  });

  it('prefers the message that says which image and why', () => {
    const folded = foldWarnings([
      warning({ message: 'Failed to pull image "web:2": not found' }),
      warning({ message: 'Error: ErrImagePull', lastSeenMs: NOON_MS + 1 }),
    ]);
    expect(folded[0]?.message).to.equal('Failed to pull image "web:2": not found');
  });

  it('keeps the ten newest, newest first', () => {
    const folded = foldWarnings(
      Array.from({ length: 12 }, (_, i) =>
        warning({ name: `web-${i}`, lastSeenMs: NOON_MS + i * 60_000 }),
      ),
    );
    expect(folded.map(({ resource }) => resource)).to.deep.equal(
      [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((i) => `Pod/web-${i}`),
    );
  });

  it('leaves out what is no warning', () => {
    expect(foldWarnings([warning({ isWarning: false })])).to.deep.equal([]);
  });

  const steps = [
    { name: 'a repetition in the same minute', count: 23, later: 31_000, same: true },
    { name: 'a repetition a minute later', count: 23, later: 61_000, same: false },
    { name: 'the count reaching the next step', count: 50, later: 0, same: false },
  ];
  for (const { name, count, later, same } of steps) {
    it(`${same ? 'does not change' : 'changes'} with ${name}`, () => {
      const before = foldWarnings([warning({ count: 21 })]);
      const after = foldWarnings([warning({ count, lastSeenMs: NOON_MS + later })]);
      expect(JSON.stringify(after) === JSON.stringify(before)).to.equal(same);
    });
  }

  it('does not depend on the order of the events', () => {
    const events = [
      warning({ name: 'a', message: 'x' }),
      warning({ name: 'a', message: 'y' }),
      warning({ name: 'b' }),
    ];
    expect(foldWarnings(events)).to.deep.equal(foldWarnings(events.toReversed()));
  });
});

describe('isAbout', () => {
  const inventory: readonly InventoryEntry[] = [
    { apiVersion: 'v1', kind: 'Namespace', name: 'shop' },
    { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'shop', name: 'web' },
    { apiVersion: 'apps/v1', kind: 'StatefulSet', namespace: 'shop', name: 'db' },
  ];
  const cases: readonly {
    readonly name: string;
    readonly reason: string;
    readonly given: Partial<InvolvedObject>;
    readonly want: boolean;
  }[] = [
    {
      name: 'a pod known by uid',
      reason: 'whatever its name',
      given: { uid: 'uid-known', name: 'any' },
      want: true,
    },
    {
      name: 'a resource of the inventory',
      reason: 'by kind and name',
      given: { kind: 'Deployment', name: 'web' },
      want: true,
    },
    {
      name: 'a pod that is gone',
      reason: "its name begins with its owner's",
      given: { name: 'web-7d4b9-x' },
      want: true,
    },
    {
      name: 'a claim of the StatefulSet',
      reason: 'its name ends with that of the set and a number',
      given: { kind: 'PersistentVolumeClaim', name: 'data-db-0' },
      want: true,
    },
    {
      name: 'a cluster-scoped resource',
      reason: 'it has no namespace',
      given: { kind: 'Namespace', namespace: '', name: 'shop' },
      want: true,
    },
    {
      name: "somebody else's pod in the same namespace",
      reason: 'nothing of ours has a name like this',
      given: { name: 'mail-1' },
      want: false,
    },
    {
      name: 'a namesake in another namespace',
      reason: 'names count within a namespace',
      given: { kind: 'Deployment', namespace: 'other', name: 'web' },
      want: false,
    },
    {
      name: 'another kind with a similar name',
      reason: 'controllers do not make Deployments for others',
      given: { kind: 'Deployment', name: 'web-2' },
      want: false,
    },
  ];
  for (const { name, reason, given, want } of cases) {
    it(`${want ? 'takes' : 'leaves'} ${name}`, () => {
      const involved = { kind: 'Pod', namespace: 'shop', name: '', uid: '', ...given };
      expect(isAbout(involved, inventory, new Set(['uid-known'])), reason).to.equal(want);
    });
  }
});

describe('keepEvent', () => {
  const metadata = { name: 'e', namespace: 'shop', creationTimestamp: '2026-01-01T11:00:00Z' };
  const object = { apiVersion: 'v1', kind: 'Event', metadata };

  it('reads the count and time of a classic event', () => {
    const kept = keepEvent({
      ...object,
      type: 'Warning',
      count: 4,
      lastTimestamp: '2026-01-01T12:00:00Z',
      eventTime: null,
    });
    expect([kept.isWarning, kept.count, kept.lastSeenMs]).to.deep.equal([true, 4, NOON_MS]);
  });

  it('reads the series of a new-style event', () => {
    const kept = keepEvent({
      ...object,
      eventTime: '2026-01-01T11:30:00.000000Z',
      lastTimestamp: null,
      series: { count: 9, lastObservedTime: '2026-01-01T12:00:00.000000Z' },
    });
    expect([kept.isWarning, kept.count, kept.lastSeenMs]).to.deep.equal([false, 9, NOON_MS]);
  });

  it('falls back on the time of creation', () => {
    expect(keepEvent(object).lastSeenMs).to.equal(NOON_MS - 3_600_000);
  });
});
