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

  it('keeps the version of the first page on all pages', async () => {
    const first = await list('limit=2');
    await create('e');
    await world.call('DELETE', `${MAPS}/c`);
    const second = await list(`limit=2&continue=${first.body.metadata.continue}`);
    expect(names(second)).to.deep.equal(['d', 'e']);
    expect(second.body.metadata.resourceVersion).to.equal(first.body.metadata.resourceVersion);
    const third = await list('limit=2');
    expect(Number(third.body.metadata.resourceVersion)).to.equal(
      Number(first.body.metadata.resourceVersion) + 2,
    );
  });

  it('says Expired for a token that is older than the log', async () => {
    const { body } = await list('limit=2');
    await create('e');
    await world.store.compact(await world.store.currentVersion());
    const answer = await list(`limit=2&continue=${body.metadata.continue}`);
    expect([answer.status, answer.body.reason]).to.deep.equal([410, 'Expired']);
    expect(answer.body.message).to.include('continue parameter is too old');
  });

  it('serves an exact version while no object of the kind has changed since', async () => {
    const version = Number((await list('')).body.metadata.resourceVersion);
    const exact = `resourceVersion=${version}&resourceVersionMatch=Exact`;
    await create('other-kind', SECRETS);
    const same = await list(exact);
    expect(names(same)).to.deep.equal(['a', 'b', 'c', 'd']);
    expect(same.body.metadata.resourceVersion).to.equal(String(version));
    await create('e');
    const gone = await list(exact);
    expect([gone.status, gone.body.reason]).to.deep.equal([410, 'Expired']);
  });

  it('serves what is not older', async () => {
    const { body } = await list('');
    await create('e');
    const version = body.metadata.resourceVersion;
    for (const match of ['', '&resourceVersionMatch=NotOlderThan']) {
      expect(names(await list(`resourceVersion=${version}${match}`))).to.include('e');
    }
    const future = await list(`resourceVersion=${Number(version) + 100}`);
    expect(future.status).to.equal(504);
    expect(future.body.details.causes[0].reason).to.equal('ResourceVersionTooLarge');
  });

  const refused: { name: string; query: string; want: number }[] = [
    { name: 'a match without version', query: 'resourceVersionMatch=Exact', want: 422 },
    { name: 'exactly any', query: 'resourceVersion=0&resourceVersionMatch=Exact', want: 422 },
    { name: 'an unknown match', query: 'resourceVersion=1&resourceVersionMatch=Newer', want: 422 },
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
