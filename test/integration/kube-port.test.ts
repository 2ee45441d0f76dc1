import { expect } from 'chai';
import { isApiError } from '../../sdk/api/errors.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { createKubeClusters, type KubeClusters } from '../../sdk/kube/kube-clusters.js';
import { createKubeTransport } from '../../sdk/kube/kube-transport.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import { eventually } from '../support/eventually.js';
import { startRealCluster, type RealCluster } from '../support/real-cluster.js';

const LABEL = 'threeport-test=kube-port';

describe('KubePort on a real Kubernetes API', function () {
  this.timeout(120_000);
  let cluster: RealCluster;
  let clusters: KubeClusters;
  let kube: KubePort;

  before(async function () {
    const started = await startRealCluster('kube-port');
    if (started === undefined) return this.skip();
    cluster = started;
    clusters = createKubeClusters();
    kube = clusters.kube(cluster.kubeconfig);
  });

  after(async () => {
    clusters?.close();
    await cluster?.stop();
  });

  const configMap = (name: string, data: unknown, namespace = 'default'): ApiObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, labels: { 'threeport-test': 'kube-port' } },
    data,
  });
  const refOf = ({ apiVersion, kind, metadata }: ApiObject) => ({
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
  });
  const reject = async (call: Promise<unknown>): Promise<unknown> =>
    call.then(
      () => expect.fail('it was accepted'),
      (error: unknown) => error,
    );

  it('says its version', async () => {
    expect((await kube.version()).gitVersion).to.match(/^v1\.\d+/);
  });

  it('knows kinds and their scope', async () => {
    expect(await kube.resource('apps/v1', 'Deployment')).to.include({ namespaced: true });
    expect(await kube.resource('v1', 'Namespace')).to.include({ namespaced: false });
    expect(await kube.resource('v1', 'Deployment')).to.equal(undefined);
    expect(await kube.resource('no.such/v1', 'Thing')).to.equal(undefined);
  });

  it('applies, and an identical apply changes nothing', async () => {
    const wanted = configMap('applied', { a: '1', b: '2' });
    const first = await kube.apply(wanted);
    expect((await kube.apply(wanted)).metadata.resourceVersion).to.equal(
      first.metadata.resourceVersion,
    );
    const without = await kube.apply(configMap('applied', { a: '1' }));
    expect(without['data']).to.deep.equal({ a: '1' });
    await kube.delete(refOf(wanted), first.metadata.uid);
    expect(await kube.find(refOf(wanted))).to.equal(undefined);
  });

  it('says what an apply would do without doing it', async () => {
    const wanted = configMap('dry', { a: '1' });
    expect((await kube.dryRunApply(wanted))['data']).to.deep.equal({ a: '1' });
    expect(await kube.find(refOf(wanted))).to.equal(undefined);
  });

  it('deletes exactly the object that is meant', async () => {
    const wanted = configMap('exact', {});
    await kube.apply(wanted);
    await kube.delete(refOf(wanted), '00000000-0000-0000-0000-000000000000');
    expect(await kube.find(refOf(wanted))).to.not.equal(undefined);
    await kube.delete(refOf(wanted));
    await kube.delete(refOf(wanted));
    expect(await kube.find(refOf(wanted))).to.equal(undefined);
  });

  it('lists by label over all namespaces', async () => {
    await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-port-list' } });
    const wanted = [configMap('one', {}), configMap('two', {}, 'kube-port-list')];
    await Promise.all(wanted.map((object) => kube.apply(object)));
    const listed = await kube.list('v1', 'ConfigMap', LABEL);
    expect(listed.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).to.have.members([
      'ConfigMap one',
      'ConfigMap two',
    ]);
    expect(await kube.list('no.such/v1', 'Thing', LABEL)).to.deep.equal([]);
    await Promise.all(wanted.map((object) => kube.delete(refOf(object))));
    await kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: 'kube-port-list' });
  });

  it("gives Kubernetes' own words for what it refuses", async () => {
    const deployment = (spec: unknown): ApiObject => ({
      ...configMap('refused', undefined),
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      spec,
    });
    const invalid = await reject(kube.apply(deployment({ selector: {}, template: {} })));
    expect(isApiError(invalid, 'Invalid') && invalid.message).to.match(/"refused" is invalid: /);
    const away = await reject(kube.apply(configMap('x', {}, 'no-such-namespace')));
    expect(isApiError(away, 'NotFound') && away.message).to.equal(
      'namespaces "no-such-namespace" not found',
    );
  });

  it('learns of a kind that a CustomResourceDefinition brings', async () => {
    const definition: ApiObject = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'odds.kube-port.test' },
      spec: {
        group: 'kube-port.test',
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
    };
    expect(await kube.resource('kube-port.test/v1', 'Odd')).to.equal(undefined);
    await kube.apply(definition);
    await eventually('the kind is served', () => kube.resource('kube-port.test/v1', 'Odd'));
    const odd = {
      apiVersion: 'kube-port.test/v1',
      kind: 'Odd',
      metadata: { name: 'o', namespace: 'default' },
    };
    const applied = await eventually('it can be written', () =>
      kube.apply({ ...odd, spec: { a: 1 } }).catch(() => undefined),
    );
    expect(applied.spec).to.deep.equal({ a: 1 });
    await kube.delete(refOf(definition));
  });

  it('refuses a wrong token, and a wrong port, without quoting the kubeconfig', async () => {
    const token = /token: "?(\w+)/.exec(cluster.kubeconfig)?.[1] ?? expect.fail('no token');
    const wrong = clusters.kube(cluster.kubeconfig.replace(token, 'wrong-token'));
    const unauthorized = await reject(wrong.version());
    expect(isApiError(unauthorized, 'Unauthorized')).to.equal(true);
    const away = clusters.kube(cluster.kubeconfig.replace(/:\d{4,5}/, ':1'));
    const unreachable = await reject(away.version());
    expect(isApiError(unreachable, 'ServiceUnavailable')).to.equal(true);
    for (const error of [unauthorized, unreachable]) {
      expect(String(error)).to.not.include(token).and.not.include('wrong-token');
    }
  });

  it('streams a watch', async () => {
    const transport = createKubeTransport(cluster.kubeconfig);
    const abort = new AbortController();
    const events: string[] = [];
    const path = `/api/v1/configmaps?watch=true&labelSelector=${encodeURIComponent(LABEL)}`;
    const options = { signal: abort.signal, idleTimeoutMs: 30_000 };
    const watched = (async () => {
      for await (const event of transport.stream(path, options)) {
        const { type, object } = event as { type: string; object: StoredApiObject };
        events.push(`${type} ${object.metadata.name}`);
        if (type === 'DELETED') return;
      }
    })();
    const wanted = configMap('watched', {});
    await kube.apply(wanted);
    await eventually('it is seen', () => events.includes('ADDED watched'));
    await kube.delete(refOf(wanted));
    await watched;
    expect(events).to.deep.equal(['ADDED watched', 'DELETED watched']);
    transport.close();
  });
});
