import { expect } from 'chai';
import { findCondition } from '../../sdk/api/condition.js';
import { isAlive } from '../../tptctl/embedded/process-table.js';
import { eventually } from '../support/eventually.js';
import type { Plane } from '../support/plane.js';
import { startPlane } from '../support/plane.js';
import {
  configMap,
  deleteWorkload,
  deployment,
  workload,
  workloadCondition,
} from '../support/workloads.js';

describe('the embedded control plane under faults', function () {
  this.timeout(180_000);
  let plane: Plane;

  before(async () => {
    plane = await startPlane();
  });
  after(() => plane?.remove());

  it('loses nothing when the reconcilers are killed while 50 workloads are applied', async () => {
    const names = Array.from({ length: 50 }, (_, i) => `load-${i}`);
    const applied = names.map((name) =>
      plane.clientset.workloads.create(
        workload(name, [deployment('web'), configMap('settings', { name })]),
      ),
    );
    await eventually('some work is done', async () => {
      const { items } = await plane.clientset.workloadInstances.list();
      return items.length >= 5;
    });
    process.kill(plane.pidOf('reconcilers'), 'SIGKILL');
    await Promise.all(applied);
    await eventually(
      'all 50 are ready',
      async () => {
        const { items } = await plane.clientset.workloads.list({ namespace: 'default' });
        return (
          items.length === 50 &&
          items.every((item) => findCondition(item.status?.conditions, 'Ready')?.status === 'True')
        );
      },
      90_000,
    );
    const label = 'app.kubernetes.io/managed-by=threeport';
    const namespaces = await plane.sandbox.list('v1', 'Namespace', label);
    const settings = await plane.sandbox.list('v1', 'ConfigMap', label);
    const deployments = await plane.sandbox.list('apps/v1', 'Deployment', label);
    expect(namespaces.length, 'one namespace each, no second one').to.equal(50);
    expect(
      new Set(settings.map((object) => (object['data'] as { name: string }).name)).size,
    ).to.equal(50);
    expect(settings.length, 'each manifest is applied once').to.equal(50);
    expect(deployments.length).to.equal(50);
    for (const name of names)
      await plane.clientset.workloads.delete({ namespace: 'default', name });
    await eventually(
      'all are gone',
      async () => {
        const { items } = await plane.clientset.workloads.list({ namespace: 'default' });
        return items.length === 0;
      },
      90_000,
    );
    expect(await plane.sandbox.list('v1', 'Namespace', label)).to.deep.equal([]);
  });

  it('says Unknown within 30 s when the agent hangs, and the truth when it is back', async () => {
    await plane.clientset.workloads.create(workload('watched', [deployment('web')]));
    await workloadCondition(plane, 'watched', { type: 'Ready', status: 'True' });
    const agent = plane.pidOf('agent');
    process.kill(agent, 'SIGSTOP');
    try {
      await workloadCondition(plane, 'watched', { type: 'Ready', status: 'Unknown' }, 30_000);
      const runtime = await plane.clientset.kubernetesRuntimeInstances.get({ name: 'sandbox' });
      const connected = runtime.status?.conditions?.find(({ type }) => type === 'AgentConnected');
      expect(connected?.status).to.equal('False');
    } finally {
      process.kill(agent, 'SIGCONT');
    }
    await workloadCondition(plane, 'watched', { type: 'Ready', status: 'True' }, 30_000);
    await deleteWorkload(plane, 'watched');
  });

  it('goes on by the sweep while nats-server hangs, and by hints when it is back', async () => {
    const nats = plane.pidOf('nats');
    process.kill(nats, 'SIGSTOP');
    try {
      await plane.clientset.workloads.create(workload('swept', [configMap('a', { a: '1' })]));
      await workloadCondition(plane, 'swept', { type: 'Reconciled', status: 'True' }, 30_000);
    } finally {
      process.kill(nats, 'SIGCONT');
    }
    await deleteWorkload(plane, 'swept');
  });

  it('writes nothing while nothing changes, for a whole minute', async () => {
    await plane.clientset.workloads.create(
      workload('still', [deployment('web'), configMap('a', { a: '1' })]),
    );
    await workloadCondition(plane, 'still', { type: 'Ready', status: 'True' });
    const threeport = (): Promise<string> =>
      plane.clientset.workloads.list().then((list) => list.resourceVersion);
    const sandbox = async (): Promise<string> => {
      const answer = await plane.run('kubectl', [
        '--context',
        'sandbox',
        'get',
        '--raw',
        '/api/v1/namespaces?limit=1',
      ]);
      return (JSON.parse(answer.stdout) as { metadata: { resourceVersion: string } }).metadata
        .resourceVersion;
    };
    let before = ['', ''];
    // What was in motion comes to rest first: both logs stand still for five seconds.
    await eventually(
      'all is at rest',
      async () => {
        before = [await threeport(), await sandbox()];
        return standsStill(
          async () => `${await threeport()} ${await sandbox()}`,
          before.join(' '),
          5_000,
        );
      },
      60_000,
    );
    const still = await standsStill(
      async () => `${await threeport()} ${await sandbox()}`,
      before.join(' '),
      60_000,
    );
    expect(
      still,
      `versions ${before.join(', ')} moved to ${await threeport()}, ${await sandbox()}`,
    ).to.equal(true);
    await deleteWorkload(plane, 'still');
  });

  it('continues with every object after the supervisor and all parts were killed', async () => {
    await plane.clientset.workloads.create(workload('durable', [deployment('web')]));
    await workloadCondition(plane, 'durable', { type: 'Ready', status: 'True' });
    const before = await plane.clientset.workloads.get({ namespace: 'default', name: 'durable' });
    const status = await plane.tptctl(['status', '-o', 'json']);
    const { parts } = JSON.parse(status.stdout) as { parts: { name: string; pid: number }[] };
    const pids = parts.map(({ pid }) => pid).filter((pid) => pid !== undefined);
    const supervisor = parts.find(({ name }) => name === 'supervisor');
    process.kill(supervisor?.pid ?? -1, 'SIGKILL');
    await eventually('no process is left', () => pids.every((pid) => !isAlive(pid)));
    const up = await plane.tptctl(['up']);
    expect(up, up.stdout + up.stderr).to.include({ code: 0 });
    const after = await plane.clientset.workloads.get({ namespace: 'default', name: 'durable' });
    expect(after.metadata.uid).to.equal(before.metadata.uid);
    await workloadCondition(plane, 'durable', { type: 'Ready', status: 'True' }, 30_000);
    await deleteWorkload(plane, 'durable');
  });
});

/** True when `look` gives `want` all the time, asked twice a second for `forMs`. */
async function standsStill(
  look: () => Promise<string>,
  want: string,
  forMs: number,
): Promise<boolean> {
  const moved = eventually('it moves', async () => (await look()) !== want, forMs);
  return moved.then(
    () => false,
    () => true,
  );
}
