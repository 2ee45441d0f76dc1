import { expect } from 'chai';
import { Client } from 'pg';
import { testDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { gadget, suiteKinds, widget } from '../suite/suite-kinds.js';
import { kindTable } from './kind-table.js';
import { SqlObjectStore } from './sql-object-store.js';
import { claimDueStatement } from './work-statements.js';

const OBJECTS = 20_000;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Index Name'?: string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly PlanNode[];
}

describe('plan of a claim', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let client: Client;

  before(async () => {
    database = await testDatabase();
    const store = new SqlObjectStore({ connectionString: database.url, kinds: suiteKinds });
    await store.start(new AbortController().signal);
    await store.stop();
    client = new Client({ connectionString: database.url });
    await client.connect();
    for (const kind of [widget, gadget]) {
      await client.query(
        `INSERT INTO ${kindTable(kind).quotedName}
          (uid, namespace, name, resource_version, generation, metadata, spec, rest, labels)
         SELECT 'u' || n, '', 'n' || n, n, 1, '{}', repeat('x', 500), '"a":1', '{}'
         FROM generate_series(1, ${OBJECTS}) AS n`,
      );
    }
  });
  after(async () => {
    await client.end();
    await database.drop();
  });

  /** Every node of the plan that is used once a statement is prepared for good. */
  const planOf = async (kind: typeof widget, limit: number): Promise<PlanNode[]> => {
    const table = kindTable(kind);
    await client.query(`ANALYZE ${table.quotedName}`);
    await client.query('SET plan_cache_mode = force_generic_plan');
    await client.query('DEALLOCATE ALL');
    await client.query(`PREPARE claim AS ${claimDueStatement(table).text}`);
    await client.query('BEGIN');
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE claim('w', 1000, ${limit}, 0)`,
    );
    await client.query('ROLLBACK');
    const all = (node: PlanNode): PlanNode[] => [node, ...(node.Plans ?? []).flatMap(all)];
    return rows.flatMap((row) => row['QUERY PLAN'].flatMap(({ Plan }) => all(Plan)));
  };

  for (const kind of [widget, gadget]) {
    for (const { name, due } of [
      { name: 'one in a thousand is due', due: 'n % 1000 = 0' },
      { name: 'all are due', due: 'true' },
    ]) {
      it(`reads as many ${kind.plural} as it gets when ${name}`, async () => {
        await client.query(
          `UPDATE ${kindTable(kind).quotedName} AS t SET urgent = n % 3000 = 0,
             next_reconcile_at = CASE WHEN ${due} THEN now() - n * interval '1 ms'
               WHEN n % 2 = 0 THEN now() + n * interval '1 minute' END
           FROM (SELECT uid, substr(uid, 2)::int AS n FROM ${kindTable(kind).quotedName}) AS i
           WHERE t.uid = i.uid`,
        );
        const nodes = await planOf(kind, 8);
        const reads = nodes.filter((node) => node['Relation Name'] !== undefined);
        const read = reads.map((node) => node['Actual Rows'] * node['Actual Loops']);
        expect(Math.max(...read), JSON.stringify(reads)).to.be.at.most(8);
        expect(nodes.map((node) => node['Node Type'])).not.to.include('Seq Scan');
        expect(nodes.map((node) => node['Index Name'] ?? '').join()).to.contain('_due');
      });
    }
  }
});
