import { expect } from 'chai';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { KubeCondition, Pod } from '../../sandbox/kubernetes-types.js';
import type { SandboxFixture } from '../support/sandbox-fixture.js';
import { eventually } from '../support/eventually.js';
import { comesToRest, hasKubectl, startSandbox } from '../support/sandbox-fixture.js';
import { deployment } from '../support/sandbox-manifests.js';

interface List<T = StoredApiObject> {
  items: T[];
}

describe('sandbox: failures', function () {
  this.timeout(60_000);
  let sandbox: SandboxFixture;

  before(async function () {
    if (!(await hasKubectl())) {
      console.log('skipped: kubectl is not on PATH');
      this.skip();
    }
    sandbox = await startSandbox();
  });

  after(async () => sandbox?.stop());

  async function podOf(app: string, namespace = 'default'): Promise<Pod | undefined> {
    const path = `/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`;
    return (await sandbox.get<List<Pod>>(path)).items[0];
  }

  async function warnings(namespace = 'default'): Promise<string[]> {
    const { items } = await sandbox.get<List>(
      `/api/v1/namespaces/${namespace}/events?fieldSelector=type%3DWarning`,
    );
    return items.map((event) => `${String(event['reason'])}: ${String(event['message'])}`);
  }

  const waiting: readonly {
    name: string;
    annotations?: Record<string, string>;
    image?: string;
    reason: string;
    message: RegExp;
    warning: RegExp;
  }[] = [
    {
      name: 'pull',
      annotations: { 'sandbox.threeport.io/fail': 'ImagePullBackOff' },
      reason: 'ImagePullBackOff',
      message: /^Back-off pulling image "nginx:1.27"$/,
      warning: /^Failed: Failed to pull image "nginx:1.27": rpc error: .*not found$/,
    },
    {
      name: 'missing-image',
      image: 'registry.example.com/does-not-exist:1',
      reason: 'ImagePullBackOff',
      message: /does-not-exist:1/,
      warning: /does-not-exist:1/,
    },
    {
      name: 'crash',
      annotations: { 'sandbox.threeport.io/fail': 'CrashLoopBackOff' },
      reason: 'CrashLoopBackOff',
      message: /^back-off \d+s restarting failed container=main pod=crash-/,
      warning: /^BackOff: Back-off restarting failed container main/,
    },
    {
      name: 'memory',
      annotations: { 'sandbox.threeport.io/fail': 'OOMKilled' },
      reason: 'CrashLoopBackOff',
      message: /^back-off/,
      warning: /^BackOff/,
    },
  ];
  for (const { name, annotations, image, reason, message, warning } of waiting) {
    it(`shows ${name} as a container waiting for ${reason}`, async () => {
      await sandbox.apply(
        deployment(name, {
          ...(annotations !== undefined && { annotations }),
          ...(image !== undefined && { image }),
        }),
      );
      const state = await eventually(`${reason} of ${name}`, async () => {
        const found = (await podOf(name))?.status?.containerStatuses?.[0]?.state.waiting;
        return found?.reason === reason ? found : undefined;
      });
      expect(state.message).to.match(message);
      await eventually('a warning', async () =>
        (await warnings()).some((text) => warning.test(text)) ? true : undefined,
      );
    });
  }

  it('counts the restarts of a crash loop, then lets it be', async () => {
    const status = await eventually(
      'four restarts',
      async () => {
        const found = (await podOf('memory'))?.status?.containerStatuses?.[0];
        return found?.restartCount === 4 &&
          found.lastState.terminated !== undefined &&
          found.state.waiting
          ? found
          : undefined;
      },
      20_000,
    );
    expect(status.lastState.terminated).to.include({ exitCode: 137, reason: 'OOMKilled' });
  });

  it('says why a pod cannot be scheduled', async () => {
    const annotations = { 'sandbox.threeport.io/fail': 'Unschedulable' };
    await sandbox.apply(deployment('nowhere', { annotations }));
    const condition = await eventually('PodScheduled=False', async () =>
      (await podOf('nowhere'))?.status?.conditions?.find(
        ({ type, status }) => type === 'PodScheduled' && status === 'False',
      ),
    );
    expect(condition.reason).to.equal('Unschedulable');
    expect(condition.message).to.match(/^0\/1 nodes are available: 1 Insufficient cpu/);
  });

  it('fails a Job whose pods fail', async () => {
    await sandbox.apply(`
apiVersion: batch/v1
kind: Job
metadata: {name: broken}
spec:
  backoffLimit: 0
  template:
    metadata: {annotations: {sandbox.threeport.io/fail-job: "true"}}
    spec: {restartPolicy: Never, containers: [{name: main, image: busybox}]}
`);
    const job = await eventually('Failed', async () => {
      const found = await sandbox.get<StoredApiObject<unknown, { conditions?: KubeCondition[] }>>(
        '/apis/batch/v1/namespaces/default/jobs/broken',
      );
      return found.status?.conditions?.find(({ type }) => type === 'Failed');
    });
    expect(job).to.include({ status: 'True', reason: 'BackoffLimitExceeded' });
  });

  it('stays unready for as long as it is told to start', async () => {
    const annotations = { 'sandbox.threeport.io/start-seconds': '2' };
    await sandbox.apply(deployment('slow', { annotations }));
    const running = await eventually('running', async () => {
      const pod = await podOf('slow');
      return pod?.status?.phase === 'Running' ? pod : undefined;
    });
    expect(running.status?.containerStatuses?.[0]?.ready).to.equal(false);
    await sandbox.run(['rollout', 'status', 'deployment/slow', '--timeout=20s']);
  });

  it('says that a progress deadline is exceeded', async () => {
    const annotations = { 'sandbox.threeport.io/fail': 'ImagePullBackOff' };
    const manifest = JSON.parse(deployment('late', { annotations })) as {
      spec: Record<string, unknown>;
    };
    manifest.spec['progressDeadlineSeconds'] = 1;
    await sandbox.apply(JSON.stringify(manifest));
    await eventually('ProgressDeadlineExceeded', async () => {
      const found = await sandbox.get<StoredApiObject<unknown, { conditions?: KubeCondition[] }>>(
        '/apis/apps/v1/namespaces/default/deployments/late',
      );
      return found.status?.conditions?.find(({ reason }) => reason === 'ProgressDeadlineExceeded');
    });
  });

  it("says a quota's refusal in the ReplicaSet's and the Deployment's words", async () => {
    await sandbox.run(['create', 'namespace', 'small']);
    await sandbox.apply(
      'apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: few, namespace: small}\nspec: {hard: {pods: 2}}',
    );
    await sandbox.apply(deployment('many', { replicas: 3, namespace: 'small' }));
    const condition = await eventually('ReplicaFailure', async () => {
      const found = await sandbox.get<StoredApiObject<unknown, { conditions?: KubeCondition[] }>>(
        '/apis/apps/v1/namespaces/small/deployments/many',
      );
      return found.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
    });
    expect(condition.message).to.match(
      /^pods "many-[a-z0-9]+-[a-z0-9]+" is forbidden: exceeded quota: few, requested: pods=1, used: pods=2, limited: pods=2$/,
    );
    expect(await warnings('small')).to.satisfy((all: string[]) =>
      all.some((text) => text.startsWith('FailedCreate: Error creating: pods "many-')),
    );
    await sandbox.run([
      '-n',
      'small',
      'patch',
      'resourcequota',
      'few',
      '--type=merge',
      '-p',
      '{"spec":{"hard":{"pods":"3"}}}',
    ]);
    await sandbox.run(['-n', 'small', 'rollout', 'status', 'deployment/many', '--timeout=40s']);
  });

  it('waits for a ConfigMap that is not there, and says so', async () => {
    await sandbox.apply(`
apiVersion: v1
kind: Pod
metadata: {name: needy, labels: {app: needy}}
spec:
  containers: [{name: main, image: busybox, envFrom: [{configMapRef: {name: later}}]}]
`);
    await eventually('CreateContainerConfigError', async () => {
      const state = (await podOf('needy'))?.status?.containerStatuses?.[0]?.state.waiting;
      return state?.message === 'configmap "later" not found' ? true : undefined;
    });
    await sandbox.run(['create', 'configmap', 'later']);
    await sandbox.run(['wait', '--for=condition=Ready', 'pod/needy', '--timeout=20s']);
  });

  it('writes nothing at rest, failures or not', async () => {
    await comesToRest(sandbox.store, 3_000);
  });
});
