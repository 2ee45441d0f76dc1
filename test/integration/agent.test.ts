import { expect } from 'chai';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

import { ClusterAgent } from '../../agent/cluster-agent.js';
import { HostedAgent } from '../../agent/hosted-agent.js';
import { kubernetesKinds } from '../../sandbox/kinds.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { resourceRevision } from '../../sdk/kube/resource-revision.js';
import { nopLogger } from '../../sdk/logger.js';
import type { Part } from '../../sdk/process.js';
import type { AgentWorld, InventoryItem, ReportStatus } from '../support/agent-world.js';
import { appliedLabels, startAgentWorld } from '../support/agent-world.js';
import { eventually } from '../support/eventually.js';
import type { MemoryApi } from '../support/memory-api.js';
import { startMemoryApi } from '../support/memory-api.js';

const WEB = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };
const SETTINGS = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'default', name: 'settings' };

/** A cluster without controllers: what its objects say of themselves, the test writes. */
function startCluster(): Promise<MemoryApi> {
  return startMemoryApi({ kinds: kubernetesKinds(), permanentNamespaces: ['default'] });
}

function is(health: string, index = 0): (status: ReportStatus) => boolean {
  return (status) => status.resources[index]?.health === health;
}

function deployment(uid: string, name = 'web'): ApiObject {
  const labels = { ...appliedLabels(uid), app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'default', labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'web:1' }] } },
    },
  };
}

function pod(uid: string): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-1',
      namespace: 'default',
      labels: { ...appliedLabels(uid), app: 'web' },
    },
    spec: { containers: [{ name: 'app', image: 'web:1' }] },
  };
}

async function setStatus(cluster: MemoryApi, object: ApiObject, status: object): Promise<void> {
  await cluster.client.update({ ...object, status }, { subresource: 'status' });
}

const AVAILABLE = {
  observedGeneration: 1,
  replicas: 1,
  updatedReplicas: 1,
  readyReplicas: 1,
  availableReplicas: 1,
};

describe('agent', function () {
  this.timeout(30_000);
  let world: AgentWorld;
  let cluster: MemoryApi;
  const parts: Part[] = [];
  const others: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    [world, cluster] = await Promise.all([startAgentWorld(), startCluster()]);
  });

  afterEach(async () => {
    for (const part of parts.splice(0)) await part.stop();
    for (const stop of others.splice(0)) await stop();
    await Promise.all([world.api.stop(), cluster.stop()]);
  });

  async function run<P extends Part>(part: P): Promise<P> {
    parts.push(part);
    await part.start(new AbortController().signal);
    return part;
  }

  function clusterAgent(
    runtime: string,
    options: { readonly graceMs?: number } = {},
  ): Promise<Part> {
    return run(
      new ClusterAgent({
        runtime,
        kubeconfig: cluster.kubeconfig,
        client: world.agentClient,
        logger: nopLogger,
        times: { heartbeatMs: 100, heartbeatValidMs: 5_000 },
        ...options,
      }),
    );
  }

  async function placed(inventory: readonly InventoryItem[]): Promise<string> {
    await world.addRuntime('dev', cluster.kubeconfig);
    return world.addInstance('shop', 'dev', inventory);
  }

  it("tells a deployment's life as it goes", async () => {
    const uid = await placed([WEB, SETTINGS]);
    await clusterAgent('dev');
    await world.reportWhere('shop', 'nothing applied yet', is('Missing'));

    const created = await cluster.client.create(deployment(uid));
    const seen = await world.reportWhere('shop', 'created', is('Progressing'));
    expect(seen.resources.map(({ kind }) => kind)).to.deep.equal(['Deployment', 'ConfigMap']);
    const revision = resourceRevision(created);
    expect(seen.resources[0]).to.include({ uid: created.metadata.uid, revision });

    await setStatus(cluster, created, { observedGeneration: 1, replicas: 1, updatedReplicas: 1 });
    const failing = await cluster.client.create(pod(uid));
    await setStatus(cluster, failing, {
      phase: 'Pending',
      containerStatuses: [
        {
          name: 'app',
          image: 'web:1',
          imageID: '',
          ready: false,
          restartCount: 0,
          state: {
            waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "web:1"' },
          },
        },
      ],
    });
    const degraded = await world.reportWhere('shop', 'the image', is('Degraded'));
    expect(degraded.resources[0]?.message).to.equal(
      'ImagePullBackOff: Back-off pulling image "web:1"',
    );

    await cluster.client.delete(failing.kind === 'Pod' ? 'pods' : '', failing.metadata);
    const current = await cluster.client.get('deployments.apps', WEB);
    await setStatus(cluster, current, AVAILABLE);
    const healthy = await world.reportWhere('shop', 'available', is('Healthy'));
    expect(healthy.resources[0], 'a status is no news').to.include({ revision });

    const live = await cluster.client.get('deployments.apps', WEB);
    live.metadata.annotations = { 'example.com/by': 'hand' };
    await cluster.client.update(live);
    const edited = (status: ReportStatus): boolean => status.resources[0]?.revision !== revision;
    const { resources } = await world.reportWhere('shop', 'the annotation', edited);
    expect(resources[0]?.health, 'only the revision tells').to.equal('Healthy');

    await cluster.client.delete('deployments.apps', WEB);
    await world.reportWhere('shop', 'deleted', is('Missing'));
  });

  it('reports warnings about what it watches, and only those', async () => {
    await placed([WEB]);
    await clusterAgent('dev');
    const event = (name: string, type: string, involved: string): ApiObject => ({
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name, namespace: 'default' },
      involvedObject: { kind: 'Pod', namespace: 'default', name: involved },
      type,
      reason: 'Failed',
      message: 'no such image',
      count: 1,
      lastTimestamp: '2026-01-01T00:00:00Z',
    });
    await cluster.client.create(event('a', 'Warning', 'stranger'));
    await cluster.client.create(event('b', 'Normal', 'web-2'));
    await cluster.client.create(event('c', 'Warning', 'web-1'));
    const { warnings } = await world.reportWhere('shop', 'a warning', (status) => {
      return status.warnings.length > 0;
    });
    expect(warnings).to.deep.equal([
      {
        resource: 'Pod/web-1',
        reason: 'Failed',
        message: 'no such image',
        count: 1,
        lastSeen: '2026-01-01T00:00:00Z',
      },
    ]);
  });

  it('says Unknown of a kind that the cluster does not have', async () => {
    await placed([{ apiVersion: 'example.com/v1', kind: 'Odd', name: 'x' }, WEB]);
    await clusterAgent('dev');
    const { resources } = await world.reportWhere('shop', 'the report', is('Unknown'));
    expect(resources[0]?.message).to.contain('no kind Odd in example.com/v1');
    expect(resources[1]?.health).to.equal('Missing');
  });

  it('follows the inventory to kinds that it did not watch before', async () => {
    const uid = await placed([]);
    await clusterAgent('dev');
    await cluster.client.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'default', labels: appliedLabels(uid) },
      data: { password: 'not for the agent' },
    });
    await world.reportWhere('shop', 'the empty report', ({ resources }) => resources.length === 0);
    const instance = await world.api.client.get('workloadinstances.workload.threeport.io', {
      namespace: 'default',
      name: 'shop',
    });
    await world.api.client.update(
      { ...instance, status: { inventory: [SETTINGS] } },
      { subresource: 'status' },
    );
    await world.reportWhere('shop', 'the new kind', is('Healthy'));
  });

  it('sends no heartbeat while the cluster is away, and the truth when it is back', async () => {
    const uid = await placed([WEB]);
    const created = await cluster.client.create(deployment(uid));
    await setStatus(cluster, created, AVAILABLE);
    const calls = countReports(world);
    await clusterAgent('dev', { graceMs: 300 });
    await world.reportWhere('shop', 'available', is('Healthy'));
    expect(await world.isAlive('dev')).to.equal(true);

    await cluster.pause();
    await silence(calls);
    await cluster.resume();
    await cluster.client.delete('deployments.apps', WEB);
    await world.reportWhere('shop', 'what happened meanwhile', is('Missing'));
    const before = calls.count;
    await eventually('heartbeats again', () => calls.count > before + 1);
  });

  it('says everything again when the API is back', async () => {
    const uid = await placed([WEB]);
    await clusterAgent('dev');
    await world.reportWhere('shop', 'nothing yet', is('Missing'));
    await world.api.pause();
    const created = await cluster.client.create(deployment(uid));
    await setStatus(cluster, created, AVAILABLE);
    await world.api.resume();
    await world.reportWhere('shop', 'what happened meanwhile', is('Healthy'));
  });

  it('starts again with what is true then', async () => {
    const uid = await placed([WEB]);
    const first = await clusterAgent('dev');
    const created = await cluster.client.create(deployment(uid));
    await setStatus(cluster, created, AVAILABLE);
    await world.reportWhere('shop', 'available', is('Healthy'));
    await first.stop();
    await cluster.client.delete('deployments.apps', WEB);
    const calls = countReports(world);
    await clusterAgent('dev');
    await eventually('a call', () => calls.count > 0);
    expect(calls.first, 'the first heartbeat carries the new state').to.deep.equal(['Missing']);
  });

  describe('of several clusters', () => {
    function hosted(): Promise<HostedAgent> {
      return run(
        new HostedAgent({
          client: world.agentClient,
          logger: nopLogger,
          times: { heartbeatMs: 100, heartbeatValidMs: 5_000 },
          secretIntervalMs: 100,
        }),
      );
    }

    it('is not held up by a cluster that hangs or one whose kubeconfig is wrong', async () => {
      const hanging = createServer((socket) => socket.resume().on('error', () => undefined));
      hanging.listen(0, '127.0.0.1');
      others.push(() => new Promise((resolve) => hanging.close(resolve)));
      await eventually('the port', () => hanging.listening);
      const { port } = hanging.address() as AddressInfo;
      await world.addRuntime('wrong', 'this is no kubeconfig');
      await world.addRuntime(
        'hanging',
        cluster.kubeconfig.replace(/"server":"[^"]*"/, `"server":"http://127.0.0.1:${port}"`),
      );
      await placed([WEB]);
      await hosted();
      await world.reportWhere('shop', 'the report of the good one', is('Missing'));
      expect(await world.isAlive('dev')).to.equal(true);
      expect(await world.isAlive('hanging')).to.equal(false);
      expect(await world.isAlive('wrong')).to.equal(false);
    });

    it('follows a kubeconfig that is replaced', async () => {
      const other = await startCluster();
      others.push(() => other.stop());
      const uid = await placed([WEB]);
      await other.client.create(deployment(uid));
      await hosted();
      await world.reportWhere('shop', 'the first cluster', is('Missing'));
      await world.setKubeconfig('dev', other.kubeconfig);
      await world.reportWhere('shop', 'the other cluster', is('Progressing'));
    });

    it('ends with its runtime', async () => {
      await world.addRuntime('spare', cluster.kubeconfig);
      const calls = countReports(world, 'spare');
      await hosted();
      await eventually('a heartbeat', () => calls.count > 0);
      await world.api.client.delete('kubernetesruntimeinstances.kubernetes.threeport.io', {
        name: 'spare',
      });
      await silence(calls);
    });
  });
});

/** Waits until no call was made for four heartbeats. */
async function silence(calls: { readonly count: number }): Promise<void> {
  await eventually('the last heartbeat', async () => {
    const before = calls.count;
    await new Promise((resolve) => setTimeout(resolve, 400));
    return calls.count === before;
  });
}

/** Counts an agent's calls from now on, and keeps the healths that the first one carries. */
function countReports(
  world: AgentWorld,
  runtime = 'dev',
): { count: number; first: unknown[] | undefined } {
  const calls: { count: number; first: unknown[] | undefined } = { count: 0, first: undefined };
  const { report } = world.agentClient;
  world.agentClient.report = (request, options) => {
    if (request.runtime !== runtime) return report(request, options);
    calls.count++;
    calls.first ??= request.reports.flatMap(({ status }) =>
      (status as unknown as ReportStatus).resources.map(({ health }) => health),
    );
    return report(request, options);
  };
  return calls;
}
