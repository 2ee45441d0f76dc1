import { expect } from 'chai';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findCondition } from '../../sdk/api/condition.js';
import { isApiError } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { eventually } from '../support/eventually.js';
import type { Plane } from '../support/plane.js';
import { startPlane } from '../support/plane.js';
import {
  clusterNamespaceOf,
  configMap,
  deleteWorkload,
  deployment,
  workload,
  workloadCondition,
} from '../support/workloads.js';

const MANAGED = 'app.kubernetes.io/managed-by=threeport';
const LONG_MS = 60_000;

describe('the embedded control plane recovers', function () {
  this.timeout(150_000);
  let plane: Plane;

  before(async () => {
    plane = await startPlane();
  });
  after(() => plane?.remove());

  async function create(name: string, manifests = [deployment('web')]): Promise<void> {
    await plane.clientset.workloads.create(workload(name, manifests));
  }

  function ready(name: string): Promise<unknown> {
    return workloadCondition(plane, name, { type: 'Ready', status: 'True' }, LONG_MS);
  }

  /** One namespace per workload that there is, and nothing of any other. */
  async function expectNoOrphans(): Promise<void> {
    const { items } = await plane.clientset.workloads.list();
    await eventually(
      'one namespace per workload',
      async () => (await plane.sandbox.list('v1', 'Namespace', MANAGED)).length === items.length,
      20_000,
    );
  }

  it('from a cluster that hangs while workloads run, come and go', async () => {
    await create('stays');
    await create('goes');
    await Promise.all([ready('stays'), ready('goes')]);
    const sandbox = plane.pidOf('sandbox');
    process.kill(sandbox, 'SIGSTOP');
    try {
      await create('comes');
      await plane.clientset.workloads.delete({ namespace: 'default', name: 'goes' });
      const held = await eventually(
        'the deletion says what it waits for',
        async () => {
          const instance = await plane.clientset.workloadInstances.get({
            namespace: 'default',
            name: 'goes',
          });
          const condition = findCondition(instance.status?.conditions, 'Reconciled');
          return condition?.status === 'False' && /did not answer|not ready/.test(condition.message)
            ? condition
            : undefined;
        },
        45_000,
      );
      expect(held.message).to.match(/sandbox/);
      await workloadCondition(plane, 'stays', { type: 'Ready', status: 'Unknown' }, 45_000);
    } finally {
      process.kill(sandbox, 'SIGCONT');
    }
    await Promise.all([ready('stays'), ready('comes')]);
    await eventually(
      'the deletion is done',
      async () =>
        (await plane.clientset.workloads.find({ namespace: 'default', name: 'goes' })) ===
        undefined,
      LONG_MS,
    );
    await expectNoOrphans();
    await deleteWorkload(plane, 'comes');
  });

  it('from server and database killed in the middle of work', async () => {
    const names = Array.from({ length: 12 }, (_, i) => `mid-${i}`);
    await Promise.all(names.map((name) => create(name)));
    process.kill(plane.pidOf('server'), 'SIGKILL');
    const answers = (): Promise<boolean> =>
      plane.client.list('namespaces').then(
        () => true,
        () => false,
      );
    await eventually('the server is back', answers, 30_000);
    process.kill(plane.pidOf('postgres'), 'SIGKILL');
    await eventually('the database is back', answers, 30_000);
    await Promise.all(names.map(ready));
    await expectNoOrphans();
    await Promise.all(names.map((name) => deleteWorkload(plane, name)));
    await expectNoOrphans();
  });

  it('from reconcilers that stood still for longer than their leases', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `still-${i}`);
    const reconcilers = plane.pidOf('reconcilers');
    await Promise.all(names.map((name) => create(name)));
    process.kill(reconcilers, 'SIGSTOP');
    // Longer than a lease, so that what it held is anybody's when it goes on.
    await delay(20_000);
    process.kill(reconcilers, 'SIGCONT');
    await Promise.all(names.map(ready));
    await expectNoOrphans();
    await Promise.all(names.map((name) => deleteWorkload(plane, name)));
  });

  it('from the loss of all that NATS stored', async () => {
    await rm(join(plane.home, 'nats', 'jetstream'), { recursive: true, force: true });
    process.kill(plane.pidOf('nats'), 'SIGKILL');
    await create('after-loss', [configMap('a', { a: '1' })]);
    await workloadCondition(plane, 'after-loss', { type: 'Reconciled', status: 'True' }, 30_000);
    await deleteWorkload(plane, 'after-loss');
  });

  it('from a namespace deleted, a label removed and a finished deletion undone by hand', async () => {
    await create('edited', [deployment('web'), configMap('settings', { a: '1' })]);
    await ready('edited');
    const namespace = await clusterNamespaceOf(plane, 'edited');
    const settings = { apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'settings' };
    const unlabel = `--context sandbox -n ${namespace} label configmap settings app.kubernetes.io/managed-by-`;
    const label = await plane.run('kubectl', unlabel.split(' '));
    expect(label, label.stderr).to.include({ code: 0 });
    await eventually('the label is back', async () => {
      const live = await plane.sandbox.find(settings);
      return live?.metadata.labels?.['app.kubernetes.io/managed-by'] === 'threeport';
    });
    await plane.sandbox.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
    await eventually(
      'the namespace and what was in it are back',
      async () => (await plane.sandbox.find(settings)) !== undefined,
      30_000,
    );
    await ready('edited');
    await deleteWorkload(plane, 'edited');
    await expectNoOrphans();
  });

  it('from workloads deleted while they are being created', async () => {
    const names = Array.from({ length: 10 }, (_, i) => `brief-${i}`);
    await Promise.all(
      names.map(async (name, i) => {
        await create(name);
        await delay(i * 40);
        await deleteWorkload(plane, name);
      }),
    );
    await expectNoOrphans();
  });

  it('from a kubeconfig replaced by a wrong one', async () => {
    const key = { namespace: 'threeport-system', name: 'sandbox-kubeconfig' };
    const secret = (await plane.client.get('secrets', key)) as StoredApiObject & {
      data: { kubeconfig: string };
    };
    const good = Buffer.from(secret.data.kubeconfig, 'base64').toString();
    const patch = (kubeconfig: string): Promise<unknown> =>
      plane.client.patch('secrets', key, {
        type: 'merge',
        body: { data: { kubeconfig: Buffer.from(kubeconfig).toString('base64') } },
      });
    const runtime = (status: string): Promise<{ message: string }> =>
      eventually(
        `the runtime is Ready=${status}`,
        async () => {
          const found = await plane.clientset.kubernetesRuntimeInstances.get({ name: 'sandbox' });
          const condition = findCondition(found.status?.conditions, 'Ready');
          return condition?.status === status ? condition : undefined;
        },
        20_000,
      );
    await patch(good.replace(/("?token"?: *"?)[^"\n]+/, '$1wrong-but-secret'));
    const { message } = await runtime('False');
    expect(message)
      .to.match(/refuses the credential/)
      .and.not.include('wrong-but-secret');
    await patch(good);
    await runtime('True');
    await ready('stays');
  });

  it('keeps what is in use: a runtime and a definition', async () => {
    const refused = async (call: Promise<unknown>): Promise<string> =>
      call.then(
        () => 'accepted',
        (error: unknown) => {
          if (!isApiError(error, 'Conflict')) throw error;
          return error.message;
        },
      );
    const definitions = plane.clientset.workloadDefinitions;
    const runtimes = plane.clientset.kubernetesRuntimeInstances;
    expect(await refused(runtimes.delete({ name: 'sandbox' }))).to.match(/WorkloadInstance/);
    const definition = { namespace: 'default', name: 'stays' };
    expect(await refused(definitions.delete(definition))).to.match(/stays/);
    await ready('stays');
  });
});
