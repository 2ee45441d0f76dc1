import { expect } from 'chai';
import type { Health, InventoryEntry, ResourceHealth } from '../../sdk/api/zz_generated.types.js';
import type { ReportToFold } from './fold-report.js';
import { foldReport } from './fold-report.js';
import { refKey } from './resource-ref.js';

const ref = (name: string, kind = 'Deployment'): InventoryEntry => ({
  apiVersion: 'apps/v1',
  kind,
  namespace: 'n',
  name,
});
const seen = (
  name: string,
  health: Health,
  more: Partial<ResourceHealth> = {},
): ResourceHealth => ({
  ...ref(name),
  health,
  uid: 'u',
  revision: '1',
  createdAt: '2026-01-01T00:00:00Z',
  ...more,
});
/** Of an attempt that verified both. */
const resourcesBefore = [
  { ...seen('a', 'Healthy'), verified: '1' },
  { ...seen('b', 'Healthy'), verified: '1' },
];
const fold = (given: Partial<ReportToFold>): ReturnType<typeof foldReport> =>
  foldReport({
    wanted: [ref('a'), ref('b')],
    problems: new Map(),
    moved: new Set(),
    verified: new Map(),
    before: given.report,
    report: undefined,
    previous: [],
    runtime: 'here',
    lost: undefined,
    ...given,
  });
const ready = (given: Partial<ReportToFold>): string => {
  const { status, reason, message } = fold(given).ready;
  return `${status} ${reason}: ${message}`;
};

describe('foldReport', () => {
  const cases: readonly { name: string; given: Partial<ReportToFold>; want: string }[] = [
    {
      name: 'nothing to run',
      given: { wanted: [] },
      want: 'True Healthy: there are no resources',
    },
    {
      name: 'no report yet',
      given: {},
      want: 'Unknown NoReport: waiting for the first report of the agent on runtime here',
    },
    {
      name: 'all healthy or stopped on purpose',
      given: { report: { resources: [seen('a', 'Healthy'), seen('b', 'Suspended')] } },
      want: 'True Healthy: ',
    },
    {
      name: 'one not in the report',
      given: { report: { resources: [seen('a', 'Healthy')] } },
      want: 'False Progressing: Deployment n/b: applied; the agent has not reported on it since',
    },
    {
      name: 'the worst of several',
      given: {
        report: {
          resources: [
            seen('a', 'Progressing', { message: '0 of 1 ready' }),
            seen('b', 'Degraded', { message: 'ImagePullBackOff: no such image' }),
          ],
        },
      },
      want: 'False Degraded: Deployment n/b: ImagePullBackOff: no such image',
    },
    {
      name: 'how many more are as bad',
      given: { report: { resources: [seen('a', 'Missing'), seen('b', 'Missing')] } },
      want: 'False Missing: Deployment n/a: is Missing (and 1 more)',
    },
    {
      name: 'one that nobody can judge',
      given: { report: { resources: [seen('a', 'Healthy'), seen('b', 'Unknown')] } },
      want: 'Unknown HealthUnknown: Deployment n/b: is Unknown',
    },
    {
      name: 'a lost agent, whatever it said last',
      given: {
        report: { resources: [seen('a', 'Healthy'), seen('b', 'Degraded')] },
        lost: { reason: 'AgentLost', message: 'away' },
      },
      want: 'Unknown AgentLost: away',
    },
    {
      name: 'a resource that was refused',
      given: {
        report: { resources: [seen('a', 'Healthy')] },
        problems: new Map([[refKey(ref('a')), 'field is immutable']]),
        wanted: [ref('a')],
      },
      want: 'False Degraded: Deployment n/a: field is immutable',
    },
  ];
  for (const { name, given, want } of cases) {
    it(`says ${name}`, () => {
      expect(ready(given)).to.equal(want);
    });
  }

  it('keeps the order of the manifests, and age and uid of the report', () => {
    const report = {
      resources: [seen('b', 'Healthy'), seen('a', 'Healthy'), seen('x', 'Healthy')],
    };
    expect(fold({ report }).resources).to.deep.equal([seen('a', 'Healthy'), seen('b', 'Healthy')]);
  });

  it('matches a kind in whichever version it was reported', () => {
    const report = { resources: [seen('a', 'Healthy', { apiVersion: 'apps/v1beta1' })] };
    expect(ready({ report, wanted: [ref('a')] })).to.equal('True Healthy: ');
  });

  it('never calls old health fresh: lost agent', () => {
    const report = { resources: [seen('a', 'Healthy')] };
    const lost = { reason: 'AgentLost', message: 'away' };
    expect(fold({ report, lost, wanted: [ref('a')] }).resources[0]).to.include({
      health: 'Unknown',
      message: 'last reported as Healthy',
    });
  });

  describe('a resource that was just changed', () => {
    const wanted = [ref('a')];
    const moved = new Set([refKey(ref('a'))]);
    const old = { resources: [seen('a', 'Healthy')] };

    it('is Progressing while the report is the one from before', () => {
      const first = fold({ wanted, moved, before: old, report: old });
      expect(first.resources[0]?.health).to.equal('Progressing');
      const second = fold({ wanted, report: old, previous: first.resources });
      expect(second).to.deep.equal(first);
    });

    it('is what the report says once it is about the new state', () => {
      const first = fold({ wanted, moved, before: old, report: old });
      const report = { resources: [seen('a', 'Healthy', { revision: '2' })] };
      expect(fold({ wanted, report, previous: first.resources }).ready.status).to.equal('True');
      expect(fold({ wanted, moved, before: old, report }).ready.status).to.equal('True');
    });

    it('is Progressing while nothing but its labels is another in the report', () => {
      const labelled = { resources: [seen('a', 'Healthy', { revision: '1-bb' })] };
      const before = { resources: [seen('a', 'Healthy', { revision: '1-aa' })] };
      const folded = fold({ wanted, moved, before, report: labelled });
      expect(folded.resources[0]?.health).to.equal('Progressing');
    });

    it('is what the report says of another object of that name', () => {
      const report = { resources: [seen('a', 'Degraded', { uid: 'u2' })] };
      expect(fold({ wanted, moved, before: old, report }).resources[0]?.health).to.equal(
        'Degraded',
      );
    });

    it('is Progressing when it was missing before', () => {
      const { uid: _uid, revision: _revision, ...missing } = seen('a', 'Missing');
      const before = { resources: [missing] };
      expect(fold({ wanted, moved, before, report: before }).resources[0]?.health).to.equal(
        'Progressing',
      );
    });
  });

  it('notes which revision was verified, whatever the report says', () => {
    const verified = new Map([[refKey(ref('a')), '1-aa']]);
    const wanted = [ref('a'), ref('b')];
    const lost = { reason: 'AgentLost', message: 'away' };
    const report = { resources: [seen('a', 'Healthy'), seen('b', 'Healthy')] };
    for (const given of [{ report }, { report, lost }, {}]) {
      const { resources } = fold({ wanted, verified, previous: resourcesBefore, ...given });
      expect(resources.map((resource) => resource.verified)).to.deep.equal(['1-aa', undefined]);
    }
  });

  it('shows the ten newest warnings, newest first', () => {
    const warnings = Array.from({ length: 12 }, (_, n) => ({
      resource: `Pod/p${n}`,
      reason: 'BackOff',
      message: 'm',
      lastSeen: `2026-01-01T00:00:${String(n).padStart(2, '0')}Z`,
    }));
    const shown = fold({ report: { resources: [], warnings } }).warnings;
    expect(shown.map(({ resource }) => resource)).to.deep.equal(
      [11, 10, 9, 8, 7, 6, 5, 4, 3, 2].map((n) => `Pod/p${n}`),
    );
  });
});
