import { expect } from 'chai';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import type { ControlPlane } from '../../server/control-plane.js';
import { createControlPlane } from '../../server/control-plane.js';
import { createFieldCipher } from '../../server/crypto/field-cipher.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { eventually } from '../support/eventually.js';
import type { TestDatabase } from '../support/postgres.js';
import { testDatabase } from '../support/postgres.js';

const TOKEN = 'reconciler-token-for-tests';
const WORKLOADS = 'workloads.workload.threeport.io';
const PATH = '/apis/workload.threeport.io/v1alpha1/namespaces/default/workloads';

/** Threeport's server as a whole on a real PostgreSQL: API, notifier and worker protocol. */
describe('control plane', function () {
  this.timeout(30_000);
  let database: TestDatabase;
  let plane: ControlPlane;
  const hints: string[] = [];

  async function start(): Promise<ControlPlane> {
    const queue = new InProcessQueue();
    queue.subscribe([WORKLOADS], (keys) => hints.push(...keys.map(({ uid }) => uid)));
    const started = createControlPlane({
      registry: new KindRegistry(kinds),
      store: new SqlObjectStore({ connectionString: database.url, kinds }),
      queue,
      authenticator: createTokenAuthenticator([
        { token: TOKEN, user: 'reconciler', groups: ['threeport:reconcilers'] },
      ]),
      cipher: createFieldCipher(Buffer.alloc(32, 3)),
      logger: nopLogger,
      version: '0.0.0',
      listen: { host: '127.0.0.1', port: 0 },
    });
    await started.start(new AbortController().signal);
    return started;
  }

  before(async () => {
    database = await testDatabase();
    plane = await start();
  });

  after(async () => {
    await plane?.stop();
    await database?.drop();
  });

  async function call(method: string, path: string, body?: unknown) {
    const answer = await fetch(plane.address + path, {
      method,
      headers: { Authorization: `Bearer ${TOKEN}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: JSON.parse(await answer.text()) };
  }

  it('hints at a new object, leases it, and stores what came of it', async () => {
    const made = await call('POST', PATH, { metadata: { name: 'web' }, spec: { yaml: '# x' } });
    expect(made.status, JSON.stringify(made.body)).to.equal(201);
    const { uid } = made.body.metadata;
    await eventually('it is hinted at', () => hints.includes(uid));
    const keys = [{ resource: WORKLOADS, uid }];
    const claim = await call('POST', '/threeport/v1/claim', { worker: 'w', leaseMs: 5_000, keys });
    expect(
      claim.body.claimed.map((one: { object: { spec: unknown } }) => one.object.spec),
    ).to.deep.equal([{ yaml: '# x' }]);
    const completion = {
      ...keys[0],
      fence: claim.body.claimed[0].fence,
      failures: 0,
      status: { phase: 'Waiting' },
    };
    const complete = await call('POST', '/threeport/v1/complete', {
      worker: 'w',
      completions: [completion],
    });
    expect(complete.body.results[0].outcome).to.equal('done');
    expect((await call('GET', `${PATH}/web`)).body.status).to.deep.equal({ phase: 'Waiting' });
  });

  it('goes on after a restart with everything still there', async () => {
    const before = await call('GET', PATH);
    await plane.stop();
    plane = await start();
    const after = await call('GET', PATH);
    expect(after.body.items).to.deep.equal(before.body.items);
    expect((await call('GET', '/api/v1/namespaces')).body.items).to.have.length(3);
  });

  it('writes nothing while nothing changes', async () => {
    const version = async (): Promise<string> =>
      (await call('GET', PATH)).body.metadata.resourceVersion as string;
    const before = await version();
    await call('GET', `${PATH}?watch=1&timeoutSeconds=1`).catch(() => undefined);
    expect(await version()).to.equal(before);
  });
});
