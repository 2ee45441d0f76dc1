import { Client } from 'pg';
import { expect } from 'chai';
import { testDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import type { StoredObject } from '../object-store.js';
import {
  change,
  create,
  gadget,
  reasonOf,
  remove,
  suiteKinds,
  until,
  widget,
} from '../suite/suite-kinds.js';
import { SqlObjectStore } from './sql-object-store.js';

/** Statements of two stores that both began, with equal snapshots, before either got the counter. */
describe('races of two SQL stores for the counter', function () {
  this.timeout(30_000);
  let database: TestDatabase;
  let stores: SqlObjectStore[];
  let admin: Client;

  beforeEach(async () => {
    database = await testDatabase();
    const open = (): SqlObjectStore =>
      new SqlObjectStore({ connectionString: database.url, kinds: suiteKinds });
    stores = [open(), open()];
    await Promise.all(stores.map((store) => store.start(new AbortController().signal)));
    admin = new Client({ connectionString: database.url });
    await admin.connect();
  });
  afterEach(async () => {
    await Promise.all(stores.map((store) => store.stop()));
    await admin.end();
    await database.drop();
  });

  /** Holds the counter until every call waits for it, then lets them go. Answers in their order. */
  const race = async (
    calls: readonly ((store: SqlObjectStore) => Promise<StoredObject>)[],
  ): Promise<string[]> => {
    await admin.query('BEGIN; SELECT value FROM revision_counter FOR UPDATE');
    const reasons: Promise<string>[] = [];
    // One after the other: they get the counter in the order in which they came.
    for (const [i, call] of calls.entries()) {
      reasons.push(reasonOf(call(stores[i] as SqlObjectStore)));
      await until(`${i + 1} to wait`, async () => {
        const { rows } = await admin.query<{ waiting: string }>(
          `SELECT count(*) AS waiting FROM pg_stat_activity
           WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return Number(rows[0]?.waiting) === i + 1;
      });
    }
    await admin.query('COMMIT');
    return Promise.all(reasons);
  };
  const versions = async (): Promise<number[]> => {
    const log = (await stores[0]?.revisionsAfter(0, 100)) ?? [];
    expect(log).to.have.length((await stores[0]?.currentVersion()) ?? 0);
    return log.map((entry) => entry.resourceVersion);
  };

  it('lets one create of a name win, and the other see it', async () => {
    const same = (store: SqlObjectStore): Promise<StoredObject> => create(store, widget, 'same');
    expect((await race([same, same])).sort()).to.deep.equal(['AlreadyExists', 'none']);
    expect(await versions()).to.deep.equal([1]);
  });

  it('lets one update of a version win', async () => {
    const made = await create(stores[0] as SqlObjectStore, widget, 'w');
    const update = (store: SqlObjectStore): Promise<StoredObject> =>
      change(store, widget, made, (object) => (object.status = { any: 'thing' }));
    expect((await race([update, update])).sort()).to.deep.equal(['Conflict', 'none']);
    expect(await versions()).to.deep.equal([1, 2]);
  });

  it('lets one of update and delete win', async () => {
    const made = await create(stores[0] as SqlObjectStore, widget, 'w');
    const reasons = await race([
      (store) => change(store, widget, made, () => undefined),
      (store) => remove(store, widget, made),
    ]);
    expect(reasons).to.have.length(2).and.include('none');
    expect(reasons.filter((reason) => reason === 'none')).to.have.length(1);
    expect(await versions()).to.deep.equal([1, 2]);
  });

  it('sees a referrer that was committed while the deletion of its target waited', async () => {
    const target = await create(stores[0] as SqlObjectStore, gadget, 'g');
    const refer = (store: SqlObjectStore): Promise<StoredObject> =>
      create(store, widget, 'w', { spec: { gadget: 'g' } });
    const end = (store: SqlObjectStore): Promise<StoredObject> =>
      store.write({
        type: 'delete',
        kind: gadget,
        uid: target.uid,
        expectedResourceVersion: target.resourceVersion,
        unlessReferenced: true,
      });
    expect(await race([refer, end])).to.deep.equal(['none', 'Conflict']);
    expect(await stores[1]?.getByUid(gadget, target.uid)).not.to.equal(undefined);
  });

  it('lets a deletion that came first pass', async () => {
    const target = await create(stores[0] as SqlObjectStore, gadget, 'g');
    const reasons = await race([
      (store) =>
        store.write({
          type: 'delete',
          kind: gadget,
          uid: target.uid,
          expectedResourceVersion: target.resourceVersion,
          unlessReferenced: true,
        }),
      (store) => create(store, widget, 'w', { spec: { gadget: 'g' } }),
    ]);
    expect(reasons).to.deep.equal(['none', 'none']);
    expect(await versions()).to.deep.equal([1, 2, 3]);
  });

  it('gives writes that do not meet consecutive versions', async () => {
    const reasons = await race([
      (store) => create(store, widget, 'a'),
      (store) => create(store, widget, 'b'),
    ]);
    expect(reasons).to.deep.equal(['none', 'none']);
    expect(await versions()).to.deep.equal([1, 2]);
  });
});
