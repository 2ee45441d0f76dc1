import { expect } from 'chai';

import { ClusterAgent } from '../../agent/cluster-agent.js';
import { createSandbox } from '../../sandbox/sandbox.js';
import type { ApiObject } from '../../sdk/api/object.js';
import { createKubeClusters } from '../../sdk/kube/kube-clusters.js';
import type { KubeClusters } from '../../sdk/kube/kube-clusters.js';
import { nopLogger } from '../../sdk/logger.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import type { AgentWorld, ReportStatus } from '../support/agent-world.js';
import { appliedLabels, startAgentWorld } from '../support/agent-world.js';
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

interface Cluster {
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

async function startSandbox(): Promise<Cluster> {
  const token = 'token-of-the-sandbox';
  const sandbox = createSandbox({
    store: new MemoryObjectStore(),
    authenticator: createTokenAuthenticator([{ token, user: 'admin', groups: ['system:masters'] }]),
    listen: { host: '127.0.0.1', port: 0 },
    logger: nopLogger,
  });
  await sandbox.start(new AbortController().signal);
  const kubeconfig = JSON.stringify({
    'current-context': 'it',
    clusters: [{ name: 'it', cluster: { server: sandbox.address } }],
    users: [{ name: 'it', user: { token } }],
    contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
  });
  return { kubeconfig, stop: () => sandbox.stop() };
}

/** Clusters with controllers, and the annotation of a pod that makes its image fail. */
const CLUSTERS: readonly {
  readonly name: string;
  readonly start: () => Promise<Cluster | undefined>;
  readonly broken: Record<string, string>;
}[] = [
  {
    name: 'the sandbox',
    start: startSandbox,
    broken: { 'sandbox.threeport.io/fail': 'ImagePullBackOff' },
  },
  {
    name: 'a real Kubernetes API',
    start: () => startRealCluster('agent'),
    broken: { 'fake-kubelet/fail': 'ImagePullBackOff' },
  },
];

for (const { name, start, broken } of CLUSTERS) {
  describe(`agent of ${name}`, function () {
    this.timeout(120_000);
    let cluster: Cluster | undefined;
    let world: AgentWorld | undefined;
    let clusters: KubeClusters | undefined;
    let agent: ClusterAgent | undefined;

    before(async function () {
      cluster = await start();
      if (cluster === undefined) this.skip();
      world = await startAgentWorld();
      clusters = createKubeClusters();
    });

    after(async () => {
      await agent?.stop();
      clusters?.close();
      await world?.api.stop();
      await cluster?.stop();
    });

    it("tells a deployment's life, and at once that it was deleted", async () => {
      if (cluster === undefined || world === undefined || clusters === undefined) return;
      const { kubeconfig } = cluster;
      const kube = clusters.kube(kubeconfig);
      await world.addRuntime('it', kubeconfig);
      const uid = await world.addInstance('shop', 'it', [WEB, SECRET]);
      agent = new ClusterAgent({
        runtime: 'it',
        kubeconfig,
        client: world.agentClient,
        logger: nopLogger,
      });
      await agent.start(new AbortController().signal);
      await world.reportWhere('shop', 'nothing applied yet', web('Missing'));

      const metadata = { name: NAMESPACE, labels: appliedLabels(uid) };
      await kube.apply({ apiVersion: 'v1', kind: 'Namespace', metadata });
      await kube.apply(deployment(uid, broken));
      await kube.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'password', namespace: NAMESPACE, labels: appliedLabels(uid) },
        stringData: { password: 'not for the agent' },
      });
      const failing = await world.reportWhere('shop', 'the image', web('Degraded'));
      expect(failing.resources[0]?.message).to.match(/^ImagePullBackOff: /);

      await kube.apply(deployment(uid, {}));
      const { resources } = await world.reportWhere('shop', 'the mended one', web('Healthy'));
      expect(resources[1]).to.include({ kind: 'Secret', health: 'Healthy' });

      await kube.delete(WEB);
      await world.reportWhere('shop', 'deleted', web('Missing'));
      expect(await world.isAlive('it')).to.equal(true);
      await kube.delete({ apiVersion: 'v1', kind: 'Namespace', name: NAMESPACE });
    });
  });
}
