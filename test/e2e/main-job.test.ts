import { expect } from 'chai';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { findCondition } from '../../sdk/api/condition.js';
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

describe('the main job on the embedded control plane', function () {
  this.timeout(60_000);
  let plane: Plane;

  before(async () => {
    plane = await startPlane();
  });
  after(() => plane?.remove());

  it("does what the README's transcript says", async () => {
    const again = await plane.tptctl(['up']);
    expect(again.stdout, 'a second up says so').to.match(/already running/);

    const applied = await plane.tptctl([
      'apply',
      '-f',
      'samples/wordpress.yaml',
      '--wait',
      '--timeout',
      '30s',
    ]);
    expect(applied, applied.stderr).to.include({ code: 0 });
    expect(applied.stdout).to.match(/^workload\.workload\.threeport\.io\/wordpress created\n/);

    const listed = await plane.tptctl(['get', 'workloads,runtimes']);
    expect(listed.stdout).to.match(
      /workload\.workload\.threeport\.io\/wordpress\s+sandbox\s+True\s+True\s+Healthy/,
    );
    expect(listed.stdout).to.match(
      /kubernetesruntimeinstance\.kubernetes\.threeport\.io\/sandbox\s+sandbox\s+true\s+True\s+True\s+v/,
    );

    const described = await plane.tptctl(['describe', 'workload', 'wordpress']);
    expect(described.stdout).to.match(/Resources:\n\s+KIND\s+NAME\s+HEALTH\s+AGE/);
    expect(described.stdout).to.match(/Deployment\s+\S+wordpress\S*\s+Healthy\s+\d+s/);

    const logs = await plane.tptctl(['logs', 'wordpress', '-c', 'mysql', '--tail', '1']);
    expect(logs, logs.stderr).to.include({ code: 0 });
    expect(logs.stdout).to.match(/container mysql is ready\n$/);

    const unchanged = await plane.tptctl(['apply', '-f', 'samples/wordpress.yaml']);
    expect(unchanged.stdout).to.equal('workload.workload.threeport.io/wordpress unchanged\n');

    const namespace = await clusterNamespaceOf(plane, 'wordpress');
    const deleted = await plane.tptctl(['delete', '-f', 'samples/wordpress.yaml']);
    expect(deleted, deleted.stderr).to.include({ code: 0 });
    expect(deleted.stdout).to.equal('workload.workload.threeport.io/wordpress deleted\n');
    expect(
      await plane.sandbox.find({ apiVersion: 'v1', kind: 'Namespace', name: namespace }),
    ).to.equal(undefined);
    expect((await plane.clientset.workloadInstances.list()).items).to.deep.equal([]);
    expect((await plane.clientset.workloadDefinitions.list()).items).to.deep.equal([]);
  });

  it('deletes a file of a definition and its instances, whatever refers to what', async () => {
    const file = 'samples/nginx-definition-and-instance.yaml';
    const applied = await plane.tptctl(['apply', '-f', file, '--wait', '--timeout', '30s']);
    expect(applied, applied.stderr).to.include({ code: 0 });
    const deleted = await plane.tptctl(['delete', '-f', file]);
    expect(deleted, deleted.stderr).to.include({ code: 0 });
    expect(deleted.stdout.trim().split('\n')).to.have.length(3);
    expect((await plane.clientset.workloadDefinitions.list()).items).to.deep.equal([]);
  });

  it('refuses a namespace on the command line that the file contradicts', async () => {
    for (const verb of ['apply', 'delete']) {
      const answer = await plane.tptctl([verb, '-n', 'elsewhere', '-f', 'samples/nginx.yaml']);
      expect(answer.code, verb).to.equal(1);
      expect(answer.stderr).to.match(/samples\/nginx\.yaml:\d+: .*"default" is not "elsewhere"/);
    }
  });

  it('tells a mistyped field within a manifest', async () => {
    const typo = deployment('web');
    (typo['spec'] as Record<string, unknown>)['replicsa'] = 3;
    await plane.clientset.workloads.create(workload('typo', [typo]));
    await eventually('the field is named', async () => {
      const object = await plane.clientset.workloads.get({ namespace: 'default', name: 'typo' });
      return JSON.stringify(object.status ?? {}).includes('replicsa');
    });
    await deleteWorkload(plane, 'typo');
  });

  it('follows an edit: changes what changed, prunes what left, keeps the rest as it is', async () => {
    const manifests = [
      deployment('web'),
      configMap('kept', { a: '1' }),
      configMap('dropped', { a: '1' }),
    ];
    await plane.clientset.workloads.create(workload('edited', manifests));
    await workloadCondition(plane, 'edited', { type: 'Ready', status: 'True' });
    const namespace = await clusterNamespaceOf(plane, 'edited');
    const find = (kind: string, name: string): ReturnType<Plane['sandbox']['find']> =>
      plane.sandbox.find({
        apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
        kind,
        namespace,
        name,
      });
    const kept = await find('ConfigMap', 'kept');

    const edited = workload('edited', [
      deployment('web', { replicas: 2 }),
      configMap('kept', { a: '1' }),
    ]);
    await plane.clientset.workloads.apply(edited, { fieldManager: 'test', force: true });
    await workloadCondition(plane, 'edited', { type: 'Reconciled', status: 'True' });
    await eventually(
      'the dropped resource is gone',
      async () => (await find('ConfigMap', 'dropped')) === undefined,
    );
    expect((await find('Deployment', 'web'))?.spec).to.include({ replicas: 2 });
    expect((await find('ConfigMap', 'kept'))?.metadata.resourceVersion).to.equal(
      kept?.metadata.resourceVersion,
    );
    await deleteWorkload(plane, 'edited');
  });

  it('repairs drift within five seconds: a deleted resource, changed fields and labels', async () => {
    await plane.clientset.workloads.create(
      workload('drift', [deployment('web'), configMap('settings', { a: '1' })]),
    );
    await workloadCondition(plane, 'drift', { type: 'Ready', status: 'True' });
    const namespace = await clusterNamespaceOf(plane, 'drift');
    const web = { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: 'web' };
    const before = await plane.sandbox.find(web);
    await plane.sandbox.delete(web);
    await eventually(
      'the deployment is back',
      async () => {
        const now = await plane.sandbox.find(web);
        return now !== undefined && now.metadata.uid !== before?.metadata.uid;
      },
      5_000,
    );
    const kubectl = async (...args: string[]): Promise<void> => {
      const done = await plane.run('kubectl', ['--context', 'sandbox', '-n', namespace, ...args]);
      expect(done, done.stderr).to.include({ code: 0 });
    };
    await kubectl('patch', 'configmap', 'settings', '-p', '{"data":{"a":"changed by hand"}}');
    await eventually(
      'the changed field is back',
      async () => {
        const settings = await plane.sandbox.find({
          apiVersion: 'v1',
          kind: 'ConfigMap',
          namespace,
          name: 'settings',
        });
        return JSON.stringify(settings?.['data']) === '{"a":"1"}';
      },
      5_000,
    );
    // Neither moves the generation; without the second the agent does not see the object at all.
    const labels = (await plane.sandbox.find(web))?.metadata.labels;
    for (const change of ['app.kubernetes.io/name=other', 'app.kubernetes.io/managed-by-']) {
      await kubectl('label', '--overwrite', 'deployment', 'web', change);
      await eventually(
        `the labels are back after ${change}`,
        async () => {
          const now = (await plane.sandbox.find(web))?.metadata.labels;
          return isDeepStrictEqual(now, labels);
        },
        5_000,
      );
    }
    const described = await eventually('the repairs are told', async () => {
      const { stdout } = await plane.tptctl(['describe', 'workloadinstance', 'drift']);
      return stdout.includes('DriftRepaired') && stdout;
    });
    expect(described).to.match(/DriftRepaired .*restored: .*(web|settings)/);
    await deleteWorkload(plane, 'drift');
    await eventually('the clean-up is told', async () => {
      const selector = 'reason=CleanedUp,involvedObject.name=drift';
      const get = ['get', 'events', '-o', 'name', `--field-selector=${selector}`];
      return (await plane.run('kubectl', get)).stdout.includes('event/drift.');
    });
  });

  it("says why a workload fails, in the cluster's own words", async () => {
    const applied = await plane.tptctl(['apply', '-f', 'samples/broken-image.yaml']);
    expect(applied, applied.stderr).to.include({ code: 0 });
    const ready = await workloadCondition(plane, 'broken-image', {
      type: 'Ready',
      status: 'False',
      reason: 'Degraded',
    });
    expect(ready.message).to.match(/ImagePullBackOff|Back-off pulling image/);
    const described = await eventually('the warnings are there', async () => {
      const { stdout } = await plane.tptctl(['describe', 'workload', 'broken-image']);
      return stdout.includes('Warnings:') ? stdout : undefined;
    });
    expect(described).to.match(/Failed to pull image|Back-off pulling image/);
    await deleteWorkload(plane, 'broken-image');
  });

  it('reports a manifest that the cluster refuses, applies the others, and leaves other workloads alone', async () => {
    const bad = deployment('bad');
    (bad['spec'] as { selector: object }).selector = { matchLabels: { app: 'other' } };
    await plane.clientset.workloads.create(
      workload('refused', [bad, configMap('fine', { a: '1' })]),
    );
    await plane.clientset.workloads.create(workload('bystander', [configMap('fine', { a: '1' })]));
    await workloadCondition(plane, 'bystander', { type: 'Reconciled', status: 'True' });
    const reconciled = await workloadCondition(plane, 'refused', {
      type: 'Reconciled',
      status: 'False',
    });
    const message = await eventually('the message has arrived', async () => {
      const object = await plane.clientset.workloads.get({ namespace: 'default', name: 'refused' });
      return JSON.stringify(object.status?.conditions).match(
        /selector[^,]*does not match template/,
      )?.[0];
    });
    expect(message, reconciled.message).to.be.a('string');
    const namespace = await clusterNamespaceOf(plane, 'refused');
    expect(
      await plane.sandbox.find({ apiVersion: 'v1', kind: 'ConfigMap', namespace, name: 'fine' }),
    ).to.not.equal(undefined);
    await deleteWorkload(plane, 'refused');
    await deleteWorkload(plane, 'bystander');
  });

  it('shows no value of a Secret in conditions, events, logs or the queue', async () => {
    const canary = 'canary-7f3a90c1';
    const secret = (name: string, fields: object): object => ({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name },
      ...fields,
    });
    await plane.clientset.workloads.create(
      workload('secretive', [
        secret('good', { stringData: { password: canary } }),
        secret('not-base64', { data: { password: `${canary} !` } }),
        secret('no-text', { stringData: { password: [canary] } }),
      ]),
    );
    await eventually('the refusals are told', async () => {
      const found = await plane.clientset.workloads.get({
        namespace: 'default',
        name: 'secretive',
      });
      const condition = findCondition(found.status?.conditions, 'Reconciled');
      return /Secret \S+\/not-base64: /.test(condition?.message ?? '');
    });
    for (const kind of ['workloads', 'workloadinstances', 'workloadreports', 'events']) {
      const listed = await plane.tptctl(['get', kind, '-o', 'json']);
      const { items } = JSON.parse(listed.stdout) as { items: { spec?: unknown }[] };
      const shown = JSON.stringify(items.map((item) => ({ ...item, spec: undefined })));
      expect(shown, `what ${kind} say besides their spec`).to.not.include(canary);
    }
    for (const folder of ['logs', 'nats', 'run']) {
      const found = await plane.run('grep', ['-rlE', canary, join(plane.home, folder)]);
      expect(found.stdout, `files of ${folder}`).to.equal('');
    }
    await deleteWorkload(plane, 'secretive');
  });

  it('never takes over, nor deletes, what was in the cluster before', async () => {
    const mine = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'mine', namespace: 'default' },
      data: { a: 'mine' },
    };
    await plane.sandbox.apply(mine);
    const claims = { ...mine, data: { a: 'theirs' } };
    await plane.clientset.workloads.create(workload('greedy', [claims]));
    await workloadCondition(plane, 'greedy', { type: 'Reconciled', status: 'False' });
    await deleteWorkload(plane, 'greedy');
    const found = await plane.sandbox.find({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: 'default',
      name: 'mine',
    });
    expect(found?.['data']).to.deep.equal({ a: 'mine' });
  });

  it('waits for a runtime that does not exist yet and starts within a second of it being ready', async () => {
    await plane.clientset.workloads.create(workload('early', [configMap('a', { a: '1' })], 'late'));
    await eventually('it says what it waits for', async () => {
      const early = await plane.clientset.workloads.get({ namespace: 'default', name: 'early' });
      const reconciled = findCondition(early.status?.conditions, 'Reconciled');
      return reconciled?.status === 'False' && reconciled.message.includes('late');
    });

    const sandbox = await plane.clientset.kubernetesRuntimeInstances.get({ name: 'sandbox' });
    if (sandbox.spec === undefined) throw new Error('the sandbox has no spec');
    await plane.clientset.kubernetesRuntimeInstances.create({
      apiVersion: 'kubernetes.threeport.io/v1alpha1',
      kind: 'KubernetesRuntimeInstance',
      metadata: { name: 'late' },
      spec: { ...sandbox.spec, default: false },
    });
    const readyAt = await eventually('the runtime is ready', async () => {
      const late = await plane.clientset.kubernetesRuntimeInstances.get({ name: 'late' });
      const ready = late.status?.conditions?.find(({ type }) => type === 'Ready');
      return ready?.status === 'True' ? Date.now() : undefined;
    });
    await workloadCondition(plane, 'early', { type: 'Reconciled', status: 'True' });
    expect(Date.now() - readyAt).to.be.lessThan(1_000);
    await deleteWorkload(plane, 'early');

    const blocked = await plane.tptctl(['delete', 'runtime', 'late']);
    expect(blocked, blocked.stderr).to.include({ code: 0 });
  });
});
