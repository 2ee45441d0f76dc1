import { expect } from 'chai';
import type { ApiAnswer, ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';

describe('lists of a certain version', () => {
  let world: ApiWorld;

  const list = (query: string): Promise<ApiAnswer> => world.call('GET', `${MAPS}?${query}`);
  const names = ({ body }: ApiAnswer): string[] =>
    body.items.map(({ metadata }: { metadata: { name: string } }) => metadata.name);
  const create = (name: string, path = MAPS): Promise<ApiAnswer> =>
    world.call('POST', path, { body: { metadata: { name } } });

  beforeEach(async () => {
    world = await startApiWorld();
    for (const name of ['a', 'b', 'c', 'd']) await create(name);
  });
  afterEach(() => world.stop());

  it('shows on all pages what the first one began with', async () => {
    const first = await list('limit=2');
    await create('bb');
    await world.call('DELETE', `${MAPS}/c`);
    const second = await list(`limit=1&continue=${first.body.metadata.continue}`);
    expect(names(second)).to.deep.equal(['c']);
    expect(second.body.metadata.remainingItemCount).to.equal(1);
    const third = await list(`limit=5&continue=${second.body.metadata.continue}`);
    expect(names(third)).to.deep.equal(['d']);
    for (const { body } of [second, third]) {
      expect(body.metadata.resourceVersion).to.equal(first.body.metadata.resourceVersion);
    }
    const anew = await list('limit=5');
    expect(names(anew)).to.deep.equal(['a', 'b', 'bb', 'd']);
    expect(Number(anew.body.metadata.resourceVersion)).to.equal(
      Number(first.body.metadata.resourceVersion) + 2,
    );
  });

  it('goes on inconsistently, when asked to, with a list older than the log', async () => {
    const first = await list('limit=2');
    await create('e');
    await world.store.compact(await world.store.currentVersion());
    const { status, body } = await list(`limit=2&continue=${first.body.metadata.continue}`);
    expect([status, body.reason]).to.deep.equal([410, 'Expired']);
    expect(body.message).to.match(/^The provided continue parameter is too old to display/);
    const rest = await list(`limit=2&continue=${body.metadata.continue}`);
    expect(names(rest)).to.deep.equal(['c', 'd']);
    const version = String(await world.store.currentVersion());
    expect(rest.body.metadata.resourceVersion).to.equal(version);
    const last = await list(`limit=2&continue=${rest.body.metadata.continue}`);
    expect(names(last)).to.deep.equal(['e']);
    expect(last.body.metadata.resourceVersion).to.equal(version);
  });

  it('serves an exact version as it was, until the log is too short', async () => {
    const version = Number((await list('')).body.metadata.resourceVersion);
    const queries = [`resourceVersion=${version}&resourceVersionMatch=Exact`];
    // A limit without a match means the same.
    queries.push(`resourceVersion=${version}&limit=10`);
    await create('other-kind', SECRETS);
    await create('e');
    await world.call('DELETE', `${MAPS}/a`);
    for (const query of queries) {
      const was = await list(query);
      expect(names(was), query).to.deep.equal(['a', 'b', 'c', 'd']);
      expect(was.body.metadata.resourceVersion).to.equal(String(version));
    }
    await world.store.compact(version + 1);
    for (const query of queries) {
      const gone = await list(query);
      expect([gone.status, gone.body.reason]).to.deep.equal([410, 'Expired']);
      expect(gone.body.message).to.equal('The resourceVersion for the provided list is too old.');
    }
  });

  it('serves what is not older', async () => {
    const { body } = await list('');
    await create('e');
    const version = body.metadata.resourceVersion;
    for (const match of ['', '&resourceVersionMatch=NotOlderThan']) {
      expect(names(await list(`resourceVersion=${version}${match}`))).to.include('e');
    }
    const ahead = Number(version) + 100;
    const current = await world.store.currentVersion();
    for (const future of [
      await list(`resourceVersion=${ahead}`),
      await list(`resourceVersion=${ahead}&resourceVersionMatch=Exact`),
      await world.call('GET', `${MAPS}/a?resourceVersion=${ahead}`),
    ]) {
      expect(future.status).to.equal(504);
      expect(future.body).to.deep.include({
        reason: 'Timeout',
        message: `Timeout: Too large resource version: ${ahead}, current: ${current}`,
        details: {
          causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
          retryAfterSeconds: 1,
        },
      });
    }
    expect((await world.call('GET', `${MAPS}/a?resourceVersion=${current}`)).status).to.equal(200);
  });

  const refused: { name: string; query: string; want: number }[] = [
    { name: 'a match without version', query: 'resourceVersionMatch=Exact', want: 422 },
    { name: 'exactly any', query: 'resourceVersion=0&resourceVersionMatch=Exact', want: 422 },
    { name: 'an unknown match', query: 'resourceVersion=1&resourceVersionMatch=Newer', want: 422 },
    { name: 'initial events of a list', query: 'sendInitialEvents=true', want: 422 },
    { name: 'a broken token', query: 'continue=abc', want: 400 },
    {
      name: 'a token of another form',
      query: `continue=${Buffer.from('[1,"a","b"]').toString('base64url')}`,
      want: 400,
    },
  ];
  for (const { name, query, want } of refused) {
    it(`refuses ${name}`, async () => expect((await list(query)).status).to.equal(want));
  }

  const notVersions: { name: string; query: string; value: string }[] = [
    { name: 'a list of', query: 'resourceVersion=abc', value: 'abc' },
    { name: 'a list of', query: 'resourceVersion=-1', value: '-1' },
    {
      name: 'an exact list of',
      query: 'resourceVersion=1.5&resourceVersionMatch=Exact',
      value: '1.5',
    },
    { name: 'a watch from', query: 'watch=1&resourceVersion=abc', value: 'abc' },
  ];
  for (const { name, query, value } of notVersions) {
    it(`refuses ${name} version ${value}`, async () => {
      const { status, body } = await list(query);
      expect([status, body.reason]).to.deep.equal([400, 'BadRequest']);
      expect(body.message).to.match(
        new RegExp(`^resourceVersion: Invalid value: "${value}": must be a whole number`),
      );
    });
  }

  it('refuses an object of version abc', async () => {
    const answer = await world.call('GET', `${MAPS}/a?resourceVersion=abc`);
    expect(answer.status).to.equal(400);
    expect(answer.body.message).to.include('resourceVersion: Invalid value: "abc"');
  });

  it('refuses a token together with a version', async () => {
    const { body } = await list('limit=1');
    const answer = await list(`continue=${body.metadata.continue}&resourceVersion=3`);
    expect(answer.body.message).to.include('not allowed when using continue');
  });
});
