import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { WorkloadInstanceStatus } from '../../sdk/api/zz_generated.types.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { Crash, FakeWorld } from '../../test/support/fake-world.js';
import {
  putDefinition,
  putInstance,
  putReport,
  putRuntime,
  webYaml,
} from '../../test/support/workload-fixtures.js';
import { managedNamespaceName } from './managed-namespace.js';
import { workloadInstanceReconciler } from './workload-instance-reconciler.js';

const reconciler = workloadInstanceReconciler as Reconciler;

describe('WorkloadInstance reconciler', () => {
  let world: FakeWorld;
  let instance: StoredApiObject;
  let namespace: string;

  beforeEach(() => {
    world = new FakeWorld();
    putRuntime(world);
    putDefinition(world, webYaml);
    instance = putInstance(world);
    namespace = managedNamespaceName(instance.metadata);
  });

  const settle = (): Promise<void> => world.settle(reconciler, instance);
  const attempt = (): ReturnType<FakeWorld['attempt']> => world.attempt(reconciler, instance);
  const status = (): WorkloadInstanceStatus =>
    world.api.get('WorkloadInstance', 'web')?.status as WorkloadInstanceStatus;
  const condition = (type: string): string => {
    const found = world.condition(instance, type);
    return `${found?.status} ${found?.reason}: ${found?.message}`;
  };
  const ours = (): string[] => [
    `ConfigMap ${namespace}/settings`,
    `Deployment ${namespace}/web`,
    `Namespace /${namespace}`,
    `Service ${namespace}/web`,
  ];
  const askDelete = (): Promise<void> =>
    world.api.delete('workloadinstances.workload.threeport.io', instance);

  describe('first time', () => {
    it('applies everything into a namespace of its own, in order', async () => {
      const first = await attempt();
      expect(first?.writes.map(({ target }) => target)).to.deep.equal([
        `v1 Namespace ${namespace}`,
        `v1 ConfigMap ${namespace}/settings`,
        `v1 Service ${namespace}/web`,
        `apps/v1 Deployment ${namespace}/web`,
      ]);
      expect(world.cluster.names()).to.have.members(ours());
      expect(condition('Reconciled')).to.equal('True Reconciled: ');
      expect(status()).to.include({ namespace, runtime: 'here', definitionGeneration: 1 });
      expect(world.kubeconfigs).to.deep.equal(['the kubeconfig']);
    });

    it('labels what it applies, and the pods that come of it', async () => {
      await attempt();
      const deployment = world.cluster.get('Deployment', 'web');
      const template = (deployment?.spec as { template: StoredApiObject }).template;
      for (const { metadata } of [deployment as StoredApiObject, template]) {
        expect(metadata.labels).to.include({
          'app.kubernetes.io/managed-by': 'threeport',
          'app.kubernetes.io/name': 'web',
          'app.kubernetes.io/instance': 'web',
          'control-plane.threeport.io/workload-instance': instance.metadata.uid,
        });
      }
    });

    it('is not Ready before the agent reports, and is when it reports so', async () => {
      await settle();
      expect(condition('Ready')).to.equal(
        'Unknown NoReport: waiting for the first report of the agent on runtime here',
      );
      expect(status().phase).to.equal('Deploying');
      putReport(world, instance);
      await settle();
      expect(condition('Ready')).to.equal('True Healthy: ');
      expect(status().phase).to.equal('Healthy');
      expect(status().resources?.map(({ kind, health }) => `${kind} ${health}`)).to.deep.equal([
        'Namespace Healthy',
        'Deployment Healthy',
        'Service Healthy',
        'ConfigMap Healthy',
      ]);
    });
  });

  it('writes nothing when all is as wanted', async () => {
    await settle();
    putReport(world, instance);
    await settle();
    const again = await attempt();
    expect(again).to.include({ statusWritten: false, requeueAfterMs: undefined });
    expect(again?.writes).to.deep.equal([]);
  });

  it('takes values that the cluster writes in another way for unchanged', async () => {
    await settle();
    const live = world.cluster.get('Deployment', 'web') as StoredApiObject;
    const spec = live.spec as { template: { spec: { containers: object[] } } };
    // A default inside a list: the manifest is no subset, but an apply would change nothing.
    spec.template.spec.containers[0] = { ...spec.template.spec.containers[0], extra: 'default' };
    expect((await attempt())?.writes).to.deep.equal([]);
  });

  describe('drift', () => {
    beforeEach(settle);

    it('is repaired when an object was deleted', async () => {
      world.cluster.remove('Deployment', 'web');
      await settle();
      expect(world.cluster.names()).to.have.members(ours());
    });

    it('is repaired when a field was changed', async () => {
      const live = world.cluster.get('Deployment', 'web') as StoredApiObject;
      world.cluster.put({ ...live, spec: { ...(live.spec as object), replicas: 7 } });
      await settle();
      expect(world.cluster.get('Deployment', 'web')?.spec).to.include({ replicas: 2 });
    });

    it('does not show an old green for what it just changed', async () => {
      putReport(world, instance);
      await settle();
      putDefinition(world, webYaml.replace('replicas: 2', 'replicas: 3'));
      await settle();
      expect(condition('Ready')).to.match(/^False Progressing: Deployment .*\/web: applied; /);
      putReport(world, instance);
      await settle();
      expect(condition('Ready')).to.equal('True Healthy: ');
    });
  });

  describe('an edit of the definition', () => {
    beforeEach(settle);

    it('prunes what left it', async () => {
      putDefinition(world, webYaml.split('---').slice(0, 2).join('---'));
      await settle();
      expect(world.cluster.names()).to.have.members(ours().slice(1));
      expect(status().inventory).to.have.length(3);
      expect(status().definitionGeneration).to.equal(2);
    });

    it('waits until what it prunes is gone', async () => {
      const pod = 'apiVersion: v1\nkind: Pod\nmetadata: { name: bare }\n---\n';
      putDefinition(world, pod + webYaml);
      await settle();
      putDefinition(world, webYaml);
      expect((await attempt())?.requeueAfterMs).to.equal(500);
      expect(condition('Reconciled')).to.equal(
        `False Pruning: waiting for 1 resource to be gone: Pod ${namespace}/bare`,
      );
      await settle();
      expect(condition('Reconciled')).to.equal('True Reconciled: ');
      expect(world.cluster.names()).to.have.members(ours());
    });

    it('prunes nothing while something fails', async () => {
      world.cluster.refusals.set('Deployment web', new ApiError('Invalid', 'no'));
      putDefinition(world, (webYaml.split('---')[0] ?? '').replace('replicas: 2', 'replicas: 3'));
      await attempt();
      expect(world.cluster.names()).to.have.members(ours());
      world.cluster.refusals.clear();
      await settle();
      expect(world.cluster.names()).to.have.members([ours()[1], ours()[2]]);
    });

    it('does not prune what belongs to others by now', async () => {
      world.cluster.remove('ConfigMap', 'settings');
      const theirs = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace },
      };
      world.cluster.put(theirs);
      putDefinition(world, webYaml.split('---').slice(0, 2).join('---'));
      await settle();
      expect(world.cluster.get('ConfigMap', 'settings')).to.not.equal(undefined);
    });
  });

  describe('dependencies', () => {
    const cases = [
      {
        name: 'definition',
        arrange: () =>
          world.api.delete('workloaddefinitions.workload.threeport.io', {
            metadata: { name: 'web', namespace: 'default' },
          }),
        want: 'False DefinitionMissing: WorkloadDefinition default/web does not exist',
      },
      {
        name: 'runtime',
        arrange: () =>
          world.api.delete('kubernetesruntimeinstances.kubernetes.threeport.io', {
            metadata: { name: 'here' },
          }),
        want: 'False RuntimeMissing: KubernetesRuntimeInstance here does not exist',
      },
      {
        name: 'runtime that is Ready',
        arrange: () => putRuntime(world, { ready: false }),
        want: 'False RuntimeNotReady: KubernetesRuntimeInstance here is not ready: connection refused',
      },
    ];
    for (const { name, arrange, want } of cases) {
      it(`waits for the ${name} and says so`, async () => {
        await arrange();
        const waiting = await attempt();
        expect(waiting).to.include({ failures: 0, requeueAfterMs: undefined });
        expect(world.cluster.names()).to.deep.equal([]);
        expect(condition('Reconciled')).to.equal(want);
        expect(condition('Ready')).to.equal(want.replace(/^False \w+/, 'False NotApplied'));
        expect(status().phase).to.equal('Waiting');
      });
    }

    it('starts once they are there', async () => {
      putRuntime(world, { ready: false });
      await settle();
      putRuntime(world);
      await settle();
      expect(world.cluster.names()).to.have.members(ours());
    });

    it('turns Unknown when the agent is lost, and is never green then', async () => {
      await settle();
      putReport(world, instance);
      await settle();
      putRuntime(world, { agent: false });
      await settle();
      expect(condition('Ready')).to.equal(
        'Unknown AgentLost: the agent of runtime here is not connected: no heartbeat',
      );
      expect(status().phase).to.equal('Unknown');
      expect(new Set(status().resources?.map(({ health }) => health))).to.deep.equal(
        new Set(['Unknown']),
      );
    });

    it('turns Unknown when the runtime is not ready any more', async () => {
      await settle();
      putReport(world, instance);
      await settle();
      putRuntime(world, { ready: false });
      await settle();
      expect(condition('Ready')).to.match(/^Unknown RuntimeNotReady: .*connection refused$/);
      expect(world.cluster.names()).to.have.members(ours());
    });
  });

  describe('failures', () => {
    it('names what Kubernetes refuses, and applies the rest', async () => {
      world.cluster.refusals.set(
        'Service web',
        new ApiError('Invalid', 'spec.ports: Required value'),
      );
      const failed = await attempt();
      expect(failed?.failures).to.equal(1);
      expect(condition('Reconciled')).to.equal(
        `False ResourcesFailed: 1 of 4 resources failed: Service ${namespace}/web: spec.ports: Required value`,
      );
      expect(status().phase).to.equal('Failed');
      expect(world.cluster.names()).to.have.members(ours().slice(0, 3));
      const service = status().resources?.find(({ kind }) => kind === 'Service');
      expect(service).to.include({ health: 'Missing', message: 'spec.ports: Required value' });
      world.cluster.refusals.clear();
      await settle();
      expect(condition('Reconciled')).to.equal('True Reconciled: ');
    });

    it('never takes over what others made', async () => {
      const theirs =
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: theirs, namespace: default }\n';
      world.cluster.put({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'theirs', namespace: 'default' },
        data: { keep: 'me' },
      });
      putDefinition(world, theirs);
      await attempt();
      expect(condition('Reconciled')).to.match(
        /ConfigMap default\/theirs: it exists already and does not/,
      );
      await askDelete();
      await settle();
      expect(world.cluster.get('ConfigMap', 'theirs')?.['data']).to.deep.equal({ keep: 'me' });
      expect(world.api.get('WorkloadInstance', 'web')).to.equal(undefined);
    });

    it('reports an unreachable cluster and tries again', async () => {
      world.cluster.down = new ApiError(
        'ServiceUnavailable',
        'cannot reach https://x: ECONNREFUSED',
      );
      const failed = await attempt();
      expect(failed?.requeueAfterMs).to.be.greaterThan(0);
      expect(condition('Reconciled')).to.equal(
        'False ClusterUnreachable: runtime here: cannot reach https://x: ECONNREFUSED',
      );
      world.cluster.down = undefined;
      await settle();
      expect(world.cluster.names()).to.have.members(ours());
    });

    it('does not retry manifests that cannot be read', async () => {
      putDefinition(world, 'a: [1\n');
      expect((await attempt())?.requeueAfterMs).to.equal(undefined);
      expect(condition('Reconciled')).to.match(/^False ManifestsInvalid: .*document 1, line 2: /);
      expect(condition('Stalled')).to.match(/^True ManifestsInvalid/);
      expect(status().phase).to.equal('Failed');
    });

    it('says which kind the cluster does not know', async () => {
      putDefinition(
        world,
        `${webYaml}\n---\napiVersion: x.io/v1\nkind: Odd\nmetadata: { name: o }\n`,
      );
      await attempt();
      expect(condition('Reconciled')).to.equal(
        'False ResourcesFailed: 1 of 5 resources failed: Odd o: no matches for kind "Odd" in version "x.io/v1"',
      );
      expect(world.cluster.names()).to.have.members(ours());
    });

    for (const [what, kind] of [
      ['definition', 'WorkloadDefinition'],
      ['runtime', 'KubernetesRuntimeInstance'],
      ['Secret', 'Secret'],
      ['report', 'WorkloadReport'],
    ] as const) {
      it(`fails, and recovers, when the ${what} cannot be read`, async () => {
        world.api.refusals.set(kind, new ApiError('InternalError', 'the store is away'));
        expect((await attempt())?.failures).to.equal(1);
        expect(condition('Reconciled')).to.equal('False InternalError: the store is away');
        world.api.refusals.clear();
        await settle();
        expect(world.cluster.names()).to.have.members(ours());
      });
    }
  });

  it('applies custom resources whose definition comes with them', async () => {
    putDefinition(
      world,
      `apiVersion: x.io/v1
kind: Odd
metadata: { name: o }
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: odds.x.io }
spec: { group: x.io, scope: Namespaced, names: { kind: Odd, plural: odds }, versions: [{ name: v1 }] }
`,
    );
    expect((await attempt())?.requeueAfterMs).to.equal(500);
    expect(condition('Reconciled')).to.match(
      /^False ClusterNotReadyForIt: Odd .*no matches for kind/,
    );
    await settle();
    expect(world.cluster.names()).to.have.members([
      'CustomResourceDefinition /odds.x.io',
      `Namespace /${namespace}`,
      `Odd ${namespace}/o`,
    ]);
  });

  it('uses the first Namespace among the manifests, and keeps namespaces that are given', async () => {
    const one = (kind: string, name: string, more = ''): string =>
      `apiVersion: v1\nkind: ${kind}\nmetadata: { name: ${name}${more} }\n`;
    putDefinition(
      world,
      [
        one('ConfigMap', 'a'),
        one('Namespace', 'mine'),
        one('Namespace', 'other'),
        one('ConfigMap', 'b', ', namespace: other'),
        one('ConfigMap', 'c', ', namespace: default'),
      ].join('---\n'),
    );
    await settle();
    expect(world.cluster.names()).to.have.members([
      'ConfigMap mine/a',
      'ConfigMap other/b',
      'ConfigMap default/c',
      'Namespace /mine',
      'Namespace /other',
    ]);
  });

  describe('deletion', () => {
    it('removes what it made and only that, and waits until it is gone', async () => {
      world.cluster.put({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'by-hand', namespace: 'default' },
      });
      await settle();
      await askDelete();
      expect((await attempt())?.requeueAfterMs).to.be.greaterThan(0);
      expect(condition('Reconciled')).to.equal(
        `False Deleting: waiting for 1 resource to be gone: Namespace ${namespace}`,
      );
      expect(world.api.get('WorkloadInstance', 'web')?.metadata.finalizers).to.have.length(1);
      await settle();
      expect(world.api.get('WorkloadInstance', 'web')).to.equal(undefined);
      expect(world.cluster.names()).to.deep.equal(['ConfigMap default/by-hand']);
    });

    it('deletes in the reverse of the order of applying', async () => {
      await settle();
      await askDelete();
      const first = await attempt();
      expect(first?.writes.map(({ target }) => target)).to.deep.equal([
        `apps/v1 Deployment ${namespace}/web`,
        `v1 Service ${namespace}/web`,
        `v1 ConfigMap ${namespace}/settings`,
        `v1 Namespace ${namespace}`,
      ]);
    });

    it('keeps the finalizer when the cluster refuses', async () => {
      await settle();
      world.cluster.refusals.set('Service web', new ApiError('Forbidden', 'may not delete'));
      await askDelete();
      expect((await attempt())?.failures).to.equal(1);
      expect(condition('Reconciled')).to.equal(
        `False DeleteFailed: cannot delete Service ${namespace}/web: may not delete`,
      );
      expect(world.api.get('WorkloadInstance', 'web')?.metadata.finalizers).to.have.length(1);
      world.cluster.refusals.clear();
      await settle();
      expect(world.cluster.names()).to.deep.equal([]);
    });

    it('waits for a runtime that is away', async () => {
      await settle();
      putRuntime(world, { ready: false });
      await askDelete();
      await attempt();
      expect(condition('Reconciled')).to.equal(
        'False RuntimeNotReady: cannot delete 4 resources from the cluster: ' +
          'KubernetesRuntimeInstance here is not ready: connection refused',
      );
      putRuntime(world);
      await settle();
      expect(world.cluster.names()).to.deep.equal([]);
    });

    it('is over at once when nothing was ever applied', async () => {
      putRuntime(world, { ready: false });
      await settle();
      await askDelete();
      await attempt();
      expect(world.api.get('WorkloadInstance', 'web')).to.equal(undefined);
    });
  });

  describe('a crash after any write', () => {
    it('leads to the same cluster, with nothing doubled', async () => {
      for (let writes = 1; ; writes++) {
        world = new FakeWorld();
        putRuntime(world);
        putDefinition(world, webYaml);
        instance = putInstance(world);
        namespace = managedNamespaceName(instance.metadata);
        const crashed = await crashes(writes);
        await settle();
        expect(world.cluster.names(), `after write ${writes}`).to.have.members(ours());
        await askDelete();
        await settle();
        expect(world.cluster.names(), `after write ${writes}`).to.deep.equal([]);
        if (!crashed) break;
      }
    });

    it('leaves nothing behind when the instance is deleted right after it', async () => {
      for (let writes = 1; ; writes++) {
        world = new FakeWorld();
        putRuntime(world);
        putDefinition(world, webYaml);
        instance = putInstance(world);
        const crashed = await crashes(writes);
        await askDelete();
        await settle();
        expect(world.cluster.names(), `after write ${writes}`).to.deep.equal([]);
        if (!crashed) break;
      }
    });

    it('while pruning or deleting ends the same', async () => {
      for (let writes = 1; ; writes++) {
        world = new FakeWorld();
        putRuntime(world);
        putDefinition(world, webYaml);
        instance = putInstance(world);
        namespace = managedNamespaceName(instance.metadata);
        await settle();
        putDefinition(world, webYaml.split('---')[1] ?? '');
        const crashed = await crashes(writes);
        await settle();
        expect(world.cluster.names()).to.have.members(ours().slice(2));
        await askDelete();
        await crashes(writes);
        await settle();
        expect(world.cluster.names()).to.deep.equal([]);
        if (!crashed) break;
      }
    });

    async function crashes(writes: number): Promise<boolean> {
      try {
        await world.attempt(reconciler, instance, { crashAfterWrites: writes });
        return false;
      } catch (error) {
        if (error instanceof Crash) return true;
        throw error;
      }
    }
  });
});
