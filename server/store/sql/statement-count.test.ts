import { expect } from 'chai';
import { Client } from 'pg';
import { testDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import {
  change,
  create,
  gadget,
  part,
  remove,
  suiteKinds,
  until,
  widget,
} from '../suite/suite-kinds.js';
import { SqlObjectStore } from './sql-object-store.js';

describe('statements and commits of the SQL store', function () {
  this.timeout(30_000);
  let database: TestDatabase;
  let store: SqlObjectStore;
  let probe: Client;
  let sent: string[];

  beforeEach(async () => {
    database = await testDatabase();
    store = new SqlObjectStore({
      connectionString: database.url,
      kinds: suiteKinds,
      observe: ({ name }) => void sent.push(name.replace(/_objects_.*/, '')),
    });
    sent = [];
    await store.start(new AbortController().signal);
    probe = new Client({ connectionString: database.url });
    await probe.connect();
    sent = [];
  });
  afterEach(async () => {
    await store.stop();
    await probe.end();
    await database.drop();
  });

  /** Transactions that wrote anything: only those are given a number. */
  const writingTransactions = async (): Promise<number> => {
    const { rows } = await probe.query<{ next: string }>(
      'SELECT pg_snapshot_xmax(pg_current_snapshot())::text AS next',
    );
    return Number(rows[0]?.next);
  };

  it('takes one statement and one commit for each single write', async () => {
    const made = await create(store, widget, 'w', { spec: { colour: 'red' } });
    const changed = await change(store, widget, made, (object) => (object.status = { a: 1 }));
    await remove(store, widget, changed);
    expect(sent).to.deep.equal(['create', 'update', 'delete']);

    // The server may begin a transaction of its own in between, rarely.
    await until('a write of one transaction', async () => {
      const before = await writingTransactions();
      await create(store, widget, `w-${before}`);
      return (await writingTransactions()) - before === 1;
    });
  });

  it('locks first only where another object can block a deletion', async () => {
    for (const kind of [gadget, widget]) {
      const { uid, resourceVersion } = await create(store, kind, 'w');
      const expectedResourceVersion = resourceVersion;
      await store.write({
        type: 'delete',
        kind,
        uid,
        expectedResourceVersion,
        unlessReferenced: true,
      });
    }
    expect(sent).to.deep.equal(['create', 'lock_counter', 'delete', 'create', 'delete']);
  });

  it('takes fewer commits than writes when 16 write at once', async () => {
    await Promise.all(
      Array.from({ length: 16 }, async (_, caller) => {
        for (let i = 0; i < 5; i++) await create(store, widget, `w-${caller}-${i}`);
      }),
    );
    expect(sent.length).to.be.lessThan(40);
    expect(await store.currentVersion()).to.equal(80);
  });

  it('takes one statement each for claiming and completing many', async () => {
    await Promise.all(Array.from({ length: 16 }, (_, i) => create(store, widget, `w-${i}`)));
    sent = [];
    const claims = await store.claim(widget, { worker: 'a', leaseMs: 60_000, limit: 100 });
    await store.complete(
      claims.map(({ object, fence, failures }) => ({
        kind: widget,
        uid: object.uid,
        worker: 'a',
        fence,
        failures,
      })),
    );
    expect(sent).to.deep.equal(['claim_due', 'hand_back']);
  });

  it('writes nothing while it sweeps with nothing due', async () => {
    const made = await create(store, widget, 'w');
    await store.claim(widget, { worker: 'a', leaseMs: 60_000, limit: 100 });
    await until('a round of sweeps without a transaction', async () => {
      const before = await writingTransactions();
      for (let i = 0; i < 5; i++) {
        await store.claim(widget, { worker: 'b', leaseMs: 60_000, limit: 100 });
        await store.claim(widget, { worker: 'b', leaseMs: 60_000, limit: 9, uids: [made.uid] });
      }
      return (await writingTransactions()) === before;
    });
  });

  it('tells of own commits without asking, and asks for others only while somebody listens', async () => {
    let told = 0;
    const end = store.onCommit(() => (told += 1));
    await Promise.all([create(store, widget, 'a'), create(store, widget, 'b')]);
    await until('the notice', async () => told > 0);
    expect(told).to.equal(1);
    expect(sent).to.deep.equal(['create']);
    await until('a poll', async () => sent.some((name) => name.startsWith('current_version')));
    end();
    await store.currentVersion();
    const polls = sent.length;
    const later = Date.now() + 1_300;
    await until('the time of another poll', async () => Date.now() > later);
    expect(sent.length - polls).to.be.lessThan(2);
  });

  it('fills a new column of 1,100 objects that are there', async () => {
    const grown = { ...part, indexed: [{ path: 'spec.colour', type: 'string' } as const] };
    await Promise.all(
      Array.from({ length: 1_100 }, (_, i) =>
        create(store, part, `p-${i}`, { spec: { colour: i % 11 === 0 ? 'red' : 'blue' } }),
      ),
    );
    await store.addKind(grown);
    const fields = [{ path: 'spec.colour', operator: '=', value: 'red' } as const];
    expect((await store.list(grown, { fields })).items).to.have.length(100);
    expect(await store.currentVersion()).to.equal(1_100);
  });

  it('makes the tables of a kind only once', async () => {
    const again = new SqlObjectStore({
      connectionString: database.url,
      kinds: suiteKinds,
      observe: ({ name, text }) => void sent.push(name === '' ? text : name),
    });
    sent = [];
    await again.start(new AbortController().signal);
    await again.stop();
    expect(sent.filter((text) => /create|alter|insert|update|delete/i.test(text))).to.deep.equal(
      [],
    );
  });
});
