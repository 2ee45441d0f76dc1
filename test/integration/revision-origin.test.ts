import { expect } from 'chai';
import { Client } from 'pg';
import type { KindDefinition } from '../../sdk/api/kind.js';
import {
  configMapKind,
  kinds,
  namespaceKind,
  secretKind,
} from '../../sdk/api/zz_generated.kinds.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import type { HistoryEntry } from '../../server/store/object-store.js';
import { create, objectOf } from '../../server/store/suite/suite-kinds.js';
import { startApiWorld, type ApiWorld } from '../support/api-world.js';
import { testDatabase, type TestDatabase } from '../support/postgres.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

describe('origin of a revision', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let client: Client;

  beforeEach(async () => {
    database = await testDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
  });
  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  /** Of all revisions of a name, the oldest first. */
  const historyOf = async (
    store: SqlObjectStore,
    kind: KindDefinition,
    key: { readonly namespace: string; readonly name: string },
  ): Promise<HistoryEntry[]> => {
    const live = await store.get(kind, key.namespace, key.name);
    const version =
      live?.resourceVersion ?? (await store.deletionOf(kind, key.namespace, key.name)) ?? 0;
    return (await store.history(version, 100, 1_000_000)).toReversed();
  };

  describe('of a request', () => {
    let world: ApiWorld;
    let store: SqlObjectStore;
    beforeEach(async () => {
      store = new SqlObjectStore({ connectionString: database.url, kinds });
      world = await startApiWorld({ store });
    });
    afterEach(() => world.stop());

    const ok = async (...call: Parameters<ApiWorld['call']>): Promise<void> => {
      const { status, body } = await world.call(...call);
      expect(status, JSON.stringify(body)).to.be.oneOf([200, 201]);
    };

    it('says who asked for what, from where, with what and in which trace', async () => {
      const beganMs = Date.now();
      const headers = { 'user-agent': 'kubectl/v1.35.0', traceparent: TRACEPARENT };
      await ok('POST', MAPS, { body: { metadata: { name: 'a' } }, headers });
      await ok('PUT', `${MAPS}/a`, { body: { metadata: { name: 'a' }, data: { turn: '1' } } });
      await ok('PATCH', `${MAPS}/a`, { body: { data: { turn: '2' } }, type: MERGE });
      await ok('PATCH', `${MAPS}/a?fieldManager=m&force=true`, {
        body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, data: { turn: '3' } },
        type: APPLY,
      });
      await ok('DELETE', MAPS, {
        headers: { 'impersonate-user': 'jane', 'impersonate-group': 'system:masters' },
      });
      const key = { namespace: 'default', name: 'a' };
      const entries = await historyOf(store, configMapKind, key);
      const origins = entries.map(({ origin }) => origin);
      const [created] = origins;
      expect(created).to.deep.equal({
        user: 'admin',
        verb: 'create',
        address: '127.0.0.1',
        userAgent: 'kubectl/v1.35.0',
        traceparent: TRACEPARENT,
      });
      expect(Date.parse(entries[0]?.committedAt ?? '')).to.be.within(
        beganMs - 60_000,
        Date.now() + 60_000,
      );
      expect(origins.map((origin) => origin?.verb)).to.deep.equal([
        'create',
        'update',
        'patch',
        'apply',
        'deletecollection',
      ]);
      expect(origins.at(-1)).to.deep.include({ user: 'jane', impersonatedBy: 'admin' });
    });

    it('names the part where the server itself wrote', async () => {
      const key = { namespace: '', name: 'kube-system' };
      const [created] = await historyOf(store, namespaceKind, key);
      expect(created?.origin).to.deep.equal({
        user: 'system:apiserver',
        userAgent: 'namespace-lifecycle',
      });
    });

    it('is not shown by lists, reads and watches', async () => {
      const headers = { traceparent: TRACEPARENT };
      await ok('POST', MAPS, { body: { metadata: { name: 'a' } }, headers });
      const { body } = await world.call('GET', MAPS);
      const watch = world.watch(`${MAPS}?watch=1&resourceVersion=0&timeoutSeconds=1`);
      while (watch.events.length === 0) await new Promise((resolve) => setImmediate(resolve));
      expect(JSON.stringify([body, watch.events])).not.to.match(/traceparent|0af7651916/);
      watch.stop();
    });
  });

  it('is unknown for what was written before there was any, and kept from then on', async () => {
    const signal = AbortSignal.timeout(30_000);
    const first = new SqlObjectStore({ connectionString: database.url, kinds });
    await first.start(signal);
    const old = await create(first, secretKind, 'old');
    await first.stop();
    await client.query(`ALTER TABLE revisions DROP COLUMN origin;
      DROP INDEX revisions_deleted;
      DELETE FROM schema_migrations WHERE version >= 4`);

    const store = new SqlObjectStore({ connectionString: database.url, kinds });
    await store.start(signal);
    try {
      const origin = { user: 'jane' };
      const object = objectOf(secretKind, 'new');
      const made = await store.write({ type: 'create', kind: secretKind, object, origin });
      const of = async (version: number) => (await store.history(version, 1, 10_000))[0]?.origin;
      expect(await of(old.resourceVersion)).to.equal(undefined);
      expect(await of(made.resourceVersion)).to.deep.equal(origin);
    } finally {
      await store.stop();
    }
  });
});
