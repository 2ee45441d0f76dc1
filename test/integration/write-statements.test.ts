import { expect } from 'chai';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { startApiWorld, type ApiWorld } from '../support/api-world.js';
import { testDatabase, type TestDatabase } from '../support/postgres.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
/** More than the process remembers of the log. */
const FILL = 1_200;

describe('statements of a request', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let store: SqlObjectStore;
  let world: ApiWorld;
  let sent: string[] = [];

  before(async () => {
    database = await testDatabase();
    store = new SqlObjectStore({
      connectionString: database.url,
      kinds,
      observe: ({ name, text }) => {
        if (/configmaps|namespaces/.test(text))
          sent.push(name.replace(/_objects_(.*)_[0-9a-f]+$/, ' $1'));
      },
    });
    world = await startApiWorld({ store });
    const numbers = Array.from({ length: FILL }, (_, i) => i);
    const fill = async (): Promise<void> => {
      for (let i = numbers.pop(); i !== undefined; i = numbers.pop()) {
        await ok('POST', MAPS, { body: { metadata: { name: `fill-${i}` } } });
      }
    };
    await Promise.all(Array.from({ length: 16 }, fill));
  });
  after(async () => {
    await world.stop();
    await database.drop();
  });
  beforeEach(() => (sent = []));

  const ok = async (...call: Parameters<ApiWorld['call']>): Promise<void> => {
    const { status, body } = await world.call(...call);
    expect(status, JSON.stringify(body)).to.be.oneOf([200, 201]);
  };

  it('is one for a create, and for each change of what the process has just seen', async () => {
    await ok('POST', MAPS, { body: { metadata: { name: 'a' } } });
    await ok('PUT', `${MAPS}/a`, { body: { metadata: { name: 'a' }, data: { turn: '1' } } });
    const type = 'application/merge-patch+json';
    await ok('PATCH', `${MAPS}/a`, { body: { data: { turn: '2' } }, type });
    await ok('PATCH', `${MAPS}/a?fieldManager=m&force=true`, {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { turn: '3' } },
      type: 'application/apply-patch+yaml',
    });
    await ok('DELETE', `${MAPS}/a`);
    expect(sent).to.deep.equal([
      'create configmaps',
      'update configmaps',
      'update configmaps',
      'update configmaps',
      'delete configmaps',
    ]);
  });

  it('is one more for a change of what was written long ago', async () => {
    await ok('PUT', `${MAPS}/fill-${FILL - 1}`, { body: { data: { turn: '1' } } });
    expect(sent).to.deep.equal(['get configmaps', 'update configmaps']);
  });

  it('is one to see that an object is as it is wanted', async () => {
    await ok('POST', MAPS, { body: { metadata: { name: 'same' }, data: { turn: '1' } } });
    sent = [];
    await ok('PUT', `${MAPS}/same`, { body: { data: { turn: '1' } } });
    expect(sent).to.deep.equal(['get configmaps']);
  });
});
