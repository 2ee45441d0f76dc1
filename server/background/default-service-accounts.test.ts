import { expect } from 'chai';
import { serviceAccountKind } from '../../sdk/api/zz_generated.kinds.js';
import type { ApiWorld } from '../../test/support/api-world.js';
import { startApiWorld } from '../../test/support/api-world.js';
import { eventually } from '../../test/support/eventually.js';

const ACCOUNTS = '/api/v1/serviceaccounts';

describe('default service accounts', function () {
  this.timeout(20_000);
  let world: ApiWorld;
  beforeEach(async () => (world = await startApiWorld()));
  afterEach(() => world.stop());

  async function accounts(): Promise<string[]> {
    const { body } = await world.call('GET', ACCOUNTS);
    // oxlint-disable-next-line typescript/no-explicit-any -- objects of any kind
    return body.items.map(({ metadata }: any) => `${metadata.namespace}/${metadata.name}`);
  }

  const has = (account: string): Promise<boolean> =>
    eventually(`there is ${account}`, async () => (await accounts()).includes(account));

  async function createNamespace(name: string): Promise<void> {
    const made = await world.call('POST', '/api/v1/namespaces', { body: { metadata: { name } } });
    expect(made.status).to.equal(201);
  }

  it('are made in those namespaces that were there first, and in new ones', async () => {
    await has('default/default');
    await has('kube-system/default');
    await createNamespace('fresh');
    await has('fresh/default');
  });

  it('come back as new ones when they are deleted', async () => {
    await has('default/default');
    const path = '/api/v1/namespaces/default/serviceaccounts/default';
    const { uid } = (await world.call('GET', path)).body.metadata;
    expect((await world.call('DELETE', path)).status).to.equal(200);
    await eventually('there is another', async () => {
      const { status, body } = await world.call('GET', path);
      return status === 200 && body.metadata.uid !== uid;
    });
  });

  it('keep no namespace from ending, and do not come back into one that ends', async () => {
    await createNamespace('brief');
    await has('brief/default');
    await world.call('DELETE', '/api/v1/namespaces/brief');
    await eventually('it is gone', async () => {
      return (await world.call('GET', '/api/v1/namespaces/brief')).status === 404;
    });
    expect(await accounts()).not.to.include('brief/default');
  });

  it('are made for what came while no server ran', async () => {
    await has('default/default');
    const path = '/api/v1/namespaces/default/serviceaccounts/default';
    const stored = (await world.call('GET', path)).body;
    await world.server.stop();
    await world.store.write({
      type: 'delete',
      kind: serviceAccountKind,
      uid: stored.metadata.uid,
      expectedResourceVersion: Number(stored.metadata.resourceVersion),
    });
    const next = await startApiWorld({ store: world.store, keepStore: true });
    await eventually('it is there again', async () => {
      return (await next.call('GET', path)).status === 200;
    });
    await next.stop();
  });
});
