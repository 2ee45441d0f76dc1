import { expect } from 'chai';
import * as fc from 'fast-check';
import { deepEqual } from './deep-equal.js';
import { isJsonObject, ownValue, setOwnValue, type JsonObject } from './json-object.js';
import { applyMergePatch } from './merge-patch.js';

/** The merge patch that turns `from` into `to`; exists where `to` has no null in it. */
function diff(from: unknown, to: unknown): unknown {
  if (!isJsonObject(from) || !isJsonObject(to)) return to;
  const patch: JsonObject = {};
  for (const key of Object.keys(from)) if (!Object.hasOwn(to, key)) setOwnValue(patch, key, null);
  for (const key of Object.keys(to)) {
    const old = ownValue(from, key);
    if (!Object.hasOwn(from, key) || !deepEqual(old, to[key]))
      setOwnValue(patch, key, diff(old, to[key]));
  }
  return patch;
}

const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.array(fc.integer()));
const key = fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), fc.string());
const { tree } = fc.letrec<{ tree: Record<string, unknown>; value: unknown }>((tie) => ({
  tree: fc.dictionary(key, tie('value'), { maxKeys: 4 }),
  value: fc.oneof({ maxDepth: 3 }, leaf, tie('tree')),
}));

describe('applyMergePatch', () => {
  const cases: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [['a'], { a: 1 }, { a: 1 }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: 1 }, [1], [1]],
  ];
  for (const [target, patch, want] of cases) {
    it(`${JSON.stringify(target)} with ${JSON.stringify(patch)}`, () => {
      expect(applyMergePatch(target, patch)).to.deep.equal(want);
    });
  }

  it('the patch of a difference makes the difference', () => {
    fc.assert(
      fc.property(tree, tree, (from, to) => {
        const before = JSON.stringify(from);
        expect(deepEqual(applyMergePatch(from, diff(from, to)), to)).to.equal(true);
        expect(JSON.stringify(from)).to.equal(before);
      }),
      { numRuns: 500 },
    );
  });

  it('a patch that changes nothing gives the target itself', () => {
    const target = { a: { b: 1 }, list: [1] };
    expect(applyMergePatch(target, { a: { b: 1, c: null } })).to.equal(target);
  });

  it('changes no prototype', () => {
    const patch: unknown = JSON.parse(
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
    );
    const got = applyMergePatch({}, patch) as JsonObject;
    expect(got['polluted']).to.equal(undefined);
    expect(({} as JsonObject)['polluted']).to.equal(undefined);
  });
});
