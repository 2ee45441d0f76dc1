import { expect } from 'chai';
import type { ApiObject } from '../api/object.js';
import { hideValues } from './hide-values.js';

const secret = (fields: Record<string, unknown>): ApiObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 's' },
  ...fields,
});

describe('hideValues', () => {
  const cases: { name: string; reason: string; given: ApiObject; says: string; want: string }[] = [
    {
      name: 'a value that is quoted',
      reason: 'clusters quote what they refuse',
      given: secret({ data: { password: 'hunter2!' } }),
      says: 'data.password: Invalid value: "hunter2!": illegal base64 data',
      want: 'data.password: Invalid value: "<hidden>": illegal base64 data',
    },
    {
      name: 'a value with characters that quoting changes',
      reason: 'a message holds the JSON form',
      given: secret({ stringData: { key: 'first\nsecond' } }),
      says: 'Invalid value: "first\\nsecond"',
      want: 'Invalid value: "<hidden>"',
    },
    {
      name: 'values within values',
      reason: 'a value of the wrong type is a secret too',
      given: secret({ stringData: { key: [{ deep: 'hunter2!' }], other: 12345678 } }),
      says: 'got [{"deep":"hunter2!"}], 12345678',
      want: 'got [{"deep":"<hidden>"}], <hidden>',
    },
    {
      name: 'a value that begins as another',
      reason: 'the end of the longer one must not stay',
      given: secret({ data: { a: 'abcd', b: 'abcdefgh' } }),
      says: 'abcdefgh and abcd',
      want: '<hidden> and <hidden>',
    },
    {
      name: 'no other kind',
      reason: 'what is wrong with a Deployment must be said',
      given: { ...secret({ data: { a: 'words' } }), kind: 'ConfigMap' },
      says: 'in other words',
      want: 'in other words',
    },
    {
      name: 'nothing of a Secret without values',
      reason: 'there may be none, of any type',
      given: secret({ data: null, stringData: 'text' }),
      says: 'it is immutable',
      want: 'it is immutable',
    },
  ];
  for (const { name, reason, given, says, want } of cases) {
    it(`hides ${name}`, () => expect(hideValues(says, given), reason).to.equal(want));
  }
});
