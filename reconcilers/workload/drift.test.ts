import { expect } from 'chai';
import type { ApiObject } from '../../sdk/api/object.js';
import { appliedHashAnnotation } from './decorate.js';
import { sameButForServerFields } from '../../sdk/kube/same-object.js';
import { compareWithLive, isSubset } from './drift.js';

const object = (hash: string, spec: unknown, metadata: object = {}): ApiObject => ({
  apiVersion: 'v1',
  kind: 'X',
  metadata: { name: 'x', annotations: { [appliedHashAnnotation]: hash }, ...metadata },
  spec,
});

describe('drift', () => {
  const comparisons = [
    { name: 'equal', desired: object('1', { a: 1 }), live: object('1', { a: 1 }), want: 'same' },
    {
      name: 'fields of others',
      desired: object('1', { a: 1 }),
      live: object('1', { a: 1, b: 2 }, { uid: 'u', labels: { x: 'y' } }),
      want: 'same',
    },
    {
      name: 'an edit',
      desired: object('2', { a: 1 }),
      live: object('1', { a: 1 }),
      want: 'edited',
    },
    {
      name: 'a change',
      desired: object('1', { a: 1 }),
      live: object('1', { a: 2 }),
      want: 'unclear',
    },
    {
      name: 'a field gone',
      desired: object('1', { a: 1 }),
      live: object('1', {}),
      want: 'unclear',
    },
  ];
  for (const { name, desired, live, want } of comparisons) {
    it(`calls ${name} ${want}`, () => {
      expect(compareWithLive(desired, live)).to.equal(want);
    });
  }

  const subsets: readonly [unknown, unknown, boolean][] = [
    [{ a: [{ b: 1 }] }, { a: [{ b: 1, c: 2 }] }, true],
    [{ a: [{ b: 1 }] }, { a: [{ b: 1 }, { b: 2 }] }, false],
    [{ a: null }, {}, true],
    [{ a: null }, { a: 1 }, false],
    [{ a: {} }, {}, false],
    ['1', 1, false],
    [[], {}, false],
  ];
  for (const [part, whole, want] of subsets) {
    it(`${JSON.stringify(part)} is ${want ? '' : 'not '}within ${JSON.stringify(whole)}`, () => {
      expect(isSubset(part, whole)).to.equal(want);
    });
  }

  it('does not mind what a server keeps for itself', () => {
    const live = object('1', { a: 1 }, { resourceVersion: '1', generation: 1, managedFields: [] });
    const dryRun = object('1', { a: 1 }, { resourceVersion: '2', generation: 2 });
    expect(sameButForServerFields({ ...live, status: { x: 1 } }, dryRun)).to.equal(true);
    expect(sameButForServerFields(live, object('1', { a: 2 }))).to.equal(false);
    expect(sameButForServerFields(live, object('1', { a: 1, b: 1 }))).to.equal(false);
  });
});
