import { expect } from 'chai';
import * as fc from 'fast-check';
import { isApiError, type ErrorReason } from '../../sdk/api/errors.js';
import { applyJsonPatch } from './json-patch.js';

const DOCUMENT = { a: { b: [1, 2, { c: 3 }] }, 'x/y': 1, 'm~n': 2, nothing: null };

describe('applyJsonPatch', () => {
  const cases: { name: string; given: unknown; want: unknown }[] = [
    { name: 'no operation', given: [], want: DOCUMENT },
    {
      name: 'add a member',
      given: [{ op: 'add', path: '/d', value: 1 }],
      want: { ...DOCUMENT, d: 1 },
    },
    {
      name: 'insert, append, remove in lists',
      given: [
        { op: 'add', path: '/a/b/1', value: 'i' },
        { op: 'add', path: '/a/b/-', value: 'e' },
        { op: 'add', path: '/a/b/5', value: 'f' },
        { op: 'remove', path: '/a/b/0' },
      ],
      want: { ...DOCUMENT, a: { b: ['i', 2, { c: 3 }, 'e', 'f'] } },
    },
    {
      name: 'indexes from the end, and with zeros',
      given: [
        { op: 'add', path: '/a/b/-1', value: 'e' },
        { op: 'add', path: '/a/b/-2', value: 'd' },
        { op: 'remove', path: '/a/b/-5' },
        { op: 'replace', path: '/a/b/00', value: 'f' },
        { op: 'test', path: '/a/b/-1', value: 'e' },
      ],
      want: { ...DOCUMENT, a: { b: ['f', { c: 3 }, 'd', 'e'] } },
    },
    {
      name: 'a test for null passes where nothing is',
      given: [
        { op: 'test', path: '/nothing', value: null },
        { op: 'test', path: '/a/missing', value: null },
      ],
      want: DOCUMENT,
    },
    {
      name: 'a tilde that begins no escape',
      given: [{ op: 'add', path: '/a~2', value: 1 }],
      want: { ...DOCUMENT, 'a~2': 1 },
    },
    {
      name: 'escapes',
      given: [
        { op: 'replace', path: '/x~1y', value: 5 },
        { op: 'test', path: '/m~0n', value: 2 },
      ],
      want: { ...DOCUMENT, 'x/y': 5 },
    },
    {
      name: 'replace with null',
      given: [{ op: 'replace', path: '/a', value: null }],
      want: { ...DOCUMENT, a: null },
    },
    { name: 'replace the document', given: [{ op: 'replace', path: '', value: [1] }], want: [1] },
    {
      name: 'move',
      given: [{ op: 'move', from: '/a/b/2/c', path: '/c' }],
      want: { ...DOCUMENT, a: { b: [1, 2, {}] }, c: 3 },
    },
    {
      name: 'a copy is a value of its own',
      given: [
        { op: 'add', path: '/a/new', value: 1 },
        { op: 'copy', from: '/a', path: '/z' },
        { op: 'add', path: '/a/b/0', value: 0 },
        { op: 'remove', path: '/z/new' },
      ],
      want: { ...DOCUMENT, a: { b: [0, 1, 2, { c: 3 }], new: 1 }, z: { b: [1, 2, { c: 3 }] } },
    },
    {
      name: 'test, key order aside',
      given: [
        { op: 'test', path: '', value: { nothing: null, 'm~n': 2, 'x/y': 1, a: DOCUMENT.a } },
      ],
      want: DOCUMENT,
    },
    {
      name: 'constructor is a name as any',
      given: [{ op: 'add', path: '/constructor', value: 1 }],
      want: { ...DOCUMENT, constructor: 1 },
    },
  ];
  for (const { name, given, want } of cases) {
    it(name, () => {
      const before = structuredClone({ DOCUMENT, given });
      expect(applyJsonPatch(DOCUMENT, given)).to.deep.equal(want);
      expect({ DOCUMENT, given }).to.deep.equal(before);
    });
  }

  const faults: { name: string; given: unknown; want: ErrorReason; message: RegExp }[] = [
    { name: 'not a list', given: {}, want: 'BadRequest', message: /list of operations/ },
    {
      name: 'a path of a million steps',
      given: [{ op: 'remove', path: '/a'.repeat(1_000_000) }],
      want: 'BadRequest',
      message: /more than 100 steps/,
    },
    {
      name: 'more levels than any document has, one operation at a time',
      given: Array.from({ length: 99 }, (_, i) => ({
        op: 'add',
        path: `/a${'/a'.repeat(i)}`,
        value: { a: { a: {} } },
      })),
      want: 'RequestEntityTooLarge',
      message: /more than 100 levels/,
    },
    { name: 'not operations', given: [1], want: 'BadRequest', message: /operation 0 must be/ },
    {
      name: 'unknown op',
      given: [{ op: 'merge', path: '/a' }],
      want: 'Invalid',
      message: /unknown op "merge"/,
    },
    { name: 'no path', given: [{ op: 'remove' }], want: 'Invalid', message: /path/ },
    { name: 'no value', given: [{ op: 'add', path: '/a' }], want: 'Invalid', message: /value/ },
    { name: 'no from', given: [{ op: 'copy', path: '/a' }], want: 'Invalid', message: /from/ },
    {
      name: 'no slash',
      given: [{ op: 'remove', path: 'a' }],
      want: 'BadRequest',
      message: /start with/,
    },
    {
      name: 'prototype',
      given: [{ op: 'add', path: '/__proto__/x', value: 1 }],
      want: 'BadRequest',
      message: /__proto__/,
    },
    {
      name: 'inherited',
      given: [{ op: 'add', path: '/constructor/prototype/x', value: 1 }],
      want: 'Invalid',
      message: /missing/,
    },
    {
      name: 'remove of nothing',
      given: [{ op: 'remove', path: '/q' }],
      want: 'Invalid',
      message: /operation 0 \(remove \/q\)/,
    },
    {
      name: 'replace of nothing',
      given: [{ op: 'replace', path: '/q', value: 1 }],
      want: 'Invalid',
      message: /missing/,
    },
    {
      name: 'add below nothing',
      given: [{ op: 'add', path: '/q/r', value: 1 }],
      want: 'Invalid',
      message: /missing/,
    },
    {
      name: 'below a scalar',
      given: [{ op: 'add', path: '/x~1y/r', value: 1 }],
      want: 'Invalid',
      message: /neither/,
    },
    {
      name: 'index past the end',
      given: [{ op: 'add', path: '/a/b/4', value: 1 }],
      want: 'Invalid',
      message: /outside of the list/,
    },
    {
      name: 'index before the beginning',
      given: [{ op: 'remove', path: '/a/b/-4' }],
      want: 'Invalid',
      message: /outside of the list/,
    },
    {
      name: 'no index',
      given: [{ op: 'remove', path: '/a/b/-' }],
      want: 'Invalid',
      message: /no index/,
    },
    {
      name: 'test for null below nothing',
      given: [{ op: 'test', path: '/q/r', value: null }],
      want: 'Invalid',
      message: /missing/,
    },
    {
      name: 'failed test',
      given: [{ op: 'test', path: '/a', value: 1 }],
      want: 'Invalid',
      message: /test \/a\): testing value failed/,
    },
    {
      name: 'move into itself',
      given: [{ op: 'move', from: '/a', path: '/a/b' }],
      want: 'Invalid',
      message: /itself/,
    },
    {
      name: 'too many',
      given: Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/nothing', value: null })),
      want: 'RequestEntityTooLarge',
      message: /10000, got 10001/,
    },
    {
      name: 'doubling',
      given: Array.from({ length: 60 }, () => ({ op: 'copy', from: '/a/b', path: '/a/b/-' })),
      want: 'RequestEntityTooLarge',
      message: /copy/,
    },
  ];
  for (const { name, given, want, message } of faults) {
    it(`refuses: ${name}`, () => {
      try {
        applyJsonPatch({ ...DOCUMENT, pad: 'x'.repeat(100) }, given);
        expect.fail('no error');
      } catch (error) {
        expect(isApiError(error, want), String(error)).to.equal(true);
        expect(String(error)).to.match(message);
      }
    });
  }

  it('shares what it does not touch', () => {
    const document = { a: { x: 1 }, b: { y: 1 } };
    const got = applyJsonPatch(document, [
      { op: 'add', path: '/a/z', value: 1 },
    ]) as typeof document;
    expect(got.b).to.equal(document.b);
  });

  it('adding and removing again gives the document', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue(), (document, value) => {
        const got = applyJsonPatch(document, [
          { op: 'add', path: '/added~1here', value },
          { op: 'remove', path: '/added~1here' },
        ]);
        expect(JSON.stringify(got)).to.equal(JSON.stringify(document));
      }),
    );
  });
});
