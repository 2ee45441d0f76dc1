import {
  CoreV1Api,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
  makeInformer,
} from '@kubernetes/client-node';
import type { Informer, KubernetesObject, V1ConfigMap } from '@kubernetes/client-node';
import { expect } from 'chai';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';

/** @kubernetes/client-node, unmodified, against our server. */
describe('@kubernetes/client-node', function () {
  this.timeout(30_000);
  let world: ApiWorld;
  let config: KubeConfig;
  const informers: Informer<KubernetesObject>[] = [];

  before(async () => {
    world = await startApiWorld();
    config = new KubeConfig();
    config.loadFromFile(world.kubeconfig);
  });

  after(async () => {
    for (const informer of informers) await informer.stop();
    await world.stop();
  });

  it('keeps an informer at the state of the server', async () => {
    const core = config.makeApiClient(CoreV1Api);
    const namespace = 'default';
    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'before' } } });
    const informer = makeInformer<V1ConfigMap>(
      config,
      '/api/v1/namespaces/default/configmaps',
      () => core.listNamespacedConfigMap({ namespace }),
    );
    informers.push(informer as Informer<KubernetesObject>);
    const seen: string[] = [];
    informer.on('add', (map) => void seen.push(`add ${map.metadata?.name}`));
    informer.on(
      'update',
      (map) => void seen.push(`update ${map.metadata?.name} ${map.data?.['key']}`),
    );
    informer.on('delete', (map) => void seen.push(`delete ${map.metadata?.name}`));
    await informer.start();
    await eventually('the first object is there', () => seen.includes('add before'));

    await core.createNamespacedConfigMap({ namespace, body: { metadata: { name: 'after' } } });
    await core.replaceNamespacedConfigMap({
      namespace,
      name: 'after',
      body: { metadata: { name: 'after' }, data: { key: 'value' } },
    });
    await core.deleteNamespacedConfigMap({ namespace, name: 'after' });
    await eventually('the end is seen', () => seen.includes('delete after'));
    expect(seen).to.deep.equal(['add before', 'add after', 'update after value', 'delete after']);
  });

  it('applies server-side by the generic client', async () => {
    const client = KubernetesObjectApi.makeApiClient(config);
    const object = {
      apiVersion: 'workload.threeport.io/v1alpha1',
      kind: 'Workload',
      metadata: { name: 'applied', namespace: 'default' },
      spec: { yaml: '# nothing' },
    };
    const apply = (): Promise<KubernetesObject> =>
      client.patch<KubernetesObject>(
        object,
        undefined,
        undefined,
        'me',
        true,
        PatchStrategy.ServerSideApply,
      );
    const first = await apply();
    const again = await apply();
    expect(first.metadata?.uid).to.be.a('string');
    expect(again.metadata?.resourceVersion).to.equal(first.metadata?.resourceVersion);
    expect(
      again.metadata?.managedFields?.map(({ manager, operation }) => [manager, operation]),
    ).to.deep.equal([['me', 'Apply']]);
  });
});
