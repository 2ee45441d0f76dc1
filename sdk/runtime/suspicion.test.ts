import { expect } from 'chai';
import { findCondition, type Condition } from '../api/condition.js';
import type { ClaimedObject } from '../api/work.js';
import { kinds } from '../api/zz_generated.kinds.js';
import { isSuspect, quarantine, suspicionOf, type Suspicion } from './suspicion.js';

const NOW_MS = Date.parse('2026-02-03T04:05:06Z');
const kind = kinds.find((each) => each.kind === 'Workload');
if (kind === undefined) throw new Error('no Workload');

interface Given {
  readonly lostAttempts: number;
  readonly reason?: 'leaseExpired' | 'dependency';
  readonly conditions?: readonly Condition[];
  readonly generation?: number;
}

function claimOf({ lostAttempts, reason, conditions, generation = 1 }: Given): ClaimedObject {
  return {
    resource: 'workloads.workload.threeport.io',
    object: {
      apiVersion: 'workload.threeport.io/v1alpha1',
      kind: 'Workload',
      metadata: {
        name: 'web',
        uid: 'u',
        generation,
        resourceVersion: '1',
        creationTimestamp: '2026-01-01T00:00:00Z',
      },
      status: { conditions },
    },
    fence: 1,
    failures: 3,
    urgent: false,
    dueForMs: 0,
    lostAttempts,
    ...(reason !== undefined && { cause: { reason } }),
  };
}

const random = (): number => 0.5;
const inputOf = (claimed: ClaimedObject) => ({
  kind,
  object: claimed.object,
  failures: claimed.failures,
  random,
  ports: { clock: { nowMs: () => NOW_MS } },
});
const quarantined = (quarantine(inputOf(claimOf({ lostAttempts: 5 })), 5).completion.status ??
  {}) as {
  conditions: Condition[];
};

describe('suspicion', () => {
  const cases: { name: string; given: Given; nowMs?: number; want: Suspicion }[] = [
    { name: 'no attempt was lost', given: { lostAttempts: 0 }, want: 'try' },
    {
      name: 'one was lost: any kill does that',
      given: { lostAttempts: 1, reason: 'leaseExpired' },
      want: 'try',
    },
    {
      name: 'a second was lost',
      given: { lostAttempts: 2, reason: 'leaseExpired' },
      want: { postponeMs: 1_000 },
    },
    {
      name: 'a fourth was lost',
      given: { lostAttempts: 4, reason: 'leaseExpired' },
      want: { postponeMs: 4_000 },
    },
    {
      name: 'it has waited since the second',
      given: { lostAttempts: 2, reason: 'dependency' },
      want: 'try',
    },
    {
      name: 'a fifth was lost',
      given: { lostAttempts: 5, reason: 'leaseExpired' },
      want: 'quarantine',
    },
    {
      name: 'something wakes it in quarantine',
      given: { lostAttempts: 5, reason: 'dependency', conditions: quarantined.conditions },
      nowMs: NOW_MS + 20_000,
      want: { postponeMs: 40_000 },
    },
    {
      name: 'its time is over',
      given: { lostAttempts: 5, reason: 'dependency', conditions: quarantined.conditions },
      nowMs: NOW_MS + 60_000,
      want: 'try',
    },
    {
      name: 'the spec is another',
      given: { lostAttempts: 5, conditions: quarantined.conditions, generation: 2 },
      want: 'try',
    },
    {
      name: 'it was lost once more after that',
      given: { lostAttempts: 6, reason: 'leaseExpired', conditions: quarantined.conditions },
      want: 'quarantine',
    },
  ];
  for (const { name, given, nowMs = NOW_MS, want } of cases) {
    it(name, () => {
      const claimed = claimOf(given);
      expect(suspicionOf(claimed, { nowMs, random })).to.deep.equal(want);
      expect(isSuspect(claimed)).to.equal(given.lostAttempts > 1);
    });
  }

  it('says in the conditions that, and since when, an object is left alone', () => {
    const later = claimOf({ lostAttempts: 6, conditions: quarantined.conditions });
    const atMs = NOW_MS + 7_200_000;
    const input = { ...inputOf(later), ports: { clock: { nowMs: () => atMs } } };
    const { completion } = quarantine(input, 6);
    expect(completion).to.include({ failures: 3, requeueAfterMs: 120_000 });
    expect(completion, 'no attempt was made').not.to.have.property('generation');
    const { conditions } = completion.status as { conditions: Condition[] };
    for (const [type, status] of [
      ['Reconciled', 'False'],
      ['Stalled', 'True'],
    ] as const) {
      expect(findCondition(conditions, type)).to.include({ status, reason: 'Quarantined' });
    }
    const { completion: last } = quarantine(input, 500);
    expect(last.requeueAfterMs, 'in the end').to.equal(3_600_000);
    const stalled = findCondition(conditions, 'Stalled');
    expect(stalled?.message).to.contain('6 attempts in a row');
    expect(Date.parse(stalled?.lastTransitionTime ?? '')).to.equal(atMs);
  });
});
