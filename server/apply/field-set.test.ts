import { expect } from 'chai';
import * as fc from 'fast-check';
import {
  difference,
  EMPTY_FIELD_SET,
  equalSets,
  fieldSetOfPaths,
  hasPath,
  intersection,
  isEmptySet,
  isSubset,
  leavesOf,
  pathsOf,
  recursiveDifference,
  union,
} from './field-set.js';
import { fromFieldsV1, toFieldsV1 } from './fields-v1.js';
import { formatPath } from './path-element.js';

const element = fc.constantFrom(
  'f:a',
  'f:b',
  'f:__proto__',
  'f:.',
  'k:{"name":"x"}',
  'k:{"port":80,"protocol":"TCP"}',
  'v:"x"',
  'v:1',
  'i:2',
  'i:10',
);
const paths = fc.array(fc.array(element, { minLength: 1, maxLength: 3 }), { maxLength: 8 });
const sets = paths.map(fieldSetOfPaths);
const keysOf = (set: ReturnType<typeof fieldSetOfPaths>): string[] =>
  pathsOf(set).map((path) => path.join('/'));

describe('field set', () => {
  it('comes back from FieldsV1 as it went', () => {
    fc.assert(
      fc.property(sets, (set) => {
        const json: unknown = JSON.parse(JSON.stringify(toFieldsV1(set)));
        expect(equalSets(fromFieldsV1(json), set)).to.equal(true);
        expect(JSON.stringify(toFieldsV1(fromFieldsV1(json)))).to.equal(
          JSON.stringify(toFieldsV1(set)),
        );
      }),
    );
  });

  it('is a set: operations agree with those on lists of paths', () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        const [l, r] = [keysOf(left), keysOf(right)];
        expect(keysOf(union(left, right))).to.have.members([...new Set([...l, ...r])]);
        expect(keysOf(difference(left, right))).to.have.members(
          l.filter((key) => !r.includes(key)),
        );
        expect(keysOf(intersection(left, right))).to.have.members(
          l.filter((key) => r.includes(key)),
        );
        expect(keysOf(recursiveDifference(left, right))).to.have.members(
          l.filter((key) => !r.some((other) => key === other || key.startsWith(`${other}/`))),
        );
        expect(isSubset(left, right)).to.equal(l.every((key) => r.includes(key)));
        expect(pathsOf(left).every((path) => hasPath(left, path))).to.equal(true);
      }),
    );
  });

  it('keeps identity where nothing changes, and has one empty set', () => {
    fc.assert(
      fc.property(sets, sets, (left, right) => {
        const joined = union(left, right);
        expect(union(joined, right)).to.equal(joined);
        expect(difference(left, difference(right, left))).to.equal(left);
        expect(isEmptySet(difference(left, joined))).to.equal(true);
      }),
    );
  });

  it('writes keys in Kubernetes’ order', () => {
    const set = fieldSetOfPaths([
      ['i:10'],
      ['i:9'],
      ['v:"x"'],
      ['k:{"a":1}'],
      ['f:b', 'f:c'],
      ['f:b'],
    ]);
    expect(JSON.stringify(toFieldsV1(set))).to.equal(
      '{"f:b":{".":{},"f:c":{}},"k:{\\"a\\":1}":{},"v:\\"x\\"":{},"i:9":{},"i:10":{}}',
    );
  });

  it('has leaves', () => {
    const set = fieldSetOfPaths([['f:a'], ['f:a', 'f:b'], ['f:c']]);
    expect(keysOf(leavesOf(set))).to.deep.equal(['f:c', 'f:a/f:b']);
  });

  it('reads nonsense as nothing', () => {
    for (const given of [null, 'x', [], {}, { f: {} }, { 'x:y': {} }, { 'f:a': 1 }]) {
      expect(fromFieldsV1(given)).to.equal(EMPTY_FIELD_SET);
    }
  });

  it('formats paths for people', () => {
    const cases: [string[], string][] = [
      [['f:spec', 'f:containers', 'k:{"name":"x"}', 'f:image'], '.spec.containers[name="x"].image'],
      [['f:ports', 'k:{"port":80,"protocol":"TCP"}'], '.ports[port=80,protocol="TCP"]'],
      [['f:tags', 'v:"x"'], '.tags[="x"]'],
      [['f:list', 'i:3'], '.list[3]'],
    ];
    for (const [path, want] of cases) expect(formatPath(path)).to.equal(want);
  });
});
