import { readFile } from 'node:fs/promises';
import { expect } from 'chai';
import { load } from 'js-yaml';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import type { Workload, WorkloadInstanceStatus } from '../../sdk/api/zz_generated.types.js';
import { createKubeClusters, type KubeClusters } from '../../sdk/kube/kube-clusters.js';
import { createKubeTransport, type KubeTransport } from '../../sdk/kube/kube-transport.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { workloadInstanceReconciler } from '../../reconcilers/workload/workload-instance-reconciler.js';
import { parseManifests } from '../../reconcilers/workload/manifests.js';
import { eventually } from '../support/eventually.js';
import { FakeWorld } from '../../simulation/fakes/fake-world.js';
import { startRealCluster, type RealCluster } from '../support/real-cluster.js';
import { putInstance, putRuntime } from '../support/workload-fixtures.js';

const reconciler = workloadInstanceReconciler as Reconciler;

describe('WorkloadInstance reconciler on a real Kubernetes API', function () {
  this.timeout(120_000);
  let cluster: RealCluster;
  let clusters: KubeClusters;
  let kube: KubePort;
  let transport: KubeTransport;
  let world: FakeWorld;
  let instance: StoredApiObject;
  let manifests: ApiObject[];

  before(async function () {
    const started = await startRealCluster('workload');
    if (started === undefined) return this.skip();
    cluster = started;
    clusters = createKubeClusters();
    kube = clusters.kube(cluster.kubeconfig);
    transport = createKubeTransport(cluster.kubeconfig);
    world = new FakeWorld();
    world.kube = kube;
    putRuntime(world);
    const sample = load(await readFile('samples/wordpress.yaml', 'utf8')) as Workload;
    manifests = parseManifests(sample.spec ?? {});
    define(manifests);
    instance = putInstance(world);
  });

  after(async () => {
    clusters?.close();
    transport?.close();
    await cluster?.stop();
  });

  const define = (of: readonly ApiObject[]): unknown =>
    world.api.put({
      apiVersion: 'workload.threeport.io/v1alpha1',
      kind: 'WorkloadDefinition',
      metadata: { name: 'web', namespace: 'default' },
      spec: { manifests: of },
    });
  const status = (): WorkloadInstanceStatus =>
    world.api.get('WorkloadInstance', 'web')?.status as WorkloadInstanceStatus;
  const reconciled = (): unknown => world.condition(instance, 'Reconciled');
  const settled = { status: 'True', reason: 'Reconciled', message: '' };
  const deployment = (): Promise<StoredApiObject | undefined> =>
    kube.find({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      namespace: status().namespace ?? '',
      name: 'getting-started-wordpress',
    });

  it('applies the WordPress sample', async () => {
    await world.attempt(reconciler, instance);
    expect(reconciled()).to.deep.equal(settled);
    expect(status().inventory).to.have.length(manifests.length + 1);
  });

  it('writes nothing the second time', async () => {
    expect((await world.attempt(reconciler, instance))?.writes).to.deep.equal([]);
  });

  it('writes nothing once pods run and statuses are filled in', async () => {
    await eventually('WordPress runs', async () => {
      const live = (await deployment())?.status as { readyReplicas?: number } | undefined;
      return live?.readyReplicas === 1;
    });
    expect((await world.attempt(reconciler, instance))?.writes).to.deep.equal([]);
  });

  it('repairs what somebody deleted, and what somebody changed', async () => {
    const before = (await deployment()) as StoredApiObject;
    await kube.delete({ ...before, ...before.metadata });
    await eventually('it is gone', async () => (await deployment()) === undefined);
    expect((await world.attempt(reconciler, instance))?.writes).to.have.length(1);
    const after = (await deployment()) as StoredApiObject;
    expect(after.metadata.uid).to.not.equal(before.metadata.uid);
    const { statusCode } = await transport.request({
      method: 'PATCH',
      path: `/api/v1/namespaces/${status().namespace}/services/getting-started-wordpress`,
      contentType: 'application/merge-patch+json',
      body: { spec: { selector: { tier: 'nowhere' } } },
    });
    expect(statusCode).to.equal(200);
    expect((await world.attempt(reconciler, instance))?.writes).to.have.length(1);
    const service = { apiVersion: 'v1', kind: 'Service', name: 'getting-started-wordpress' };
    const repaired = await kube.find({ ...service, namespace: status().namespace ?? '' });
    expect(repaired?.spec).to.have.nested.property('selector.tier', 'frontend');
    expect((await world.attempt(reconciler, instance))?.writes).to.deep.equal([]);
  });

  it('follows an edit, and prunes what left the definition', async () => {
    define(manifests.filter(({ kind }) => kind !== 'Service'));
    await eventually(
      'it is pruned',
      async () => {
        await world.attempt(reconciler, instance);
        return (reconciled() as { status: string }).status === 'True';
      },
      60_000,
    );
    const namespace = status().namespace;
    const services = await kube.list('v1', 'Service', 'app=getting-started-wordpress');
    expect(services.filter(({ metadata }) => metadata.namespace === namespace)).to.deep.equal([]);
  });

  it("reports a refused manifest in Kubernetes' words, and applies the rest", async () => {
    const bad = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'bad' },
      spec: { ports: [] },
    };
    const good = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'good' },
      data: { a: 'b' },
    };
    define([bad, good]);
    await world.attempt(reconciler, instance);
    expect(reconciled()).to.have.property('reason', 'ResourcesFailed');
    expect((reconciled() as { message: string }).message).to.match(
      /^1 of 3 resources failed: Service web-\w+\/bad: Service "bad" is invalid: spec.ports: Required/,
    );
    const namespace = status().namespace ?? '';
    expect(
      await kube.find({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'good' }),
    ).to.not.equal(undefined);
  });

  it('applies a CustomResourceDefinition and a resource of its kind together', async () => {
    define([
      { apiVersion: 'workload.test/v1', kind: 'Odd', metadata: { name: 'o' }, spec: { a: 1 } },
      {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'odds.workload.test' },
        spec: {
          group: 'workload.test',
          scope: 'Namespaced',
          names: { kind: 'Odd', plural: 'odds', singular: 'odd', listKind: 'OddList' },
          versions: [
            {
              name: 'v1',
              served: true,
              storage: true,
              schema: {
                openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          ],
        },
      },
    ]);
    await eventually(
      'both are there',
      async () => {
        await world.attempt(reconciler, instance);
        return (reconciled() as { status: string }).status === 'True';
      },
      60_000,
    );
    expect((await world.attempt(reconciler, instance))?.writes).to.deep.equal([]);
  });

  it('leaves nothing behind when deleted', async () => {
    const { namespace = '' } = status();
    await world.api.delete(reconciler.resource, instance);
    await eventually(
      'it is gone',
      async () => {
        await world.attempt(reconciler, instance);
        return world.api.get('WorkloadInstance', 'web') === undefined;
      },
      60_000,
    );
    expect(await kube.find({ apiVersion: 'v1', kind: 'Namespace', name: namespace })).to.equal(
      undefined,
    );
    expect(
      await kube
        .resource('workload.test/v1', 'Odd')
        .then((kind) => kind && kube.list('workload.test/v1', 'Odd', '')),
    ).to.satisfy((odds: unknown[] | undefined) => odds === undefined || odds.length === 0);
    const selector = `control-plane.threeport.io/workload-instance=${instance.metadata.uid}`;
    for (const [apiVersion, kind] of [
      ['v1', 'Namespace'],
      ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
    ] as const) {
      expect(await kube.list(apiVersion, kind, selector)).to.deep.equal([]);
    }
  });
});
