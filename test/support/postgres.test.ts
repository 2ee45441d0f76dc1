import { expect } from 'chai';
import { Client } from 'pg';
import { testDatabase } from './postgres.js';
import { natsServerBinary, testNatsServer } from './nats-server.js';

describe('test support', function () {
  this.timeout(30_000);

  it('gives every caller a database of its own', async () => {
    const [one, two] = await Promise.all([testDatabase(), testDatabase()]);
    const names: unknown[] = [];
    for (const { url } of [one, two]) {
      const client = new Client({ connectionString: url });
      await client.connect();
      await client.query('CREATE TABLE t (n int)');
      names.push((await client.query('SELECT current_database() AS name')).rows[0]?.name);
      await client.end();
    }
    expect(new Set(names).size).to.equal(2);
    await Promise.all([one.drop(), two.drop()]);
  });

  it('gives a nats-server that keeps its store over a restart', async function () {
    if (natsServerBinary() === undefined) return this.skip();
    const { connect } = await import('nats');
    const server = await testNatsServer();
    try {
      const first = await connect(server.connection);
      const manager = await first.jetstreamManager();
      await manager.streams.add({ name: 's', subjects: ['a'] });
      await first.jetstream().publish('a', 'hello');
      await first.close();
      await server.stop();
      await server.start();
      const second = await connect(server.connection);
      const stream = await (await second.jetstreamManager()).streams.info('s');
      expect(stream.state.messages).to.equal(1);
      await second.close();
    } finally {
      await server.remove();
    }
  });
});
