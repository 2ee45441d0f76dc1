import { expect } from 'chai';
import type { ApiWorld } from '../support/api-world.js';
import type { CustomResourceWorld } from '../support/custom-resource-world.js';
import {
  applyDefinition,
  conditionOf,
  DEFINITIONS,
  definition,
  establish,
  startCustomResourceWorld,
} from '../support/custom-resource-world.js';
import { eventually } from '../support/eventually.js';

const WIDGETS = '/apis/example.com/v1/namespaces/default/widgets';
const V1 = {
  name: 'v1',
  spec: {
    required: ['size'],
    properties: {
      size: { type: 'integer', minimum: 1 },
      colour: { type: 'string', default: 'red' },
    },
  },
};

function widget(name: string, spec: object, version = 'v1') {
  return { apiVersion: `example.com/${version}`, kind: 'Widget', metadata: { name }, spec };
}

describe('custom resources on two servers over one database', function () {
  this.timeout(60_000);
  let world: CustomResourceWorld;
  let a: ApiWorld;
  let b: ApiWorld;

  before(async () => {
    world = await startCustomResourceWorld(2);
    [a, b] = world.servers as [ApiWorld, ApiWorld];
  });
  after(async () => world?.stop());
  afterEach(async () => {
    const { body } = await a.call('GET', DEFINITIONS);
    for (const item of body.items) await a.call('DELETE', `${DEFINITIONS}/${item.metadata.name}`);
    await eventually('no definitions are left', async () => {
      const { body: left } = await a.call('GET', DEFINITIONS);
      return left.items.length === 0;
    });
    for (const server of world.servers) {
      await eventually('the group is gone', async () => {
        return (await server.call('GET', '/apis/example.com')).status === 404;
      });
    }
  });

  it('are served by the other server the moment that one says Established', async () => {
    const made = await establish(a, definition([V1]));
    expect(made.status.storedVersions).to.deep.equal(['v1']);
    expect(made.status.acceptedNames).to.deep.include({
      plural: 'widgets',
      singular: 'widget',
      kind: 'Widget',
      listKind: 'WidgetList',
    });
    expect(conditionOf(made, 'NamesAccepted')).to.equal('True');
    const created = await b.call('POST', WIDGETS, { body: widget('one', { size: 3 }) });
    expect(created.status, JSON.stringify(created.body)).to.equal(201);
    expect(created.body.spec).to.deep.equal({ size: 3, colour: 'red' });
    const refused = await b.call('POST', WIDGETS, { body: widget('two', { size: 0 }) });
    expect(refused.body.message).to.contain('spec.size: Invalid value: 0');
    expect((await a.call('GET', `${WIDGETS}/one`)).body.spec.size).to.equal(3);
  });

  it('appear in discovery and OpenAPI of both, and go from them', async () => {
    await establish(a, definition([V1]));
    for (const server of [a, b]) {
      await eventually('the group is discovered', async () => {
        const { body } = await server.call('GET', '/apis/example.com/v1');
        return body.resources?.some((one: { name: string }) => one.name === 'widgets');
      });
      const { body } = await server.call('GET', '/openapi/v3/apis/example.com/v1');
      expect(body.components.schemas).to.have.property('com.example.v1.Widget');
    }
  });

  it('end with their definition on every server, watches included, and can come back', async () => {
    await establish(a, definition([V1]));
    await b.call('POST', WIDGETS, { body: widget('one', { size: 3 }) });
    const watch = b.watch(`${WIDGETS}?watch=1`);
    await eventually('the watch has begun', () => watch.events.length > 0);
    await b.call('DELETE', `${DEFINITIONS}/widgets.example.com`);
    for (const server of [a, b]) {
      await eventually('the kind is gone', async () => {
        return (await server.call('GET', WIDGETS)).status === 404;
      });
    }
    await eventually('the watch is over', () => watch.isOver);
    expect(watch.events.map(({ type }) => type)).to.deep.equal(['ADDED', 'DELETED']);
    expect((await a.call('GET', `${DEFINITIONS}/widgets.example.com`)).status).to.equal(404);

    await establish(a, definition([V1]));
    expect((await b.call('GET', WIDGETS)).body.items).to.deep.equal([]);
    expect((await b.call('POST', WIDGETS, { body: widget('one', { size: 5 }) })).status).to.equal(
      201,
    );
  });

  it('keep their definition while finalizers keep them, and are created no more', async () => {
    await establish(a, definition([V1]));
    const held = { ...widget('held', { size: 1 }) };
    Object.assign(held.metadata, { finalizers: ['example.com/hold'] });
    await a.call('POST', WIDGETS, { body: held });
    await a.call('DELETE', `${DEFINITIONS}/widgets.example.com`);
    const terminating = await eventually('the definition is terminating', async () => {
      const { body } = await a.call('GET', `${DEFINITIONS}/widgets.example.com`);
      return conditionOf(body, 'Terminating') === 'True' ? (body as unknown) : undefined;
    });
    expect(JSON.stringify(terminating)).to.contain('InstanceDeletionInProgress');
    await eventually('the other server takes no more either', async () => {
      const refused = await b.call('POST', WIDGETS, { body: widget('late', { size: 1 }) });
      expect(refused.status).to.be.oneOf([201, 405]);
      return refused.status === 405;
    });
    expect((await a.call('GET', `${WIDGETS}/held`)).body.metadata).to.have.property(
      'deletionTimestamp',
    );
    await a.call('PATCH', `${WIDGETS}/held`, {
      type: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    await eventually('the definition is gone', async () => {
      return (await b.call('GET', `${DEFINITIONS}/widgets.example.com`)).status === 404;
    });
  });

  it('stay when somebody writes another status over that of their definition', async () => {
    await establish(a, definition([V1]));
    await a.call('POST', WIDGETS, { body: widget('kept', { size: 3 }) });
    const path = `${DEFINITIONS}/widgets.example.com`;
    const { body: live } = await a.call('GET', path);
    const wiped = await a.call('PUT', `${path}/status`, {
      body: { ...live, status: { storedVersions: ['v1'] } },
    });
    expect(wiped.status, JSON.stringify(wiped.body)).to.equal(200);
    const again = await eventually('the names are accepted again', async () => {
      const { body } = await b.call('GET', path);
      return conditionOf(body, 'NamesAccepted') === 'True' ? (body as unknown) : undefined;
    });
    expect(conditionOf(again, 'Established')).to.equal('True');
    for (const server of [a, b]) {
      expect((await server.call('GET', `${WIDGETS}/kept`)).status).to.equal(200);
    }
  });

  it('leave nothing behind for a definition of the same name that is another', async () => {
    const selectable = (name: string, field: string, others: object = {}) => ({
      name,
      spec: { properties: { [field]: { type: 'string' } } },
      selectableFields: [{ jsonPath: `.spec.${field}` }],
      ...others,
    });
    const cluster = '/apis/example.com/v1beta1/widgets';
    const first = definition([selectable('v1', 'colour')]);
    const second = definition([selectable('v1beta1', 'shape')], { scope: 'Cluster' });
    const isGone = async (): Promise<void> => {
      await a.call('DELETE', `${DEFINITIONS}/widgets.example.com`);
      for (const server of [a, b]) {
        await eventually('the group is gone', async () => {
          return (await server.call('GET', '/apis/example.com')).status === 404;
        });
      }
    };
    for (let round = 0; round < 2; round++) {
      await establish(a, first);
      expect((await b.call('GET', WIDGETS)).body.items, 'of the round before').to.deep.equal([]);
      const owners = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'none', uid: 'no-such' }];
      const owned = widget('owned', { colour: 'red' });
      Object.assign(owned.metadata, { ownerReferences: owners, finalizers: ['example.com/hold'] });
      expect((await b.call('POST', WIDGETS, { body: owned })).status).to.equal(201);
      await a.call('POST', WIDGETS, { body: widget('red', { colour: 'red' }) });
      await a.call('PATCH', `${WIDGETS}/owned`, {
        type: 'application/merge-patch+json',
        body: { metadata: { finalizers: null } },
      });
      await isGone();

      await establish(a, second);
      expect((await b.call('GET', cluster)).body.items).to.deep.equal([]);
      const body = { ...widget('red', { shape: 'round' }, 'v1beta1') };
      expect((await b.call('POST', cluster, { body })).status).to.equal(201);
      const selected = `${cluster}?fieldSelector=spec.shape=round`;
      expect((await a.call('GET', selected)).body.items).to.have.length(1);
      expect((await a.call('GET', WIDGETS)).status).to.equal(404);
      const { body: resources } = await b.call('GET', '/apis/example.com/v1beta1');
      expect(resources.resources[0]).to.include({ name: 'widgets', namespaced: false });
      await isGone();
      expect(await world.rowsLeft('widgets.example.com')).to.deep.equal({ objects: 0, owners: 0 });
    }
  });

  it('follow a change of the schema, defaults of stored objects included', async () => {
    await establish(a, definition([V1]));
    await a.call('POST', WIDGETS, { body: widget('old', { size: 3 }) });
    const shape = { type: 'string', default: 'round' };
    const changed = {
      name: 'v1',
      spec: { properties: { size: { type: 'integer', minimum: 5 }, shape } },
    };
    await applyDefinition(a, definition([changed]));
    for (const server of [a, b]) {
      await eventually(
        'the stored object has the new default and lost what is unknown',
        async () => {
          const { body } = await server.call('GET', `${WIDGETS}/old`);
          return JSON.stringify(body.spec) === JSON.stringify({ size: 3, shape: 'round' });
        },
      );
      const refused = await server.call('POST', WIDGETS, { body: widget('new', { size: 4 }) });
      expect(refused.status).to.equal(422);
    }
  });

  it('are there at once when a server starts', async () => {
    await establish(a, definition([V1]));
    await a.call('POST', WIDGETS, { body: widget('one', { size: 3 }) });
    const late = await world.startServer();
    expect((await late.call('GET', `${WIDGETS}/one`)).body.spec.size).to.equal(3);
  });

  describe('names', () => {
    const clash = (plural: string, names: object) => definition([V1], { plural, names });

    it('belong to the first definition, and to the next when that is gone', async () => {
      await establish(a, definition([V1], { names: { shortNames: ['wd'] } }));
      const second = await applyDefinition(
        a,
        clash('gadgets', { kind: 'Widget', listKind: 'GadgetList' }),
      );
      expect(second.status, JSON.stringify(second.body)).to.equal(201);
      const refused = await eventually('the kind is refused', async () => {
        const { body } = await b.call('GET', `${DEFINITIONS}/gadgets.example.com`);
        return conditionOf(body, 'NamesAccepted') === 'False' ? (body as unknown) : undefined;
      });
      expect(conditionOf(refused, 'Established')).to.equal('False');
      expect(JSON.stringify(refused))
        .to.contain('KindConflict')
        .and.contain('\\"Widget\\" is already in use');
      expect((await b.call('GET', '/apis/example.com/v1/gadgets')).status).to.equal(404);
      await a.call('DELETE', `${DEFINITIONS}/widgets.example.com`);
      await eventually('the name is free', async () => {
        return (await b.call('GET', '/apis/example.com/v1/gadgets')).status === 200;
      });
    });

    it('of built-in kinds stay theirs, and their objects too', async () => {
      const taken = {
        ...definition([V1], {
          plural: 'workloads',
          names: { kind: 'Other' },
          group: 'workload.threeport.io',
        }),
        metadata: { name: 'workloads.workload.threeport.io' },
      };
      const answer = await applyDefinition(a, taken);
      expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
      const path = '/apis/workload.threeport.io/v1alpha1/namespaces/default/workloads';
      const before = await a.call('GET', path);
      const refused = await eventually('the plural is refused', async () => {
        const { body } = await a.call('GET', `${DEFINITIONS}/workloads.workload.threeport.io`);
        return conditionOf(body, 'NamesAccepted') === 'False' ? (body as unknown) : undefined;
      });
      expect(JSON.stringify(refused)).to.contain('PluralConflict');
      await a.call('DELETE', `${DEFINITIONS}/workloads.workload.threeport.io`);
      await eventually('the definition is gone', async () => {
        const path = `${DEFINITIONS}/workloads.workload.threeport.io`;
        return (await a.call('GET', path)).status === 404;
      });
      expect((await a.call('GET', path)).status).to.equal(before.status);
    });
  });
});
