import { testDatabase } from '../../../test/support/postgres.js';
import { describeObjectStore } from '../object-store-suite.js';
import { suiteKinds } from '../suite/suite-kinds.js';
import { SqlObjectStore } from './sql-object-store.js';

describeObjectStore('sql', async () => {
  const database = await testDatabase();
  const open = (): SqlObjectStore =>
    new SqlObjectStore({ connectionString: database.url, kinds: suiteKinds, pollMs: 100 });
  const [store, second] = [open(), open()];
  const { signal } = new AbortController();
  await Promise.all([store.start(signal), second.start(signal)]);
  return {
    store,
    second,
    close: async () => {
      await Promise.all([store.stop(), second.stop()]);
      await database.drop();
    },
  };
});
