import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { namespaceKind } from '../../sdk/api/zz_generated.kinds.js';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

const fleetKind: KindDefinition = {
  group: 'example.com',
  version: 'v1',
  kind: 'Fleet',
  plural: 'fleets',
  singular: 'fleet',
  listKind: 'FleetList',
  shortNames: [],
  categories: [],
  namespaced: true,
  status: true,
  scale: {
    specReplicasPath: '.spec.replicas',
    statusReplicasPath: '.status.replicas',
    labelSelectorPath: '.status.selector',
  },
  printerColumns: [],
  references: [],
  indexed: [{ path: 'spec.color', type: 'string' }],
  immutable: [],
  sensitive: [],
  schema: {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        properties: {
          replicas: { type: 'integer', minimum: 0, maximum: 9 },
          color: { type: 'string' },
        },
      },
      status: {
        type: 'object',
        properties: { replicas: { type: 'integer' }, selector: { type: 'string' } },
      },
    },
  },
};

const FLEETS = '/apis/example.com/v1/namespaces/default/fleets';
const SCALE = `${FLEETS}/f/scale`;
const MERGE = 'application/merge-patch+json';

/** A kind that nobody generated, with the scale subresource and a field to select by. */
describe('scale subresource and indexed fields', () => {
  let world: ApiWorld;

  before(async () => {
    world = await startApiWorld({ kinds: [namespaceKind, fleetKind] });
    await world.call('POST', FLEETS, {
      body: { metadata: { name: 'f' }, spec: { replicas: 2, color: 'red' } },
    });
    await world.call('POST', FLEETS, {
      body: { metadata: { name: 'g' }, spec: { color: 'blue' } },
    });
    const status = { status: { replicas: 1, selector: 'a=b' } };
    await world.call('PATCH', `${FLEETS}/f/status`, { body: status, type: MERGE });
  });
  after(() => world.stop());

  it('reads and changes the replicas, and nothing else', async () => {
    const { body: scale } = await world.call('GET', SCALE);
    expect(scale).to.deep.include({
      kind: 'Scale',
      apiVersion: 'autoscaling/v1',
      spec: { replicas: 2 },
      status: { replicas: 1, selector: 'a=b' },
    });
    await world.call('PUT', SCALE, { body: { ...scale, spec: { replicas: 3 } } });
    const patched = await world.call('PATCH', SCALE, {
      body: { spec: { replicas: 4 } },
      type: MERGE,
    });
    expect(patched.body.spec.replicas).to.equal(4);
    const { body: fleet } = await world.call('GET', `${FLEETS}/f`);
    expect(fleet.spec).to.deep.equal({ replicas: 4, color: 'red' });
    expect(fleet.metadata.generation).to.equal(3);
    const stale = await world.call('PUT', SCALE, { body: { ...scale, spec: { replicas: 1 } } });
    expect(stale.body).to.include({ code: 409 });
  });

  it("takes a strategic patch that names the object's own kind, as Ansible sends it", async () => {
    const { status, body } = await world.call('PATCH', SCALE, {
      body: { kind: 'Fleet', metadata: { name: 'f' }, spec: { replicas: 5 } },
      type: 'application/strategic-merge-patch+json',
    });
    expect([status, body.kind, body.spec.replicas]).to.deep.equal([200, 'Scale', 5]);
    const { status: refused } = await world.call('PATCH', SCALE, {
      body: { kind: 'Fleet', spec: { replicas: 6 } },
      type: MERGE,
    });
    expect(refused).to.equal(400);
  });

  it('refuses numbers that make no sense, by its own rule and by the schema', async () => {
    for (const replicas of [-1, 1.5, 'x', 10]) {
      const { status } = await world.call('PATCH', SCALE, {
        body: { spec: { replicas } },
        type: MERGE,
      });
      expect(status, String(replicas)).to.equal(422);
    }
  });

  it('is not there for kinds without it', async () => {
    expect((await world.call('GET', '/api/v1/namespaces/default/scale')).status).to.equal(404);
  });

  it('selects by an indexed field', async () => {
    const { body } = await world.call('GET', `${FLEETS}?fieldSelector=spec.color%3Dblue`);
    expect(
      body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ).to.deep.equal(['g']);
  });
});
