import { expect } from 'chai';
import type { ApiWorld } from '../support/api-world.js';
import type { CustomResourceWorld } from '../support/custom-resource-world.js';
import {
  applyDefinition,
  DEFINITIONS,
  definition,
  establish,
  startCustomResourceWorld,
} from '../support/custom-resource-world.js';
import { eventually } from '../support/eventually.js';

const path = (version: string): string => `/apis/example.com/${version}/namespaces/default/widgets`;
const NAME = 'widgets.example.com';

const text = { type: 'string' };
const v1 = (fields: object = {}) => ({
  name: 'v1',
  storage: true,
  spec: { properties: { colour: text, old: text } },
  selectableFields: [{ jsonPath: '.spec.colour' }],
  additionalPrinterColumns: [{ name: 'Colour', type: 'string', jsonPath: '.spec.colour' }],
  ...fields,
});
const v2 = (fields: object = {}) => ({
  name: 'v2',
  storage: false,
  spec: { properties: { colour: text, shape: { type: 'string', default: 'round' } } },
  ...fields,
});

function widget(name: string, version: string, spec: object) {
  return { apiVersion: `example.com/${version}`, kind: 'Widget', metadata: { name }, spec };
}

describe('a custom resource of several versions', function () {
  this.timeout(60_000);
  let world: CustomResourceWorld;
  let a: ApiWorld;
  let b: ApiWorld;

  before(async () => {
    world = await startCustomResourceWorld(2);
    [a, b] = world.servers as [ApiWorld, ApiWorld];
  });
  after(async () => world?.stop());
  beforeEach(async () => {
    await establish(a, definition([v1(), v2()]));
  });
  afterEach(async () => {
    await a.call('DELETE', `${DEFINITIONS}/${NAME}`);
    for (const server of [a, b]) {
      await eventually('the kind is gone', async () => {
        return (await server.call('GET', '/apis/example.com')).status === 404;
      });
    }
  });

  it('is written and read in each, pruned and given defaults by the one that is asked for', async () => {
    const created = await b.call('POST', path('v2'), {
      body: widget('one', 'v2', { colour: 'red', shape: 'square' }),
    });
    expect(created.status, JSON.stringify(created.body)).to.equal(201);
    expect(created.body).to.include({ apiVersion: 'example.com/v2' });
    const inV1 = await a.call('GET', `${path('v1')}/one`);
    expect(inV1.body.apiVersion).to.equal('example.com/v1');
    expect(inV1.body.spec).to.deep.equal({ colour: 'red' });
    // What the storage version does not know is kept, as in Kubernetes.
    const inV2 = await a.call('GET', `${path('v2')}/one`);
    expect(inV2.body.spec).to.deep.equal({ colour: 'red', shape: 'square' });

    await a.call('POST', path('v1'), { body: widget('two', 'v1', { colour: 'blue', old: 'x' }) });
    const list = await b.call('GET', path('v2'));
    expect(list.body).to.include({ apiVersion: 'example.com/v2', kind: 'WidgetList' });
    expect(
      list.body.items.map(({ apiVersion, spec }: Record<string, unknown>) => [apiVersion, spec]),
    ).to.deep.equal([
      ['example.com/v2', { colour: 'red', shape: 'square' }],
      ['example.com/v2', { colour: 'blue', shape: 'round' }],
    ]);
  });

  it('is updated, patched and applied through another version than the stored one', async () => {
    await a.call('POST', path('v1'), { body: widget('one', 'v1', { colour: 'red' }) });
    const patched = await b.call('PATCH', `${path('v2')}/one`, {
      type: 'application/merge-patch+json',
      body: { spec: { shape: 'oval' } },
    });
    expect(patched.body.spec).to.deep.equal({ colour: 'red', shape: 'oval' });
    const applied = await b.call('PATCH', `${path('v2')}/one?fieldManager=m&force=true`, {
      type: 'application/apply-patch+yaml',
      body: widget('one', 'v2', { colour: 'green' }),
    });
    expect(applied.status, JSON.stringify(applied.body)).to.equal(200);
    const versions = applied.body.metadata.managedFields.map(
      ({ manager, apiVersion }: Record<string, unknown>) =>
        `${String(manager)} ${String(apiVersion)}`,
    );
    expect(versions).to.include('m example.com/v2');
    expect(versions.some((one: string) => one.endsWith('example.com/v1'))).to.equal(true);
    expect((await a.call('GET', `${path('v1')}/one`)).body.spec).to.deep.equal({ colour: 'green' });
    // Both versions see one generation and one resourceVersion.
    const [one, two] = await Promise.all(
      ['v1', 'v2'].map((version) => a.call('GET', `${path(version)}/one`)),
    );
    expect(one?.body.metadata.resourceVersion).to.equal(two?.body.metadata.resourceVersion);
  });

  it('is watched in each version', async () => {
    const watches = [a.watch(`${path('v1')}?watch=1`), b.watch(`${path('v2')}?watch=1`)];
    await a.call('POST', path('v1'), { body: widget('one', 'v1', { colour: 'red' }) });
    for (const [i, watch] of watches.entries()) {
      await eventually('the event has come', () => watch.events.length === 1);
      const { object, type } = watch.events[0] ?? { type: '' };
      expect(type).to.equal('ADDED');
      expect(object.apiVersion).to.equal(`example.com/v${i + 1}`);
    }
    for (const watch of watches) watch.stop();
  });

  it('is selected and printed by what each version says', async () => {
    for (const colour of ['red', 'blue']) {
      await a.call('POST', path('v1'), { body: widget(colour, 'v1', { colour }) });
    }
    const red = await a.call('GET', `${path('v1')}?fieldSelector=spec.colour=red`);
    expect(
      red.body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
    ).to.deep.equal(['red']);
    const refused = await a.call('GET', `${path('v2')}?fieldSelector=spec.colour=red`);
    expect(refused.status).to.equal(400);
    expect(refused.body.message).to.contain('field label not supported: spec.colour');
    const Accept = 'application/json;as=Table;v=v1;g=meta.k8s.io';
    const columns = async (version: string): Promise<string[]> =>
      (await a.call('GET', path(version), { headers: { Accept } })).body.columnDefinitions.map(
        ({ name }: { name: string }) => name,
      );
    expect(await columns('v1')).to.deep.equal(['Name', 'Colour']);
    expect(await columns('v2')).to.deep.equal(['Name', 'Age']);
  });

  it('is discovered with its preferred version first', async () => {
    const { body } = await a.call('GET', '/apis/example.com');
    expect(body.versions.map(({ version }: { version: string }) => version)).to.deep.equal([
      'v2',
      'v1',
    ]);
    expect(body.preferredVersion.version).to.equal('v2');
    for (const version of ['v1', 'v2']) {
      const document = await a.call('GET', `/openapi/v3/apis/example.com/${version}`);
      const { properties } =
        document.body.components.schemas[`com.example.${version}.Widget`].properties.spec;
      expect(properties).to.have.property(version === 'v1' ? 'old' : 'shape');
    }
  });

  it('moves its stored objects to another storage version while they are in use', async () => {
    await a.call('POST', path('v1'), { body: widget('one', 'v1', { colour: 'red', old: 'x' }) });
    await applyDefinition(a, definition([v1({ storage: false }), v2({ storage: true })]));
    const migrated = await eventually('v1 is stored no more', async () => {
      const { body } = await b.call('GET', `${DEFINITIONS}/${NAME}`);
      return JSON.stringify(body.status.storedVersions) === '["v2"]'
        ? (body as unknown)
        : undefined;
    });
    expect(migrated).to.not.equal(undefined);
    const kind = { group: 'example.com', plural: 'widgets' };
    const { items } = await a.store.list(kind as never, {});
    expect(items.map(({ json }) => JSON.parse(json).apiVersion)).to.deep.equal(['example.com/v2']);
    // Nothing that either version knows was lost.
    expect((await b.call('GET', `${path('v1')}/one`)).body.spec).to.deep.equal({
      colour: 'red',
      old: 'x',
    });
    // Now the old version may go.
    const removed = await applyDefinition(a, definition([v2({ storage: true })]));
    expect(removed.status, JSON.stringify(removed.body)).to.equal(200);
    await eventually('v1 is not served', async () => {
      return (await b.call('GET', path('v1'))).status === 404;
    });
    expect((await b.call('GET', `${path('v2')}/one`)).body.spec).to.deep.include({ colour: 'red' });
  });

  it('warns of a deprecated version and serves none that is not served', async () => {
    const old = v1({ deprecated: true, deprecationWarning: 'use v2' });
    await applyDefinition(a, definition([old, v2()]));
    await eventually('the warning comes', async () => {
      return String((await b.call('GET', path('v1'))).headers['warning'] ?? '').includes('use v2');
    });
    await applyDefinition(a, definition([v1({ served: false }), v2()]));
    await eventually('v1 is not served', async () => {
      return (await b.call('GET', path('v1'))).status === 404;
    });
    // It is still the one that is stored.
    await b.call('POST', path('v2'), { body: widget('one', 'v2', { colour: 'red' }) });
    expect((await a.call('GET', `${path('v2')}/one`)).body.spec.colour).to.equal('red');
  });

  it('fills a field that becomes selectable from what is stored', async () => {
    await a.call('POST', path('v1'), { body: widget('one', 'v1', { old: 'x' }) });
    const selectable = v1({
      selectableFields: [{ jsonPath: '.spec.colour' }, { jsonPath: '.spec.old' }],
    });
    await applyDefinition(a, definition([selectable, v2()]));
    for (const server of [a, b]) {
      await eventually('it is selected', async () => {
        const { body } = await server.call('GET', `${path('v1')}?fieldSelector=spec.old=x`);
        return body.items?.length === 1;
      });
    }
  });
});
