import { Client } from 'pg';
import { testDatabase, type TestDatabase } from '../../../test/support/postgres.js';
import { describeObjectStore } from '../object-store-suite.js';
import { suiteKinds } from '../suite/suite-kinds.js';
import { SqlObjectStore } from './sql-object-store.js';

describe('SqlObjectStore', () => {
  let database: TestDatabase | undefined;
  after(() => database?.drop());

  // One database for the whole suite, emptied after each test: five times as fast as a new one.
  describeObjectStore('sql', async () => {
    database ??= await testDatabase();
    const { url } = database;
    const open = (): SqlObjectStore =>
      new SqlObjectStore({ connectionString: url, kinds: suiteKinds, pollMs: 50 });
    const [store, second] = [open(), open()];
    const { signal } = new AbortController();
    await Promise.all([store.start(signal), second.start(signal)]);
    return {
      store,
      second,
      close: async () => {
        await Promise.all([store.stop(), second.stop()]);
        await empty(url);
      },
    };
  });
});

async function empty(url: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'
     AND (table_name LIKE 'objects_%' OR table_name IN ('revisions', 'owner_references', 'cursors', 'journal', 'attempts'))`,
  );
  const deletes = rows.map(({ name }) => `DELETE FROM "${name}"`);
  await client.query(
    [...deletes, 'UPDATE revision_counter SET value = 0, compacted = 0'].join(';\n'),
  );
  await client.end();
}
