import { expect } from 'chai';

import { ClusterAgent } from '../../agent/cluster-agent.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { createKubeClusters } from '../../sdk/kube/kube-clusters.js';
import type { KubeClusters } from '../../sdk/kube/kube-clusters.js';
import { nopLogger } from '../../sdk/logger.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import type { AgentWorld, ReportStatus } from '../support/agent-world.js';
import { appliedLabels, startAgentWorld } from '../support/agent-world.js';
import type { RealCluster } from '../support/real-cluster.js';
import { startRealCluster } from '../support/real-cluster.js';

const NAMESPACE = 'agent-test';
const WEB = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: NAMESPACE, name: 'web' };
const SECRET = { apiVersion: 'v1', kind: 'Secret', namespace: NAMESPACE, name: 'password' };

function deployment(uid: string, annotations: Record<string, string>): ApiObject {
  const labels = { ...appliedLabels(uid), app: 'web' };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: NAMESPACE, labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels, annotations },
        spec: { containers: [{ name: 'app', image: 'web:1' }] },
      },
    },
  };
}

function web(health: string): (status: ReportStatus) => boolean {
  return ({ resources }) => resources[0]?.health === health;
}

describe('agent of a real Kubernetes API', function () {
  this.timeout(120_000);
  let real: RealCluster | undefined;
  let world: AgentWorld | undefined;
  let clusters: KubeClusters | undefined;
  let agent: ClusterAgent | undefined;

  before(async function () {
    real = await startRealCluster('agent');
    if (real === undefined) this.skip();
    world = await startAgentWorld();
    clusters = createKubeClusters();
  });

  after(async () => {
    await agent?.stop();
    clusters?.close();
    await world?.api.stop();
    await real?.stop();
  });

  it("tells a deployment's life, and at once that it was deleted", async () => {
    if (real === undefined || world === undefined || clusters === undefined) return;
    const cluster: KubePort = clusters.kube(real.kubeconfig);
    await world.addRuntime('real', real.kubeconfig);
    const uid = await world.addInstance('shop', 'real', [WEB, SECRET]);
    agent = new ClusterAgent({
      runtime: 'real',
      kubeconfig: real.kubeconfig,
      client: world.agentClient,
      logger: nopLogger,
    });
    await agent.start(new AbortController().signal);
    await world.reportWhere('shop', 'nothing applied yet', web('Missing'));

    const metadata = { name: NAMESPACE, labels: appliedLabels(uid) };
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
    await cluster.apply(deployment(uid, { 'fake-kubelet/fail': 'ImagePullBackOff' }));
    await cluster.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'password', namespace: NAMESPACE, labels: appliedLabels(uid) },
      stringData: { password: 'not for the agent' },
    });
    const failing = await world.reportWhere('shop', 'the image', web('Degraded'));
    expect(failing.resources[0]?.message).to.match(/^ImagePullBackOff: /);

    await cluster.apply(deployment(uid, {}));
    const { resources } = await world.reportWhere('shop', 'the mended one', web('Healthy'));
    expect(resources[1]).to.include({ kind: 'Secret', health: 'Healthy' });

    await cluster.delete(WEB);
    await world.reportWhere('shop', 'deleted', web('Missing'));
    expect(await world.isAlive('real')).to.equal(true);
    await cluster.delete({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE });
  });
});
