import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTokenAuthenticator, readTokensFile } from './token-authenticator.js';

describe('createTokenAuthenticator', () => {
  const authenticator = createTokenAuthenticator([
    { token: 'token-of-anna-123', user: 'anna', groups: ['admins'] },
    { token: 'token-of-bert-123', user: 'bert', groups: [] },
  ]);
  const cases = [
    { name: 'first', given: 'Bearer token-of-anna-123', want: 'anna' },
    { name: 'second', given: 'bearer token-of-bert-123', want: 'bert' },
    { name: 'wrong', given: 'Bearer token-of-anna-124', want: undefined },
    { name: 'part', given: 'Bearer token-of-anna', want: undefined },
    { name: 'basic', given: 'Basic token-of-anna-123', want: undefined },
    { name: 'nothing', given: undefined, want: undefined },
  ];
  for (const { name, given, want } of cases) {
    it(name, () => {
      const user = authenticator.authenticate(given === undefined ? {} : { authorization: given });
      expect(user?.name).to.equal(want);
    });
  }

  it('puts everybody in system:authenticated', () => {
    const user = authenticator.authenticate({ authorization: 'Bearer token-of-anna-123' });
    expect(user?.groups).to.deep.equal(['admins', 'system:authenticated']);
  });
});

describe('readTokensFile', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'threeport-tokens-'));
  });
  after(() => rm(dir, { recursive: true }));

  const cases = [
    { name: 'no JSON', given: '[secret-token', want: /is not JSON/ },
    { name: 'no list', given: '{}', want: /want an array/ },
    {
      name: 'short token',
      given: '[{"token":"secret","user":"a","groups":[]}]',
      want: /entry 0: token must be/,
    },
    {
      name: 'no user',
      given: '[{"token":"secret-token-long-enough","groups":[]}]',
      want: /entry 0: user/,
    },
    {
      name: 'no groups',
      given: '[{"token":"secret-token-long-enough","user":"a"}]',
      want: /entry 0: groups/,
    },
  ];
  for (const { name, given, want } of cases) {
    it(`says what is wrong, not the token: ${name}`, async () => {
      const path = join(dir, 'tokens.json');
      await writeFile(path, given);
      const error = await readTokensFile(path).catch((caught: unknown) => caught as Error);
      expect(error).to.be.instanceOf(Error);
      expect((error as Error).message)
        .to.match(want)
        .and.not.include('secret');
    });
  }
});
