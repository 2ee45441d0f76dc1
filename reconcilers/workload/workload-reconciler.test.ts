import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { WorkloadInstanceSpec, WorkloadStatus } from '../../sdk/api/zz_generated.types.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { Crash, FakeWorld } from '../../simulation/fakes/fake-world.js';
import { putReport, putRuntime, webYaml } from '../../test/support/workload-fixtures.js';
import { workloadInstanceReconciler } from './workload-instance-reconciler.js';
import { workloadReconciler } from './workload-reconciler.js';

const API = 'workload.threeport.io/v1alpha1';
const reconciler = workloadReconciler as Reconciler;
const child = { kind: 'WorkloadInstance', metadata: { name: 'web', namespace: 'default' } };

describe('Workload reconciler', () => {
  let world: FakeWorld;
  let workload: StoredApiObject;

  beforeEach(() => {
    world = new FakeWorld();
    putRuntime(world);
    workload = putWorkload({ yaml: webYaml });
  });

  const putWorkload = (spec: object): StoredApiObject =>
    world.api.put({
      apiVersion: API,
      kind: 'Workload',
      metadata: { name: 'web', namespace: 'default' },
      spec,
    });
  const attempt = (): ReturnType<FakeWorld['attempt']> => world.attempt(reconciler, workload);
  const settleChild = (): Promise<void> =>
    world.settle(workloadInstanceReconciler as Reconciler, child);
  const settleAll = async (): Promise<void> => {
    for (let round = 0; round < 4; round++) {
      await attempt();
      await settleChild();
    }
  };
  const condition = (type: string): string => {
    const found = world.condition(workload, type);
    return `${found?.status} ${found?.reason}: ${found?.message}`;
  };
  const status = (): WorkloadStatus => world.api.get('Workload', 'web')?.status as WorkloadStatus;
  const askDelete = (): Promise<void> => world.api.delete(reconciler.resource, workload);

  it('becomes a definition and an instance on the default runtime', async () => {
    const first = await attempt();
    expect(first?.writes.map(({ target }) => target)).to.deep.equal([
      `${API} WorkloadDefinition default/web`,
      `${API} WorkloadInstance default/web`,
    ]);
    const instance = world.api.get('WorkloadInstance', 'web');
    expect(instance?.spec).to.deep.equal({ definition: 'web', runtime: 'here' });
    expect(instance?.metadata.ownerReferences?.[0]).to.include({
      kind: 'Workload',
      uid: workload.metadata.uid,
      controller: true,
    });
    expect(condition('Reconciled')).to.equal(
      'False InstanceNotReconciled: WorkloadInstance default/web is being reconciled',
    );
  });

  it('shows how the instance fares', async () => {
    await settleAll();
    expect(condition('Reconciled')).to.equal('True Reconciled: ');
    expect(condition('Ready')).to.match(/^Unknown NoReport/);
    putReport(world, child as never);
    await settleAll();
    expect(condition('Ready')).to.equal('True Healthy: ');
    expect(status()).to.include({ phase: 'Healthy', runtime: 'here' });
    expect(status().resources).to.have.length(4);
    expect(status().resources?.[0], "the instance's own notes").to.not.have.property('verified');
    expect(status().namespace).to.match(/^web-/);
  });

  it('writes nothing when all is as wanted', async () => {
    await settleAll();
    const again = await attempt();
    expect(again?.writes).to.deep.equal([]);
    expect(again).to.include({ statusWritten: false });
  });

  it('is not Reconciled again before an edit is in the cluster', async () => {
    await settleAll();
    putReport(world, child as never);
    await settleAll();
    putWorkload({ yaml: webYaml.replace('replicas: 2', 'replicas: 5') });
    await attempt();
    expect(condition('Reconciled')).to.match(/^False InstanceNotReconciled/);
    expect(condition('Ready')).to.match(/^False Progressing/);
    await settleAll();
    expect(condition('Reconciled')).to.equal('True Reconciled: ');
    expect(world.cluster.get('Deployment', 'web')?.spec).to.include({ replicas: 5 });
  });

  it('says why the instance cannot be reconciled', async () => {
    world.cluster.refusals.set('Service web', new ApiError('Invalid', 'bad port'));
    await attempt();
    await world.attempt(workloadInstanceReconciler as Reconciler, child);
    await attempt();
    expect(condition('Reconciled')).to.match(
      /^False InstanceNotReconciled: 1 of 4 resources failed: .*bad port$/,
    );
    expect(status().phase).to.equal('Failed');
  });

  it('repairs an instance or a definition that was edited or deleted', async () => {
    await settleAll();
    const definition = world.api.get('WorkloadDefinition', 'web') as StoredApiObject;
    world.api.put({ ...definition, spec: { yaml: 'edited' } });
    await attempt();
    expect(world.api.get('WorkloadDefinition', 'web')?.spec).to.deep.equal({ yaml: webYaml });
  });

  describe('choice of the runtime', () => {
    const putOther = (isDefault: boolean): unknown =>
      world.api.put({
        apiVersion: 'kubernetes.threeport.io/v1alpha1',
        kind: 'KubernetesRuntimeInstance',
        metadata: { name: 'there' },
        spec: { definition: 'existing', default: isDefault, kubeconfigSecret: { name: 'x' } },
      });

    it('takes the one that is named, even before it exists', async () => {
      putWorkload({ yaml: webYaml, runtime: 'later' });
      await attempt();
      const spec = world.api.get('WorkloadInstance', 'web')?.spec as WorkloadInstanceSpec;
      expect(spec.runtime).to.equal('later');
    });

    it('waits when several are the default', async () => {
      putOther(true);
      expect(await attempt()).to.include({ failures: 0, requeueAfterMs: undefined });
      expect(condition('Reconciled')).to.match(/^False SeveralDefaultRuntimes: .*here, there/);
      expect(world.api.get('WorkloadDefinition', 'web')).to.equal(undefined);
    });

    it('waits when none is', async () => {
      await world.api.delete('kubernetesruntimeinstances.kubernetes.threeport.io', {
        metadata: { name: 'here' },
      });
      await attempt();
      expect(condition('Reconciled')).to.match(/^False NoDefaultRuntime/);
      expect(status().phase).to.equal('Waiting');
    });

    it('stays where it is when the default changes', async () => {
      await settleAll();
      putOther(true);
      await settleAll();
      expect(condition('Reconciled')).to.equal('True Reconciled: ');
      expect(status().runtime).to.equal('here');
    });
  });

  for (const kind of ['WorkloadDefinition', 'WorkloadInstance']) {
    it(`leaves a ${kind} of its name that is not its own alone`, async () => {
      world.api.put({
        apiVersion: API,
        kind,
        metadata: { name: 'web', namespace: 'default' },
        spec: { definition: 'web', runtime: 'here' },
      });
      expect((await attempt())?.failures).to.equal(1);
      expect(condition('Reconciled')).to.match(
        new RegExp(`^False NameTaken: ${kind} default/web exists already`),
      );
      await askDelete();
      await attempt();
      expect(world.api.get('Workload', 'web')).to.equal(undefined);
      expect(world.api.get(kind, 'web')).to.not.equal(undefined);
    });
  }

  for (const kind of ['WorkloadDefinition', 'WorkloadInstance', 'KubernetesRuntimeInstance']) {
    it(`fails, and recovers, when ${kind} cannot be reached`, async () => {
      world.api.refusals.set(kind, new ApiError('ServiceUnavailable', 'away'));
      expect((await attempt())?.failures).to.equal(1);
      expect(condition('Reconciled')).to.equal('False ServiceUnavailable: away');
      world.api.refusals.clear();
      await settleAll();
      expect(condition('Reconciled')).to.equal('True Reconciled: ');
    });
  }

  describe('deletion', () => {
    it('waits for the instance, then removes the definition', async () => {
      await settleAll();
      await askDelete();
      await attempt();
      expect(condition('Reconciled')).to.equal(
        'False Deleting: waiting for WorkloadInstance default/web to be gone',
      );
      expect(world.api.get('WorkloadDefinition', 'web')).to.not.equal(undefined);
      await settleChild();
      await attempt();
      expect(world.api.objects().map(({ kind }) => kind)).to.not.include.members([
        'Workload',
        'WorkloadDefinition',
        'WorkloadInstance',
      ]);
      expect(world.cluster.names()).to.deep.equal([]);
    });

    it('keeps its finalizer when the instance cannot be deleted', async () => {
      await settleAll();
      await askDelete();
      world.api.refusals.set('WorkloadInstance web', new ApiError('Forbidden', 'no'));
      expect((await attempt())?.failures).to.equal(1);
      expect(world.api.get('Workload', 'web')?.metadata.finalizers).to.have.length(1);
    });
  });

  it('survives a crash after any write, and after any while deleting', async () => {
    const crashes = async (writes: number): Promise<boolean> => {
      try {
        await world.attempt(reconciler, workload, { crashAfterWrites: writes });
        return false;
      } catch (error) {
        if (error instanceof Crash) return true;
        throw error;
      }
    };
    for (let writes = 1; ; writes++) {
      world = new FakeWorld();
      putRuntime(world);
      workload = putWorkload({ yaml: webYaml });
      const crashed = await crashes(writes);
      await settleAll();
      expect(condition('Reconciled')).to.equal('True Reconciled: ');
      await askDelete();
      await crashes(writes);
      await settleAll();
      expect(world.cluster.names()).to.deep.equal([]);
      expect(world.api.get('WorkloadDefinition', 'web')).to.equal(undefined);
      if (!crashed) break;
    }
  });
});
