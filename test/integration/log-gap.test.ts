import { expect } from 'chai';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import type { AwayStore } from '../support/away-store.js';
import { awayStore } from '../support/away-store.js';
import { DEFINITIONS, definition, establish } from '../support/custom-resource-world.js';
import { eventually } from '../support/eventually.js';
import type { TestDatabase } from '../support/postgres.js';
import { testDatabase } from '../support/postgres.js';

const text = { type: 'string' };
const v1 = (fields: object = { colour: text }) => ({ name: 'v1', spec: { properties: fields } });
const NAMESPACES = '/api/v1/namespaces';

/** Server `b` loses sight of the log, which then begins only after what it has seen. */
describe('a server that was away for longer than the log goes back', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let away: AwayStore;
  let a: ApiWorld;
  let b: ApiWorld;

  before(async () => {
    database = await testDatabase();
    const connect = () =>
      new SqlObjectStore({ connectionString: database.url, kinds, pollMs: 100 });
    away = awayStore(connect());
    a = await startApiWorld({ store: connect(), settledAfterMs: 300 });
    b = await startApiWorld({ store: away.store, settledAfterMs: 300 });
  });
  after(async () => {
    await Promise.all([a?.stop(), b?.stop()]);
    await database?.drop();
  });

  const whileAway = async (work: () => Promise<void>): Promise<void> => {
    away.isAway = true;
    try {
      await work();
      await a.store.compact(await a.store.currentVersion());
    } finally {
      away.isAway = false;
    }
    // One more entry, which shows when it is back.
    await a.call('POST', `${NAMESPACES}/default/configmaps`, {
      body: { metadata: { generateName: 'x' } },
    });
  };
  const serves = async (world: ApiWorld, plural: string): Promise<boolean> => {
    const { body } = await world.call('GET', '/apis/example.com/v1');
    return (body.resources ?? []).some((one: { name: string }) => one.name === plural);
  };
  const isGone = (path: string): Promise<unknown> =>
    eventually(`${path} is gone`, async () => (await a.call('GET', path)).status === 404);

  it('serves the kinds that there are, as they are now', async () => {
    for (const plural of ['widgets', 'gadgets']) await establish(a, definition([v1()], { plural }));
    for (const plural of ['widgets', 'gadgets']) {
      await eventually(`${plural} are served`, () => serves(b, plural));
    }
    await whileAway(async () => {
      await a.call('DELETE', `${DEFINITIONS}/widgets.example.com`);
      await isGone(`${DEFINITIONS}/widgets.example.com`);
      await a.call('DELETE', `${DEFINITIONS}/gadgets.example.com`);
      await isGone(`${DEFINITIONS}/gadgets.example.com`);
      await establish(a, definition([v1({ shape: text })], { plural: 'gadgets' }));
      await establish(a, definition([v1()], { plural: 'sprockets' }));
    });
    await eventually('what is new is served', () => serves(b, 'sprockets'));
    await eventually('what has gone is not', async () => !(await serves(b, 'widgets')));
    const gadget = { apiVersion: 'example.com/v1', kind: 'Gadget', metadata: { name: 'one' } };
    const made = await b.call('POST', '/apis/example.com/v1/namespaces/default/gadgets', {
      body: { ...gadget, spec: { colour: 'red', shape: 'round' } },
    });
    expect(made.body.spec).to.deep.equal({ shape: 'round' });
  });

  it('does not take a namespace for alive that ended meanwhile', async () => {
    await b.call('POST', NAMESPACES, { body: { metadata: { name: 'ended' } } });
    const path = `${NAMESPACES}/ended/configmaps`;
    expect((await b.call('POST', path, { body: { metadata: { name: 'one' } } })).status).to.equal(
      201,
    );
    await whileAway(async () => {
      await a.call('DELETE', `${NAMESPACES}/ended`);
      await isGone(`${NAMESPACES}/ended`);
    });
    await eventually('it is refused', async () => {
      const late = await b.call('POST', path, { body: { metadata: { generateName: 'late-' } } });
      return late.status === 404;
    });
  });
});
