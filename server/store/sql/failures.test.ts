import { expect } from 'chai';
import { Client } from 'pg';
import { testDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { create, part, reasonOf, suiteKinds, widget } from '../suite/suite-kinds.js';
import { SqlObjectStore } from './sql-object-store.js';

/** Failures made by the server itself, by triggers on the log: before the write, or at its commit. */
describe('failures of the database under the SQL store', function () {
  this.timeout(30_000);
  let database: TestDatabase;
  let store: SqlObjectStore;
  let admin: Client;
  let sent: string[];

  beforeEach(async () => {
    database = await testDatabase();
    store = new SqlObjectStore({
      connectionString: database.url,
      kinds: suiteKinds,
      observe: ({ name }) => void sent.push(name),
    });
    sent = [];
    await store.start(new AbortController().signal);
    admin = new Client({ connectionString: database.url });
    await admin.connect();
    await admin.query('CREATE SEQUENCE injected_failures');
    sent = [];
  });
  afterEach(async () => {
    await store.stop();
    await admin.end();
    await database.drop();
  });

  /** The first `times` inserts into the log run `action` instead. Sequences survive a rollback. */
  const failing = async (when: 'before' | 'at commit', times: number, action: string) => {
    await admin.query(`
      CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('injected_failures') <= ${times} THEN ${action} END IF;
        RETURN NEW;
      END $$;
      ${
        when === 'before'
          ? 'CREATE TRIGGER fail BEFORE INSERT ON revisions FOR EACH ROW EXECUTE FUNCTION fail()'
          : `CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON revisions
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fail()`
      }`);
  };
  const raise = (code: string): string => `RAISE EXCEPTION 'injected' USING ERRCODE = '${code}';`;

  for (const when of ['before', 'at commit'] as const) {
    for (const code of ['40001', '40P01']) {
      it(`repeats a write after ${code} ${when}, and it happens once`, async () => {
        await failing(when, 3, raise(code));
        const made = await create(store, widget, 'w');
        expect(made.resourceVersion).to.equal(1);
        expect(sent).to.have.length(4);
        expect(await store.revisionsAfter(0, 10)).to.have.length(1);
        expect(await store.get(widget, 'default', 'w')).to.deep.equal(made);
      });
    }
  }

  it('gives up as ServiceUnavailable within seconds when every attempt fails', async () => {
    await failing('before', 1_000_000, raise('40001'));
    const began = Date.now();
    expect(await reasonOf(create(store, widget, 'w'))).to.equal('ServiceUnavailable');
    expect(Date.now() - began).to.be.lessThan(5_000);
    expect(await store.currentVersion()).to.equal(0);
  });

  it('does not repeat a write whose connection was lost', async () => {
    await failing('at commit', 1, 'PERFORM pg_terminate_backend(pg_backend_pid());');
    expect(await reasonOf(create(store, widget, 'w'))).to.equal('ServiceUnavailable');
    expect(sent).to.have.length(1);
    expect((await create(store, widget, 'w')).resourceVersion).to.equal(1);
  });

  it('repeats a read whose connection was lost', async () => {
    const made = await create(store, widget, 'w');
    const { rowCount } = await admin.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    expect(rowCount).to.be.greaterThan(0);
    expect(await store.get(widget, 'default', 'w')).to.deep.equal(made);
  });

  it('says so when the disk is full', async () => {
    await failing('before', 1, raise('53100'));
    const error = await create(store, widget, 'w').catch((reason: unknown) => reason);
    expect(error).to.include({ reason: 'ServiceUnavailable' });
    expect((error as Error).message).to.match(/disk of the database is full/);
    expect(await create(store, widget, 'w')).to.include({ resourceVersion: 1 });
  });

  it('fails only the guilty one of a batch', async () => {
    await admin.query("ALTER TABLE objects_parts ADD CONSTRAINT no_evil CHECK (name <> 'evil')");
    const results = await Promise.allSettled(
      ['a', 'evil', 'b'].map((name) => create(store, part, name)),
    );
    expect(results.map(({ status }) => status)).to.deep.equal([
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(await store.currentVersion()).to.equal(2);
  });

  it('answers ServiceUnavailable once stopped', async () => {
    const writing = create(store, widget, 'w');
    await store.stop();
    expect((await writing).resourceVersion).to.equal(1);
    expect(await reasonOf(store.get(widget, 'default', 'w'))).to.equal('ServiceUnavailable');
    await store.stop();
  });
});
