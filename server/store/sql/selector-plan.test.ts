import { expect } from 'chai';
import { Client } from 'pg';
import { testDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { gadget, part, picker, suiteKinds } from '../suite/suite-kinds.js';
import { columnOf, kindTable } from './kind-table.js';
import { selectorStatement } from './selector-statement.js';
import { SqlObjectStore } from './sql-object-store.js';

describe('plan of a search for selectors', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let client: Client;
  const table = kindTable(picker);

  before(async () => {
    database = await testDatabase();
    const store = new SqlObjectStore({ connectionString: database.url, kinds: suiteKinds });
    await store.start(new AbortController().signal);
    await store.stop();
    client = new Client({ connectionString: database.url });
    await client.connect();
    const anchors = ['spec.gadgets', 'spec.parts'].map((path) => `"${columnOf(table, path).name}"`);
    await client.query(
      `INSERT INTO ${table.quotedName}
        (uid, namespace, name, resource_version, generation, metadata, spec, rest, labels, ${anchors.join(', ')})
       SELECT 'u' || n, 'default', 'n' || n, n, 1, '{}', '{}', '"a":1', '{}', 'app=' || n, 'app=' || n
       FROM generate_series(1, 20000) AS n`,
    );
    await client.query(`ANALYZE ${table.quotedName}`);
    await client.query('SET plan_cache_mode = force_generic_plan');
  });
  after(async () => {
    await client.end();
    await database.drop();
  });

  for (const target of [gadget, part]) {
    it(`reads no ${picker.plural} that select other ${target.plural}`, async () => {
      const found = selectorStatement(target, [table], true);
      await client.query('DEALLOCATE ALL');
      await client.query(`PREPARE selectors AS ${found?.text}`);
      const { rows } = await client.query<{ 'QUERY PLAN': string }>(
        `EXPLAIN (ANALYZE, TIMING OFF) EXECUTE selectors('{*,app,app=7,tier,tier=x}', 'default')`,
      );
      const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
      expect(plan)
        .to.match(/Index/)
        .and.not.match(/Seq Scan/);
      expect(plan).to.match(/actual rows=1[ .]/);
      expect(plan).not.to.match(/Rows Removed/);
    });
  }
});
