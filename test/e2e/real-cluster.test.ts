import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { load } from 'js-yaml';
import type { ApiObject } from '../../sdk/api/object.js';
import type { KubeClusters } from '../../sdk/kube/kube-clusters.js';
import { createKubeClusters } from '../../sdk/kube/kube-clusters.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import type { Workload } from '../../sdk/api/zz_generated.types.js';
import { eventually } from '../support/eventually.js';
import type { Plane } from '../support/plane.js';
import { startPlane } from '../support/plane.js';
import type { RealCluster } from '../support/real-cluster.js';
import { startRealCluster } from '../support/real-cluster.js';
import {
  clusterNamespaceOf,
  configMap,
  deleteWorkload,
  deployment,
  workload,
  workloadCondition,
} from '../support/workloads.js';

const RUNTIME = 'real';
const NAME_LABEL = 'app.kubernetes.io/name';
const MANAGED_BY_LABEL = 'app.kubernetes.io/managed-by';
const MANAGED = `${MANAGED_BY_LABEL}=threeport`;

describe('the main job on a real kube-apiserver, registered by its kubeconfig', function () {
  this.timeout(180_000);
  let plane: Plane;
  let cluster: RealCluster | undefined;
  let clusters: KubeClusters;
  let kube: KubePort;

  before(async function () {
    cluster = await startRealCluster('e2e');
    if (cluster === undefined) return this.skip();
    clusters = createKubeClusters();
    kube = clusters.kube(cluster.kubeconfig);
    plane = await startPlane();
    await register(plane, cluster.kubeconfig);
  });
  after(async () => {
    clusters?.close();
    await plane?.remove();
    await cluster?.stop();
  });

  it('makes the runtime Ready, with its version, and never shows the kubeconfig', async () => {
    const runtime = await eventually(
      'the runtime is ready and its agent connected',
      async () => {
        const found = await plane.clientset.kubernetesRuntimeInstances.get({ name: RUNTIME });
        const isTrue = (type: string): boolean =>
          found.status?.conditions?.some((one) => one.type === type && one.status === 'True') ===
          true;
        return isTrue('Ready') && isTrue('AgentConnected') ? found : undefined;
      },
      20_000,
    );
    const version = await kube.version();
    expect(runtime.status?.version).to.equal(version.gitVersion);
    const token = /token: "?([^"\n}]+)/.exec(cluster?.kubeconfig ?? '')?.[1] ?? 'no token found';
    const described = await plane.tptctl(['describe', 'runtime', RUNTIME]);
    const secret = await plane.tptctl(['describe', 'secret', RUNTIME]);
    expect(described.stdout + secret.stdout).to.not.include(token);
  });

  it('brings the WordPress sample up, and takes it away without a trace', async () => {
    // No provisioner runs there: somebody else has made the volumes.
    for (const name of ['volume-a', 'volume-b']) await kube.apply(persistentVolume(name));
    const sample = load(await readFile('samples/wordpress.yaml', 'utf8')) as Workload;
    await plane.clientset.workloads.create({
      ...sample,
      spec: { ...sample.spec, runtime: RUNTIME },
    });
    await workloadCondition(plane, 'wordpress', { type: 'Ready', status: 'True' }, 60_000);
    const namespace = await clusterNamespaceOf(plane, 'wordpress');
    const deployments = await kube.list('apps/v1', 'Deployment', MANAGED);
    expect(
      deployments
        .map((object) => `${object.metadata.namespace}/${object.metadata.name}`)
        .toSorted(),
    ).to.deep.equal([
      `${namespace}/getting-started-mysql`,
      `${namespace}/getting-started-wordpress`,
    ]);
    await deleteWorkload(plane, 'wordpress');
    expect(await kube.find({ apiVersion: 'v1', kind: 'Namespace', name: namespace })).to.equal(
      undefined,
    );
    for (const [apiVersion, kind] of [
      ['apps/v1', 'Deployment'],
      ['v1', 'Service'],
      ['v1', 'Secret'],
      ['v1', 'PersistentVolumeClaim'],
    ] as const) {
      expect(await kube.list(apiVersion, kind, MANAGED), kind).to.deep.equal([]);
    }
  });

  it('repairs drift within five seconds of kubectl delete deployment, and prunes', async () => {
    await plane.clientset.workloads.create(
      workload('drift', [deployment('web'), configMap('dropped', { a: '1' })], RUNTIME),
    );
    await workloadCondition(plane, 'drift', { type: 'Ready', status: 'True' }, 30_000);
    const namespace = await clusterNamespaceOf(plane, 'drift');
    const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' };
    const before = await kube.find(web);
    await kube.delete(web);
    await eventually(
      'the deployment is back',
      async () => {
        const uid = (await kube.find(web))?.metadata.uid;
        return uid !== undefined && uid !== before?.metadata.uid;
      },
      5_000,
    );
    await workloadCondition(plane, 'drift', { type: 'Ready', status: 'True' }, 30_000);
    await repairsEdits(namespace);

    await plane.clientset.workloads.apply(workload('drift', [deployment('web')], RUNTIME), {
      fieldManager: 'test',
      force: true,
    });
    await eventually('the config map is pruned', async () => {
      const dropped = await kube.find({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        namespace,
        name: 'dropped',
      });
      return dropped === undefined;
    });
    await deleteWorkload(plane, 'drift');
    await eventually('the namespace is gone', async () => {
      const found = await kube.find({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
      return found === undefined;
    });
  });

  /** Of the Deployment `web` and the ConfigMap `dropped`, by somebody with kubectl. */
  async function repairsEdits(namespace: string): Promise<void> {
    const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' };
    const dropped = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'dropped' };
    const edits: readonly { of: typeof web; args: readonly string[] }[] = [
      { of: web, args: ['scale', 'deployment', 'web', '--replicas=2'] },
      { of: web, args: ['label', '--overwrite', 'deployment', 'web', `${NAME_LABEL}=other`] },
      { of: web, args: ['label', 'deployment', 'web', `${MANAGED_BY_LABEL}-`] },
      { of: dropped, args: ['patch', 'configmap', 'dropped', '-p', '{"data":{"a":"2"}}'] },
      { of: dropped, args: ['label', 'configmap', 'dropped', `${MANAGED_BY_LABEL}-`] },
    ];
    for (const { of, args } of edits) {
      const wanted = saidOf(await kube.find(of));
      const edited = await plane.run('kubectl', [
        '--kubeconfig',
        cluster?.kubeconfigFile ?? '',
        '-n',
        namespace,
        ...args,
      ]);
      expect(edited, edited.stderr).to.include({ code: 0 });
      await eventually(
        `${args.join(' ')} is taken back`,
        async () => isDeepStrictEqual(saidOf(await kube.find(of)), wanted),
        5_000,
      );
    }
  }

  it("gives the cluster's own words for a manifest that it refuses and an image that cannot be pulled", async () => {
    const refused = deployment('refused', { replicas: -1 });
    await plane.clientset.workloads.create(workload('refused', [refused], RUNTIME));
    const reconciled = await eventually('the refusal is reported', async () => {
      const object = await plane.clientset.workloads.get({ namespace: 'default', name: 'refused' });
      return object.status?.conditions?.find(({ message }) => message.includes('spec.replicas'));
    });
    expect(reconciled.message).to.match(/must be greater than or equal to 0/);
    await deleteWorkload(plane, 'refused');

    const failing = deployment('failing', {
      annotations: { 'fake-kubelet/fail': 'ImagePullBackOff' },
    });
    await plane.clientset.workloads.create(workload('failing', [failing], RUNTIME));
    const ready = await workloadCondition(
      plane,
      'failing',
      { type: 'Ready', status: 'False', reason: 'Degraded' },
      30_000,
    );
    expect(ready.message).to.match(/ImagePullBackOff/);
    await deleteWorkload(plane, 'failing');
  });
});

/** What a manifest can say of an object. */
function saidOf(object: ApiObject | undefined): object {
  return { labels: object?.metadata.labels, spec: object?.spec, data: object?.['data'] };
}

/** What a platform engineer applies to make a cluster that runs already a runtime. */
async function register(plane: Plane, kubeconfig: string): Promise<void> {
  const apiVersion = 'kubernetes.threeport.io/v1alpha1';
  await plane.clientset.secrets.create({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: RUNTIME, namespace: 'default' },
    stringData: { kubeconfig },
  });
  await plane.clientset.kubernetesRuntimeDefinitions.create({
    apiVersion,
    kind: 'KubernetesRuntimeDefinition',
    metadata: { name: RUNTIME },
    spec: { provider: 'existing' },
  });
  await plane.clientset.kubernetesRuntimeInstances.create({
    apiVersion,
    kind: 'KubernetesRuntimeInstance',
    metadata: { name: RUNTIME },
    spec: { definition: RUNTIME, kubeconfigSecret: { name: RUNTIME } },
  });
}

function persistentVolume(name: string): {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: object;
} {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: {
      capacity: { storage: '20Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Delete',
      hostPath: { path: `/nonexistent/${name}` },
    },
  };
}
