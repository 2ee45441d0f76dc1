import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { WorkloadInstanceSpec } from '../../sdk/api/zz_generated.types.js';
import { findRuntime } from '../../sdk/kube/find-runtime.js';
import { kubeconfigAfterRuntime } from '../../sdk/kube/runtime-kubeconfig.js';
import type { ObjectClient } from '../../sdk/ports/client-api-port.js';
import type { ApiPort } from '../../sdk/ports/api-port.js';
import { createClientApi } from '../../sdk/ports/client-api-port.js';
import type { ClusterRef } from '../../sdk/ports/kube-port.js';
import { ReadAhead } from '../../sdk/ports/read-ahead.js';
import { createSecrets } from '../../sdk/ports/secrets-port.js';
import { InstanceBench } from '../../test/support/instance-bench.js';
import {
  putDefinition,
  putReport,
  putRuntime,
  webYaml,
} from '../../test/support/workload-fixtures.js';
import { findDefinition } from './find-dependencies.js';

describe('WorkloadInstance reconciler: what can go wrong', () => {
  let bench: InstanceBench;

  beforeEach(() => {
    bench = new InstanceBench();
  });

  describe('dependencies', () => {
    const cases = [
      {
        name: 'definition',
        arrange: () =>
          bench.world.api.delete('workloaddefinitions.workload.threeport.io', {
            metadata: { name: 'web', namespace: 'default' },
          }),
        want: 'False DefinitionMissing: WorkloadDefinition default/web does not exist',
      },
      {
        name: 'runtime',
        arrange: () =>
          bench.world.api.delete('kubernetesruntimeinstances.kubernetes.threeport.io', {
            metadata: { name: 'here' },
          }),
        want: 'False RuntimeMissing: KubernetesRuntimeInstance here does not exist',
      },
      {
        name: 'runtime that is Ready',
        arrange: () => putRuntime(bench.world, { ready: false }),
        want: 'False RuntimeNotReady: KubernetesRuntimeInstance here is not ready: connection refused',
      },
    ];
    for (const { name, arrange, want } of cases) {
      it(`waits for the ${name} and says so`, async () => {
        await arrange();
        const waiting = await bench.attempt();
        expect(waiting).to.include({ failures: 0, requeueAfterMs: undefined });
        expect(bench.world.cluster.names()).to.deep.equal([]);
        expect(bench.condition('Reconciled')).to.equal(want);
        expect(bench.condition('Ready')).to.equal(want.replace(/^False \w+/, 'False NotApplied'));
        expect(bench.status.phase).to.equal('Waiting');
      });
    }

    it('starts once they are there', async () => {
      putRuntime(bench.world, { ready: false });
      await bench.settle();
      putRuntime(bench.world);
      await bench.settle();
      expect(bench.world.cluster.names()).to.have.members(bench.ours);
    });

    it('turns Unknown when the agent is lost, and is never green then', async () => {
      await bench.settle();
      putReport(bench.world, bench.instance);
      await bench.settle();
      putRuntime(bench.world, { agent: false });
      await bench.settle();
      expect(bench.condition('Ready')).to.equal(
        'Unknown AgentLost: the agent of runtime here is not connected: no heartbeat',
      );
      expect(bench.status.phase).to.equal('Unknown');
      expect(new Set(bench.status.resources?.map(({ health }) => health))).to.deep.equal(
        new Set(['Unknown']),
      );
    });

    it('turns Unknown when the runtime is not ready any more', async () => {
      await bench.settle();
      putReport(bench.world, bench.instance);
      await bench.settle();
      putRuntime(bench.world, { ready: false });
      await bench.settle();
      expect(bench.condition('Ready')).to.match(/^Unknown RuntimeNotReady: .*connection refused$/);
      expect(bench.world.cluster.names()).to.have.members(bench.ours);
    });
  });

  describe('failures', () => {
    it('names what Kubernetes refuses, and applies the rest', async () => {
      bench.world.cluster.refusals.set(
        'Service web',
        new ApiError('Invalid', 'spec.ports: Required value'),
      );
      const failed = await bench.attempt();
      expect(failed?.failures).to.equal(1);
      expect(bench.condition('Reconciled')).to.equal(
        `False ResourcesFailed: 1 of 4 resources failed: Service ${bench.namespace}/web: spec.ports: Required value`,
      );
      expect(bench.status.phase).to.equal('Failed');
      expect(bench.world.cluster.names()).to.have.members(bench.ours.slice(0, 3));
      const service = bench.status.resources?.find(({ kind }) => kind === 'Service');
      expect(service).to.include({ health: 'Missing', message: 'spec.ports: Required value' });
      bench.world.cluster.refusals.clear();
      await bench.settle();
      expect(bench.condition('Reconciled')).to.equal('True Reconciled: ');
    });

    it('never takes over what others made', async () => {
      const theirs =
        'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: theirs, namespace: default }\n';
      bench.world.cluster.put({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'theirs', namespace: 'default' },
        data: { keep: 'me' },
      });
      putDefinition(bench.world, theirs);
      await bench.attempt();
      expect(bench.condition('Reconciled')).to.match(
        /ConfigMap default\/theirs: it exists already and does not/,
      );
      await bench.askDelete();
      await bench.settle();
      expect(bench.world.cluster.get('ConfigMap', 'theirs')?.['data']).to.deep.equal({
        keep: 'me',
      });
      expect(bench.stored).to.equal(undefined);
    });

    it('reports an unreachable cluster and tries again', async () => {
      bench.world.cluster.down = new ApiError(
        'ServiceUnavailable',
        'cannot reach https://x: ECONNREFUSED',
      );
      const failed = await bench.attempt();
      expect(failed?.requeueAfterMs).to.be.greaterThan(0);
      expect(bench.condition('Reconciled')).to.equal(
        'False ClusterUnreachable: runtime here: cannot reach https://x: ECONNREFUSED',
      );
      bench.world.cluster.down = undefined;
      await bench.settle();
      expect(bench.world.cluster.names()).to.have.members(bench.ours);
    });

    it('does not retry manifests that cannot be read', async () => {
      putDefinition(bench.world, 'a: [1\n');
      expect((await bench.attempt())?.requeueAfterMs).to.equal(undefined);
      expect(bench.condition('Reconciled')).to.match(
        /^False ManifestsInvalid: .*document 1, line 2: /,
      );
      expect(bench.condition('Stalled')).to.match(/^True ManifestsInvalid/);
      expect(bench.status.phase).to.equal('Failed');
    });

    it('says which kind the cluster does not know', async () => {
      putDefinition(
        bench.world,
        `${webYaml}\n---\napiVersion: x.io/v1\nkind: Odd\nmetadata: { name: o }\n`,
      );
      await bench.attempt();
      expect(bench.condition('Reconciled')).to.equal(
        'False ResourcesFailed: 1 of 5 resources failed: Odd o: no matches for kind "Odd" in version "x.io/v1"',
      );
      expect(bench.world.cluster.names()).to.have.members(bench.ours);
    });

    for (const [what, kind] of [
      ['definition', 'WorkloadDefinition'],
      ['runtime', 'KubernetesRuntimeInstance'],
      ['Secret', 'Secret'],
      ['report', 'WorkloadReport'],
    ] as const) {
      it(`fails, and recovers, when the ${what} cannot be read`, async () => {
        bench.world.api.refusals.set(kind, new ApiError('InternalError', 'the store is away'));
        expect((await bench.attempt())?.failures).to.equal(1);
        expect(bench.condition('Reconciled')).to.equal('False InternalError: the store is away');
        bench.world.api.refusals.clear();
        await bench.settle();
        expect(bench.world.cluster.names()).to.have.members(bench.ours);
      });
    }
  });
});

describe('WorkloadInstance dependencies, read ahead', () => {
  let bench: InstanceBench;
  let readAhead: ReadAhead;
  let port: ApiPort;
  const requests: string[] = [];

  beforeEach(() => {
    bench = new InstanceBench();
    requests.length = 0;
    const { api } = bench.world;
    const client = {
      find: (resource: string, key: { name: string }) => {
        requests.push(key.name);
        return api.find(resource, key);
      },
      read: async ({ keys }: Parameters<ObjectClient['read']>[0]) => {
        requests.push(keys.map(({ name }) => name).join(' '));
        const found = await Promise.all(
          keys.map(({ resource, ...key }) => api.find(resource, key)),
        );
        return { objects: found.map((object) => object ?? null) };
      },
    } as unknown as ObjectClient;
    port = createClientApi(client, 'threeport-test')();
    readAhead = new ReadAhead(kubeconfigAfterRuntime);
  });

  /** The kubeconfig that an attempt ends up with, and what it asked for, request by request. */
  const attempt = async (): Promise<string[]> => {
    const kubeconfigs: string[] = [];
    const kube = (cluster: ClusterRef) => (
      kubeconfigs.push(`${cluster.runtime}: ${cluster.kubeconfig}`),
      bench.world.cluster
    );
    const api = readAhead.port(port);
    const ports = { api, kube, secrets: createSecrets(api) };
    const instance = bench.stored as StoredApiObject<WorkloadInstanceSpec>;
    const spec = instance.spec as WorkloadInstanceSpec;
    await Promise.all([findDefinition(instance, spec, ports), findRuntime(spec.runtime, ports)]);
    return [...kubeconfigs, ...requests.splice(0)];
  };

  it('asks for the Secret of a runtime that is known together with it', async () => {
    expect(await attempt()).to.deep.equal(['here: the kubeconfig', 'web here', 'here-kubeconfig']);
    expect(await attempt()).to.deep.equal(['here: the kubeconfig', 'web here here-kubeconfig']);
  });

  it('uses the Secret that the runtime names now', async () => {
    await attempt();
    const { api } = bench.world;
    api.put({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'moved', namespace: 'team' },
      data: { kubeconfig: Buffer.from('another kubeconfig').toString('base64') },
    });
    const runtime = api.get('KubernetesRuntimeInstance', 'here') as StoredApiObject;
    const spec = { definition: 'existing', kubeconfigSecret: { name: 'moved', namespace: 'team' } };
    api.put({ ...runtime, spec });
    const first = ['here: another kubeconfig', 'web here here-kubeconfig', 'moved'];
    expect(await attempt()).to.deep.equal(first);
    expect(await attempt()).to.deep.equal(['here: another kubeconfig', 'web here moved']);
  });
});
