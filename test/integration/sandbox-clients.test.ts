import { AppsV1Api, CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';
import type { Informer, V1Pod } from '@kubernetes/client-node';
import { expect } from 'chai';
import { kubernetesKinds } from '../../sandbox/kinds.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { eventually } from '../support/eventually.js';
import { testDatabase } from '../support/postgres.js';
import type { TestDatabase } from '../support/postgres.js';
import type { SandboxFixture } from '../support/sandbox-fixture.js';
import { comesToRest, startSandbox } from '../support/sandbox-fixture.js';
import { deployment } from '../support/sandbox-manifests.js';

describe('sandbox: @kubernetes/client-node', function () {
  this.timeout(60_000);
  let sandbox: SandboxFixture;
  let informer: Informer<V1Pod> | undefined;

  before(async () => {
    sandbox = await startSandbox();
  });

  after(async () => {
    await informer?.stop();
    await sandbox?.stop();
  });

  it('follows a pod from Pending to Running to its end', async () => {
    const config = new KubeConfig();
    config.loadFromFile(sandbox.kubeconfig);
    const core = config.makeApiClient(CoreV1Api);
    const apps = config.makeApiClient(AppsV1Api);
    const phases: string[] = [];
    informer = makeInformer(config, '/api/v1/pods', () => core.listPodForAllNamespaces());
    for (const event of ['add', 'update', 'delete'] as const) {
      informer.on(
        event,
        (pod) => void phases.push(event === 'delete' ? 'gone' : (pod.status?.phase ?? '')),
      );
    }
    await informer.start();
    await apps.createNamespacedDeployment({
      namespace: 'default',
      body: JSON.parse(deployment('seen')),
    });
    await eventually('running', () => phases.includes('Running'));
    await apps.deleteNamespacedDeployment({ namespace: 'default', name: 'seen' });
    await eventually('gone', () => phases.includes('gone'));
    const steps = phases.filter((phase, index) => phase !== '' && phase !== phases[index - 1]);
    expect(steps).to.deep.equal(['Pending', 'Running', 'gone']);
  });
});

describe('sandbox: restart', function () {
  this.timeout(60_000);
  let database: TestDatabase;

  before(async () => {
    database = await testDatabase();
  });

  after(() => database.drop());

  it('has everything again from the database, and goes on', async () => {
    const start = (): Promise<SandboxFixture> =>
      startSandbox(
        new SqlObjectStore({ connectionString: database.url, kinds: kubernetesKinds() }),
      );
    const path = '/apis/apps/v1/namespaces/default/deployments';
    const post = async (sandbox: SandboxFixture, body: string): Promise<void> => {
      const response = await fetch(`${sandbox.address}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(10_000),
      });
      expect(response.status).to.equal(201);
    };
    const isReady = async (sandbox: SandboxFixture, name: string): Promise<boolean> => {
      const found = await sandbox.get<{ status?: { readyReplicas?: number } }>(`${path}/${name}`);
      return found.status?.readyReplicas === 1;
    };

    const first = await start();
    let uid: string;
    try {
      await post(first, deployment('kept'));
      await eventually('ready before the restart', () => isReady(first, 'kept'));
      uid = (await first.get(`${path}/kept`)).metadata.uid;
      // This one is still starting when the sandbox stops.
      await post(first, deployment('young'));
    } finally {
      await first.stop();
    }

    const second = await start();
    try {
      expect((await second.get(`${path}/kept`)).metadata.uid).to.equal(uid);
      await eventually('ready after the restart', () => isReady(second, 'young'));
      await comesToRest(second.store, 3_000);
    } finally {
      await second.stop();
    }
  });
});
