import { expect } from 'chai';
import { dropDuplicateOwners } from './duplicate-owners.js';

function owner(uid: string, name = 'o') {
  return { apiVersion: 'v1', kind: 'ConfigMap', name, uid };
}

const cases: readonly {
  name: string;
  reason: string;
  given: readonly ReturnType<typeof owner>[];
  want: readonly ReturnType<typeof owner>[];
  uids: string | undefined;
}[] = [
  { name: 'None', reason: 'most objects', given: [], want: [], uids: undefined },
  {
    name: 'Different',
    reason: 'nothing to say',
    given: [owner('a'), owner('b')],
    want: [owner('a'), owner('b')],
    uids: undefined,
  },
  {
    name: 'Twice',
    reason: 'the first stays where it was',
    given: [owner('a'), owner('b'), owner('a')],
    want: [owner('a'), owner('b')],
    uids: 'a',
  },
  {
    name: 'OneUidTwoNames',
    reason: 'Kubernetes compares whole entries',
    given: [owner('a'), owner('a', 'p'), owner('a', 'p'), owner('a')],
    want: [owner('a'), owner('a', 'p')],
    uids: 'a, a',
  },
];

describe('duplicate owners', () => {
  for (const { name, reason, given, want, uids } of cases) {
    it(`${name}: ${reason}`, () => {
      const metadata = { ownerReferences: [...given] };
      const [warning] = dropDuplicateOwners(metadata, 'request');
      expect(metadata.ownerReferences).to.deep.equal(want);
      if (uids === undefined) expect(warning).to.equal(undefined);
      else expect(warning?.split('observed: ')[1]).to.equal(uids);
    });
  }

  it('are looked for 10,000 owners long without holding anybody up', () => {
    const ownerReferences = Array.from({ length: 10_000 }, (_, i) => owner('u', `n-${i >> 1}`));
    const startedMs = performance.now();
    dropDuplicateOwners({ ownerReferences }, 'patch');
    expect(performance.now() - startedMs).to.be.lessThan(500);
  });
});
