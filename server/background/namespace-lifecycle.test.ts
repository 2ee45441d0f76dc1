import { expect } from 'chai';
import { KindRegistry } from '../../sdk/api/registry.js';
import { configMapKind, kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import type { ApiWorld } from '../../test/support/api-world.js';
import { startApiWorld } from '../../test/support/api-world.js';
import { awayStore } from '../../test/support/away-store.js';
import { eventually } from '../../test/support/eventually.js';

import type { ObjectStore } from '../store/object-store.js';
import { removeContent } from './namespace-content.js';
import { NamespaceLifecycle } from './namespace-lifecycle.js';

const NAMESPACES = '/api/v1/namespaces';
const GROUP = '/apis/workload.threeport.io/v1alpha1/namespaces';
const MERGE = 'application/merge-patch+json';

describe('NamespaceLifecycle', () => {
  let world: ApiWorld;

  before(async () => (world = await startApiWorld()));
  after(() => world.stop());

  const make = async (path: string, body: object): Promise<void> => {
    const { status, body: made } = await world.call('POST', path, { body });
    expect(status, JSON.stringify(made)).to.equal(201);
  };
  const conditionOf = async (namespace: string, type: string) => {
    const { body } = await world.call('GET', `${NAMESPACES}/${namespace}`);
    return body.status?.conditions?.find((one: { type: string }) => one.type === type);
  };
  const goes = (path: string): Promise<unknown> =>
    eventually(`${path} goes`, async () => (await world.call('GET', path)).status === 404);

  it('says which object keeps another one, and ends both when that goes', async () => {
    await make(NAMESPACES, { metadata: { name: 'busy' } });
    const definitions = `${GROUP}/busy/workloaddefinitions`;
    const instances = `${GROUP}/busy/workloadinstances`;
    await make(definitions, { metadata: { name: 'needed' }, spec: { yaml: '# nothing' } });
    await make(instances, {
      metadata: { name: 'needs' },
      spec: { definition: 'needed', runtime: 'r' },
    });
    await world.call('DELETE', `${NAMESPACES}/busy`);
    const failure = await eventually('the condition', () =>
      conditionOf('busy', 'NamespaceDeletionContentFailure'),
    );
    expect(failure).to.include({ status: 'True', reason: 'ContentDeletionFailed' });
    expect(failure.message)
      .to.include('Failed to delete all resource types, 1 remaining: ')
      .and.include('it is still used by WorkloadInstance busy/needs');
    // Its reconciler would do that.
    const free = { body: { metadata: { finalizers: null } }, type: MERGE };
    await world.call('PATCH', `${instances}/needs`, free);
    await goes(`${definitions}/needed`);
    await goes(`${NAMESPACES}/busy`);
  });

  it('changes a condition only when it says something else', async () => {
    await make(NAMESPACES, { metadata: { name: 'slow' } });
    const maps = `${NAMESPACES}/slow/configmaps`;
    for (const name of ['one', 'two']) {
      await make(maps, { metadata: { name, finalizers: ['example.com/hold'] } });
    }
    await world.call('DELETE', `${NAMESPACES}/slow`);
    const before = await eventually('the condition', () =>
      conditionOf('slow', 'NamespaceContentRemaining'),
    );
    expect(before.message).to.include('configmaps. has 2 resource instances');
    const discovery = await conditionOf('slow', 'NamespaceDeletionDiscoveryFailure');
    const free = { body: { metadata: { finalizers: null } }, type: MERGE };
    await world.call('PATCH', `${maps}/one`, free);
    await eventually('the next message', async () => {
      const { message } = await conditionOf('slow', 'NamespaceContentRemaining');
      return message.includes('configmaps. has 1 resource instances');
    });
    expect(await conditionOf('slow', 'NamespaceDeletionDiscoveryFailure')).to.deep.equal(discovery);
    await world.call('PATCH', `${maps}/two`, free);
    await goes(`${NAMESPACES}/slow`);
  });

  it('leaves alone what is in a namespace that came under the name of one that ended', async () => {
    const { store } = world;
    const away = awayStore(store);
    const looks: string[] = [];
    let nowMs = 0;
    const lagging = new NamespaceLifecycle({
      registry: new KindRegistry(kinds),
      store: new Proxy(away.store, {
        get: (target, member) => (member === 'list' ? list : Reflect.get(target, member)),
      }),
      service: world.server.service,
      logger: nopLogger,
      permanentNamespaces: [],
      // It is always time to look again.
      now: () => (nowMs += 10_000),
    });
    const list: ObjectStore['list'] = (kind, options) => {
      looks.push(options.namespace ?? '');
      return store.list(kind, options);
    };
    await lagging.start(new AbortController().signal);
    const maps = `${NAMESPACES}/again/configmaps`;
    await make(NAMESPACES, { metadata: { name: 'again' } });
    await make(maps, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    await world.call('DELETE', `${NAMESPACES}/again`);
    await eventually('it knows of the end', () => looks.includes('again'));
    away.isAway = true;
    await world.call('PATCH', `${maps}/held`, {
      body: { metadata: { finalizers: null } },
      type: MERGE,
    });
    await goes(`${NAMESPACES}/again`);
    await make(NAMESPACES, { metadata: { name: 'again' } });
    await make(maps, { metadata: { name: 'kept' } });
    await make(NAMESPACES, { metadata: { name: 'other', finalizers: ['example.com/hold'] } });
    await world.call('DELETE', `${NAMESPACES}/other`);
    await store.compact(await store.currentVersion());
    away.isAway = false;
    await make(NAMESPACES, { metadata: { name: 'new' } });
    await eventually('it has looked after the others', () => looks.includes('other'));
    await lagging.stop();
    expect((await world.call('GET', `${maps}/kept`)).status).to.equal(200);
    const { body } = await world.call('GET', `${NAMESPACES}/again`);
    expect(body.status).to.deep.equal({ phase: 'Active' });
  });

  it('removes nothing when the namespace is not the one that is to end', async () => {
    await make(NAMESPACES, { metadata: { name: 'alive' } });
    await make(`${NAMESPACES}/alive/configmaps`, { metadata: { name: 'kept' } });
    const { store, server } = world;
    const left = await removeContent(
      { store, service: server.service, isStillThere: async () => false },
      configMapKind,
      'alive',
      new AbortController().signal,
    );
    expect(left.count).to.equal(0);
    expect((await world.call('GET', `${NAMESPACES}/alive/configmaps/kept`)).status).to.equal(200);
  });

  it('ends at a start what was marked while nobody looked', async () => {
    await make(NAMESPACES, { metadata: { name: 'left', finalizers: ['example.com/hold'] } });
    await make(`${NAMESPACES}/left/configmaps`, { metadata: { name: 'inside' } });
    const { store } = world;
    await world.server.stop();
    const kind = (await import('../../sdk/api/zz_generated.kinds.js')).namespaceKind;
    const stored = await store.get(kind, '', 'left');
    if (stored === undefined) throw new Error('it is not there');
    const object = JSON.parse(stored.json);
    object.metadata.deletionTimestamp = '2026-01-01T00:00:00Z';
    const expectedResourceVersion = stored.resourceVersion;
    await store.write({ type: 'update', kind, object, expectedResourceVersion });
    const again = await startApiWorld({ store });
    await eventually(
      'the content goes',
      async () => (await again.call('GET', `${NAMESPACES}/left/configmaps/inside`)).status === 404,
    );
    await again.stop();
  });
});
