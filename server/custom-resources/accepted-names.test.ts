import { expect } from 'chai';
import { decideNames } from './accepted-names.js';
import type { CustomResourceDefinition } from '../../sdk/api/custom-resource-definition.js';
import { NameClaims } from './name-claims.js';

function definition(
  plural: string,
  names: object,
  others: {
    readonly createdAt?: string;
    readonly accepted?: object;
    readonly established?: boolean;
  } = {},
): CustomResourceDefinition {
  const { createdAt = '2024-01-01T00:00:00Z', accepted, established } = others;
  return {
    metadata: { name: `${plural}.example.com`, creationTimestamp: createdAt },
    spec: { group: 'example.com', names: { plural, kind: plural, ...names }, versions: [] },
    status: {
      ...(accepted !== undefined && { acceptedNames: { plural, kind: plural, ...accepted } }),
      ...(established === true && { conditions: [{ type: 'Established', status: 'True' }] }),
    },
  } as unknown as CustomResourceDefinition;
}

const cases: {
  name: string;
  reason: string;
  own: CustomResourceDefinition;
  other: CustomResourceDefinition;
  want: { accepted: string; established: string; shortNames?: string[] };
}[] = [
  {
    name: 'NothingShared',
    reason: 'both have their own',
    own: definition('as', {}),
    other: definition('bs', {}, { accepted: {} }),
    want: { accepted: 'True NoConflicts', established: 'True' },
  },
  {
    name: 'TakenShortName',
    reason: 'it was accepted for the other one',
    own: definition('as', { shortNames: ['x', 'y'] }),
    other: definition('bs', { shortNames: ['x'] }, { accepted: { shortNames: ['x'] } }),
    want: { accepted: 'False ShortNamesConflict', established: 'False' },
  },
  {
    name: 'LaterShortName',
    reason: 'the kind stays served, under the names that it had',
    own: definition(
      'as',
      { shortNames: ['x'] },
      { accepted: { shortNames: ['y'] }, established: true },
    ),
    other: definition('bs', { shortNames: ['x'] }, { accepted: { shortNames: ['x'] } }),
    want: { accepted: 'False ShortNamesConflict', established: 'True', shortNames: ['y'] },
  },
  {
    name: 'BothNewOlderFirst',
    reason: 'nobody has it yet, and the other one came first',
    own: definition('as', { shortNames: ['x'] }, { createdAt: '2024-01-02T00:00:00Z' }),
    other: definition('bs', { shortNames: ['x'] }),
    want: { accepted: 'False ShortNamesConflict', established: 'False' },
  },
  {
    name: 'BothNewYoungerWaits',
    reason: 'nobody has it yet, and this one came first',
    own: definition('as', { shortNames: ['x'] }),
    other: definition('bs', { shortNames: ['x'] }, { createdAt: '2024-01-02T00:00:00Z' }),
    want: { accepted: 'True NoConflicts', established: 'True', shortNames: ['x'] },
  },
  {
    name: 'BothAccepted',
    reason: 'two servers gave it away at once: the younger gives it back',
    own: definition(
      'bs',
      { shortNames: ['x'] },
      { accepted: { shortNames: ['x'] }, createdAt: '2024-01-02T00:00:00Z' },
    ),
    other: definition('as', { shortNames: ['x'] }, { accepted: { shortNames: ['x'] } }),
    want: { accepted: 'False ShortNamesConflict', established: 'False', shortNames: ['x'] },
  },
  {
    name: 'BothAcceptedOlder',
    reason: 'two servers gave it away at once: the older keeps it',
    own: definition('as', { shortNames: ['x'] }, { accepted: { shortNames: ['x'] } }),
    other: definition(
      'bs',
      { shortNames: ['x'] },
      { accepted: { shortNames: ['x'] }, createdAt: '2024-01-02T00:00:00Z' },
    ),
    want: { accepted: 'True NoConflicts', established: 'True', shortNames: ['x'] },
  },
];

describe('the names of custom resource definitions', () => {
  for (const { name, reason, own, other, want } of cases) {
    it(`${name}: ${reason}`, () => {
      const claims = new NameClaims();
      claims.set(own);
      claims.set(other);
      const { namesAccepted, established, names } = decideNames(own, claims);
      expect(`${namesAccepted.status} ${namesAccepted.reason}`).to.equal(want.accepted);
      expect(established.status).to.equal(want.established);
      expect(names.shortNames).to.deep.equal(want.shortNames);
    });
  }
});
