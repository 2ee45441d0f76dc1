import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import type { ListOptions, ObjectWrite } from '../../server/store/object-store.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import type { ApiAnswer, ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';
import type { TestDatabase } from '../support/postgres.js';
import { testDatabase } from '../support/postgres.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const WORKLOADS = '/apis/workload.threeport.io/v1alpha1/namespaces/default/workloads';

/** A store whose lists wait, and which lets a test act just before a create is committed. */
class GatedStore extends MemoryObjectStore {
  gate: Promise<void> | undefined;
  waiting = 0;
  beforeCreate: ((name: string) => Promise<void>) | undefined;

  override async list(kind: KindDefinition, options: ListOptions) {
    this.waiting += 1;
    await this.gate;
    this.waiting -= 1;
    return super.list(kind, options);
  }

  override async write(write: ObjectWrite) {
    if (write.type === 'create') await this.beforeCreate?.(write.object.metadata.name);
    return super.write(write);
  }
}

describe('limits of the API', () => {
  describe('requests at once', () => {
    it('sends those away that are too many, watches and health checks aside', async () => {
      const store = new GatedStore({ kinds });
      const world = await startApiWorld({ store, limits: { maxInFlight: 3 } });
      try {
        const watches = [1, 2, 3, 4].map(() => world.watch(`${MAPS}?watch=1&resourceVersion=1`));
        let open = (): void => undefined;
        store.gate = new Promise((resolve) => (open = resolve));
        const lists = [1, 2, 3].map(() => world.call('GET', MAPS));
        await eventually('three lists wait', async () => store.waiting >= 3);
        const refused = await world.call('GET', MAPS);
        expect([refused.status, refused.body.reason]).to.deep.equal([429, 'TooManyRequests']);
        expect(refused.headers['retry-after']).to.equal('1');
        expect((await world.call('GET', '/livez', { as: '' })).status).to.equal(200);
        open();
        for (const answer of await Promise.all(lists)) expect(answer.status).to.equal(200);
        expect((await world.call('GET', MAPS)).status).to.equal(200);
        for (const watch of watches) expect(watch.isOver).to.equal(false);
      } finally {
        await world.stop();
      }
    });
  });

  describe('hostile bodies', () => {
    let world: ApiWorld;

    before(async () => (world = await startApiWorld()));
    after(() => world.stop());

    const fields = (count: number, field: (index: number) => string): string =>
      `{${Array.from({ length: count }, (_, index) => field(index)).join()}}`;
    const cases: { name: string; body: string; type?: string; want: number }[] = [
      { name: 'nested without end', body: '{"a":'.repeat(500_000), want: 400 },
      { name: 'a million items', body: `{"a":[${'0,'.repeat(1_000_000)}0]}`, want: 400 },
      {
        name: 'many unknown fields',
        body: fields(55_000, (index) => `"unknwn${index}":1`),
        want: 422,
      },
      {
        name: 'many bad labels',
        body: `{"metadata":{"name":"a","labels":${fields(30_000, (index) => `"k${index}!":"v"`)}}}`,
        want: 422,
      },
      { name: 'long YAML', body: 'a: b\n'.repeat(300_000), type: 'application/yaml', want: 413 },
      { name: 'too long', body: `"${'x'.repeat(4_000_000)}"`, want: 413 },
    ];
    for (const { name, body, type, want } of cases) {
      it(`refuses ${name} with a short answer and little work`, async () => {
        const before = process.cpuUsage();
        const answer = await world
          .call('POST', MAPS, {
            body,
            ...(type !== undefined && { type }),
          })
          .catch((error: NodeJS.ErrnoException) => error);
        const { user, system } = process.cpuUsage(before);
        // Far above what it takes, far below what one such body once took (several seconds).
        expect((user + system) / 1_000).to.be.lessThan(2_000);
        // The connection may end while the client is still sending what nobody reads.
        if (answer instanceof Error)
          expect(answer)
            .to.have.property('code')
            .that.matches(/EPIPE|ECONNRESET/);
        else {
          expect(answer.status).to.equal(want);
          expect(JSON.stringify(answer.body).length).to.be.lessThan(64_000);
        }
      });
    }
  });

  describe('a watcher that reads slowly', () => {
    it('gets everything, and leaves no listeners behind', async () => {
      const world = await startApiWorld();
      const warnings: Error[] = [];
      const note = (warning: Error): void => void warnings.push(warning);
      process.on('warning', note);
      try {
        const data = { text: 'x'.repeat(50_000) };
        for (let index = 0; index < 150; index++) {
          await world.call('POST', MAPS, { body: { metadata: { name: `map-${index}` }, data } });
        }
        const watch = world.watch(`${MAPS}?watch=1`);
        await eventually('all are there', async () => watch.events.length === 150, 20_000);
        expect(warnings).to.deep.equal([]);
      } finally {
        process.off('warning', note);
        await world.stop();
      }
    });
  });

  describe('creates while the namespace ends', () => {
    it('leave nothing behind', async () => {
      const store = new GatedStore({ kinds });
      const world = await startApiWorld({ store });
      try {
        await world.call('POST', '/api/v1/namespaces', { body: { metadata: { name: 'ending' } } });
        store.beforeCreate = async (name) => {
          if (name !== 'late') return;
          store.beforeCreate = undefined;
          // The check found the namespace alive; now it ends before the object is committed.
          await world.call('DELETE', '/api/v1/namespaces/ending');
          await eventually('the namespace is gone', async () => {
            const answer = await world.call('GET', '/api/v1/namespaces/ending');
            return answer.status === 404;
          });
        };
        const path = '/api/v1/namespaces/ending/configmaps';
        const late = await world.call('POST', path, { body: { metadata: { name: 'late' } } });
        expect(late.status).to.equal(201);
        await eventually('the object is gone', async () => {
          const answer = await world.call('GET', `${path}/late`);
          return answer.status === 404;
        });
      } finally {
        await world.stop();
      }
    });
  });

  describe('text that no database takes', function () {
    this.timeout(60_000);
    let database: TestDatabase;
    let world: ApiWorld;

    before(async () => {
      database = await testDatabase();
      const store = new SqlObjectStore({ connectionString: database.url, kinds });
      world = await startApiWorld({ store });
    });
    after(async () => {
      await world?.stop();
      await database?.drop();
    });

    const nul = String.raw`\u0000`;
    const half = String.raw`\ud800`;
    const cases: {
      name: string;
      method?: string;
      path: string;
      body?: string;
      type?: string;
      want: number;
    }[] = [
      ...[nul, half].flatMap((bad) => [
        {
          name: `${bad} in a value`,
          path: MAPS,
          body: `{"metadata":{"name":"a"},"data":{"k":"x${bad}"}}`,
          want: 422,
        },
        {
          name: `${bad} in a key`,
          path: MAPS,
          body: `{"metadata":{"name":"a"},"data":{"k${bad}":"x"}}`,
          want: 422,
        },
        {
          name: `${bad} in a label`,
          path: MAPS,
          body: `{"metadata":{"name":"a","labels":{"a":"x${bad}"}}}`,
          want: 422,
        },
        {
          name: `${bad} in a name`,
          path: MAPS,
          body: `{"metadata":{"name":"a${bad}"}}`,
          want: 422,
        },
        {
          name: `${bad} in the uid of an owner`,
          path: MAPS,
          body: `{"metadata":{"name":"a","ownerReferences":[{"apiVersion":"v1","kind":"Pod","name":"p","uid":"u${bad}"}]}}`,
          want: 422,
        },
        {
          name: `${bad} in an indexed field`,
          path: WORKLOADS,
          body: `{"metadata":{"name":"a"},"spec":{"runtime":"x${bad}","yaml":"# x"}}`,
          want: 422,
        },
        {
          name: `${bad} in YAML`,
          path: MAPS,
          body: `metadata: {name: a}\ndata: {k: "x${bad}"}\n`,
          type: 'application/yaml',
          want: 422,
        },
      ]),
      { name: 'NUL in the path', method: 'GET', path: `${MAPS}/a%00b`, want: 400 },
      {
        name: 'NUL in the namespace',
        method: 'GET',
        path: '/api/v1/namespaces/a%00b/configmaps',
        want: 400,
      },
      {
        name: 'NUL in a field selector',
        method: 'GET',
        path: `${MAPS}?fieldSelector=metadata.name%3Da%00`,
        want: 400,
      },
      {
        name: 'NUL in a label selector',
        method: 'GET',
        path: `${MAPS}?labelSelector=a%3Db%00`,
        want: 400,
      },
      {
        name: 'NUL in a continue token',
        method: 'GET',
        path: `${MAPS}?continue=${Buffer.from('[2,1,"a\\u0000","b"]').toString('base64url')}`,
        want: 400,
      },
      {
        name: 'NUL in the field manager',
        path: `${MAPS}?fieldManager=a%00`,
        body: '{"metadata":{"name":"a"}}',
        want: 422,
      },
    ];
    for (const { name, method = 'POST', path, body, type, want } of cases) {
      it(`refuses ${name}`, async () => {
        const answer: ApiAnswer = await world.call(method, path, {
          ...(body !== undefined && { body }),
          ...(type !== undefined && { type }),
        });
        expect([answer.status, answer.body.message]).to.satisfy(
          ([status]: [number]) => status === want,
        );
      });
    }

    it('takes every other character', async () => {
      const data = { k: 'ä\u{1f600}\u0001\u2028\uffff' };
      const made = await world.call('POST', MAPS, { body: { metadata: { name: 'odd' }, data } });
      expect(made.status).to.equal(201);
      expect((await world.call('GET', `${MAPS}/odd`)).body.data).to.deep.equal(data);
    });
  });
});
