import { expect } from 'chai';
import type { DiscoveredKind } from './discovery.js';
import { kindOfObject, kindsNamed } from './discovery.js';
import { parseResourceArgs } from './resource-args.js';

function kind(
  name: string,
  plural: string,
  shortNames: string[],
  categories: string[] = [],
): DiscoveredKind {
  return {
    group: 'workload.threeport.io',
    version: 'v1alpha1',
    kind: name,
    plural,
    singular: name.toLowerCase(),
    shortNames,
    categories,
    namespaced: true,
    verbs: ['get'],
    hasStatus: true,
  };
}
const kinds = [
  kind('Workload', 'workloads', ['wl'], ['threeport']),
  kind('WorkloadDefinition', 'workloaddefinitions', ['workloaddef'], ['threeport']),
];

describe('kindsNamed', () => {
  for (const word of [
    'workloads',
    'workload',
    'Workload',
    'wl',
    'workloads.workload.threeport.io',
  ]) {
    it(`knows ${word}`, () =>
      expect(kindsNamed(kinds, word).map((found) => found.plural)).to.deep.equal(['workloads']));
  }
  it('takes a category for all its kinds', () =>
    expect(kindsNamed(kinds, 'threeport')).to.have.length(2));
  it('takes a kind of several versions once, in the one that comes first', () => {
    const [workload] = kinds;
    if (workload === undefined) throw new Error('there are no kinds');
    const two = [{ ...workload, version: 'v1' }, ...kinds];
    for (const word of ['wl', 'threeport']) {
      expect(
        kindsNamed(two, word)
          .filter(({ plural }) => plural === 'workloads')
          .map(({ version }) => version),
      ).to.deep.equal(['v1']);
    }
  });
  it('suggests what may have been meant', () => {
    expect(() => kindsNamed(kinds, 'workloadz')).to.throw(
      /no resource type "workloadz"; did you mean .*"workloads"/,
    );
  });
});

describe('kindOfObject', () => {
  const metadata = { name: 'a' };
  it('suggests the kind that is near', () => {
    const object = { apiVersion: 'workload.threeport.io/v1alpha1', kind: 'Workloda', metadata };
    expect(() => kindOfObject(kinds, object)).to.throw(
      /no kind "Workloda".*did you mean "Workload"/,
    );
  });
  it('names the version that is served', () => {
    const object = { apiVersion: 'workload.threeport.io/v1', kind: 'Workload', metadata };
    expect(() => kindOfObject(kinds, object)).to.throw(
      /it has it in workload\.threeport\.io\/v1alpha1/,
    );
  });
});

describe('parseResourceArgs', () => {
  const cases: { args: string[]; want: (string | undefined)[][] }[] = [
    { args: ['workloads'], want: [['workloads', undefined]] },
    {
      args: ['wl,workloaddef'],
      want: [
        ['workloads', undefined],
        ['workloaddefinitions', undefined],
      ],
    },
    {
      args: ['workload', 'a', 'b'],
      want: [
        ['workloads', 'a'],
        ['workloads', 'b'],
      ],
    },
    {
      args: ['wl/a', 'workloaddef/b'],
      want: [
        ['workloads', 'a'],
        ['workloaddefinitions', 'b'],
      ],
    },
  ];
  for (const { args, want } of cases) {
    it(args.join(' '), () => {
      const parsed = parseResourceArgs(kinds, args).map((arg) => [arg.kind.plural, arg.name]);
      expect(parsed).to.deep.equal(want);
    });
  }
  it('refuses a mixture of forms', () => {
    expect(() => parseResourceArgs(kinds, ['wl/a', 'b'])).to.throw(
      /"b" is not of the form TYPE\/NAME/,
    );
  });
  it('asks for a type', () =>
    expect(() => parseResourceArgs(kinds, [])).to.throw(/name a resource type/));
});
