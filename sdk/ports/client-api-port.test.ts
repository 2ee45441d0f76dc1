import { expect } from 'chai';
import { ApiError } from '../api/errors.js';
import type { ObjectClient } from './client-api-port.js';
import { createClientApi } from './client-api-port.js';

describe('delete through the API port', () => {
  const conflict = new ApiError('Conflict', 'blocked, or another object');
  const cases: {
    name: string;
    reason: string;
    given: { error?: ApiError; present?: string; uid?: string };
    want: string;
  }[] = [
    { name: 'accepted', reason: 'the server took it', given: { uid: 'mine' }, want: 'ok' },
    {
      name: 'not found',
      reason: 'gone already is what was asked for',
      given: { error: new ApiError('NotFound', 'gone') },
      want: 'ok',
    },
    {
      name: "a conflict, the name is another object's",
      reason: 'ours is gone',
      given: { error: conflict, uid: 'mine', present: 'other' },
      want: 'ok',
    },
    {
      name: 'a conflict, ours is still there',
      reason: 'something blocks it, which must be told',
      given: { error: conflict, uid: 'mine', present: 'mine' },
      want: conflict.message,
    },
    {
      name: 'forbidden',
      reason: 'no error is hidden',
      given: { error: new ApiError('Forbidden', 'not yours'), uid: 'mine' },
      want: 'not yours',
    },
  ];
  for (const { name, reason, given, want } of cases) {
    it(`${name}: ${reason}`, async () => {
      const client = {
        delete: async () => {
          if (given.error !== undefined) throw given.error;
        },
        find: async () =>
          given.present === undefined ? undefined : { metadata: { uid: given.present } },
      } as unknown as ObjectClient;
      const port = createClientApi(client, 'threeport-test')();
      const metadata = { name: 'n', ...(given.uid !== undefined && { uid: given.uid }) };
      const outcome = await port.delete('secrets', { metadata }).then(
        () => 'ok',
        (error: Error) => error.message,
      );
      expect(outcome).to.equal(want);
    });
  }
});
