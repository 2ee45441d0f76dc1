import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import { FakeWorld } from '../../simulation/fakes/fake-world.js';
import { putRuntime } from '../../test/support/workload-fixtures.js';
import { kubernetesRuntimeInstanceReconciler } from './kubernetes-runtime-instance-reconciler.js';

const reconciler = kubernetesRuntimeInstanceReconciler as Reconciler;

const SAID = 'what the cluster said';

describe('KubernetesRuntimeInstance reconciler', () => {
  let world: FakeWorld;
  let runtime: StoredApiObject;

  beforeEach(() => {
    world = new FakeWorld();
    putRuntime(world);
    runtime = world.api.get('KubernetesRuntimeInstance', 'here') as StoredApiObject;
    world.api.replace({ ...runtime, status: {} });
  });

  const attempt = (): ReturnType<FakeWorld['attempt']> => world.attempt(reconciler, runtime);
  const condition = (type: string): string => {
    const found = world.condition(runtime, type);
    return `${found?.status} ${found?.reason}: ${found?.message}`;
  };

  it('is Ready with version and endpoint when the API answers', async () => {
    const first = await attempt();
    expect(first?.writes).to.deep.equal([]);
    expect(condition('Ready')).to.equal(
      'True ApiAnswers: the API at https://fake-cluster:6443 answers',
    );
    expect(condition('AgentConnected')).to.equal('True AgentReports: ');
    expect(world.api.get('KubernetesRuntimeInstance', 'here')?.status).to.include({
      version: 'v1.99.0',
      endpoint: 'https://fake-cluster:6443',
    });
  });

  it('writes nothing the second time', async () => {
    await attempt();
    expect(await attempt()).to.include({ statusWritten: false, requeueAfterMs: undefined });
  });

  it('tells of a lost agent beside Ready', async () => {
    world.alive = false;
    await attempt();
    expect(condition('AgentConnected')).to.match(/^False NoHeartbeat: the agent of this cluster/);
    expect(condition('Ready')).to.match(/^True/);
    world.alive = true;
    await attempt();
    expect(condition('AgentConnected')).to.match(/^True/);
  });

  const waits = [
    {
      name: 'a definition that is missing',
      arrange: () =>
        world.api.delete('kubernetesruntimedefinitions.kubernetes.threeport.io', {
          metadata: { name: 'existing' },
        }),
      want: 'False DefinitionMissing: KubernetesRuntimeDefinition existing does not exist',
    },
    {
      name: 'a Secret that is missing',
      arrange: () =>
        world.api.delete('secrets', {
          metadata: { name: 'here-kubeconfig', namespace: 'default' },
        }),
      want:
        'False SecretMissing: Secret default/here-kubeconfig, which holds the kubeconfig, does not ' +
        'exist; create it with the key "kubeconfig"',
    },
    {
      name: 'a key that the Secret lacks',
      arrange: () =>
        world.api.put({
          apiVersion: 'v1',
          kind: 'Secret',
          metadata: { name: 'here-kubeconfig', namespace: 'default' },
          data: {},
        }),
      want: 'False SecretMissing: Secret default/here-kubeconfig has no key "kubeconfig" with a kubeconfig',
    },
    {
      name: 'a kubeconfig that can be used',
      arrange: () => {
        world.unusableKubeconfig = new ApiError(
          'Invalid',
          'the kubeconfig cannot be used: no server',
        );
      },
      want: 'False KubeconfigInvalid: the kubeconfig cannot be used: no server',
    },
  ];
  for (const { name, arrange, want } of waits) {
    it(`waits for ${name}`, async () => {
      await arrange();
      expect(await attempt()).to.include({ failures: 0, requeueAfterMs: undefined });
      expect(condition('Ready')).to.equal(want);
      expect(condition('Reconciled')).to.equal(want);
    });
  }

  const failures = [
    { reason: 'ServiceUnavailable', want: 'ApiUnreachable', says: SAID },
    { reason: 'Timeout', want: 'ApiUnreachable', says: SAID },
    {
      reason: 'Unauthorized',
      want: 'Unauthorized',
      says: `https://fake-cluster:6443 refuses the credential of the kubeconfig (${SAID}): put a valid one into its Secret`,
    },
    { reason: 'Forbidden', want: 'Forbidden', says: SAID },
    {
      reason: 'NotFound',
      want: 'ApiUnreachable',
      says: `https://fake-cluster:6443 answers, but not as the API of a cluster (${SAID}): look at \`server\` in the kubeconfig`,
    },
  ] as const;
  for (const { reason, want, says } of failures) {
    it(`retries after ${reason}, in the cluster's words, and recovers`, async () => {
      world.cluster.down = new ApiError(reason, SAID);
      const failed = await attempt();
      expect(failed).to.include({ failures: 1 });
      expect(failed?.requeueAfterMs).to.be.greaterThan(0);
      expect(condition('Ready')).to.equal(`False ${want}: ${says}`);
      expect(condition('Reconciled')).to.equal(
        `False ${want}: the API of the cluster cannot be used: ${says}`,
      );
      world.cluster.down = undefined;
      await attempt();
      expect(condition('Ready')).to.match(/^True/);
    });
  }

  it('needs no clean-up', async () => {
    await world.api.delete(reconciler.resource, runtime);
    expect(await attempt()).to.equal(undefined);
  });
});
