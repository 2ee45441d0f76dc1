import { expect } from 'chai';
import type { StatusObject } from '../../sdk/api/errors.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import { startWorkPlane, type WorkPlane } from '../../test/support/work-plane.js';

const WORKLOADS = 'workloads.workload.threeport.io';
const CLAIM = { worker: 'w', leaseMs: 5_000 };

describe('worker protocol', () => {
  let plane: WorkPlane;
  const startAs = async (...groups: string[]): Promise<void> => {
    plane = await startWorkPlane({
      queue: new InProcessQueue(),
      user: { name: 'somebody', groups },
    });
  };
  afterEach(() => plane.stop());

  const post = async (
    path: string,
    body: unknown,
  ): Promise<{ code: number; body: StatusObject }> => {
    const answer = await plane.client.raw({ method: 'POST', path: `/threeport/v1/${path}`, body });
    return { code: answer.statusCode, body: JSON.parse(answer.text) as StatusObject };
  };
  const claimOne = async (object: StoredApiObject) => {
    const keys = [{ resource: WORKLOADS, uid: object.metadata.uid }];
    const { claimed } = await plane.client.claim({ ...CLAIM, keys });
    const claim = claimed[0];
    if (claim === undefined) throw new Error('not claimed');
    return { resource: WORKLOADS, uid: object.metadata.uid, fence: claim.fence, failures: 0 };
  };

  const refused: { name: string; path: string; body: unknown; want: string }[] = [
    { name: 'no JSON', path: 'claim', body: '{', want: 'the body is no JSON' },
    { name: 'a list', path: 'claim', body: [], want: 'the body must be an object' },
    {
      name: 'no worker',
      path: 'claim',
      body: { leaseMs: 5_000, keys: [] },
      want: 'worker must be text',
    },
    {
      name: 'a short lease',
      path: 'claim',
      body: { ...CLAIM, leaseMs: 1, keys: [] },
      want: 'leaseMs must be a whole number from 1000',
    },
    { name: 'neither keys nor due', path: 'claim', body: CLAIM, want: 'keys or due' },
    {
      name: 'more than 500 objects',
      path: 'claim',
      body: {
        ...CLAIM,
        keys: [{ resource: WORKLOADS, uid: 'u' }],
        due: [{ resource: WORKLOADS, limit: 500 }],
      },
      want: 'must ask for at most 500 objects',
    },
    {
      name: 'a key without uid',
      path: 'claim',
      body: { ...CLAIM, keys: [{ resource: WORKLOADS }] },
      want: 'keys[0].uid must be text',
    },
    {
      name: 'a bad finalizer',
      path: 'complete',
      body: {
        worker: 'w',
        completions: [{ resource: WORKLOADS, uid: 'u', fence: 1, failures: 0, addFinalizer: 'x' }],
      },
      want: 'completions[0].addFinalizer must be a finalizer',
    },
    {
      name: 'a status that is a list',
      path: 'complete',
      body: {
        worker: 'w',
        completions: [{ resource: WORKLOADS, uid: 'u', fence: 1, failures: 0, status: [] }],
      },
      want: 'completions[0].status must be an object',
    },
    {
      name: 'a fraction as fence',
      path: 'renew',
      body: {
        worker: 'w',
        leaseMs: 5_000,
        leases: [{ resource: WORKLOADS, uid: 'u', fence: 1.5 }],
      },
      want: 'leases[0].fence must be',
    },
    {
      name: 'an unknown resource',
      path: 'read',
      body: {
        keys: [
          { resource: 'secrets', name: 's' },
          { resource: 'gadgets', name: 'g' },
        ],
      },
      want: 'keys[1].resource must be a resource of this server; "gadgets" is none',
    },
    {
      name: 'a key without name',
      path: 'read',
      body: { keys: [{ resource: 'secrets', namespace: 'default' }] },
      want: 'keys[0].name must be text',
    },
    {
      name: 'a namespace that is no text',
      path: 'read',
      body: { keys: [{ resource: 'secrets', namespace: 1, name: 's' }] },
      want: 'keys[0].namespace must be text',
    },
    {
      name: 'no key',
      path: 'read',
      body: { keys: [] },
      want: 'keys must have at least one item',
    },
    {
      name: 'more than 500 keys',
      path: 'read',
      body: { keys: Array.from({ length: 501 }, () => ({ resource: 'secrets', name: 's' })) },
      want: 'keys must have at most 500 items',
    },
    {
      name: 'a long heartbeat',
      path: 'report',
      body: { runtime: 'r', heartbeatMs: 1e9, reports: [] },
      want: 'heartbeatMs must be',
    },
  ];
  for (const { name, path, body, want } of refused) {
    it(`${path} refuses ${name}, naming the field`, async () => {
      await startAs('system:masters');
      const answer = await post(path, body);
      expect(answer.code).to.equal(400);
      expect(answer.body.message).to.contain(want);
    });
  }

  it('refuses a body of over 8 MiB', async () => {
    await startAs('system:masters');
    const answer = await post('claim', { worker: 'x'.repeat(9 * 1024 * 1024) });
    expect(answer.code).to.equal(413);
    expect(answer.body).to.include({ kind: 'Status', reason: 'RequestEntityTooLarge' });
  });

  const allowed: { group: string; paths: Record<string, number> }[] = [
    {
      group: 'threeport:reconcilers',
      paths: { claim: 400, complete: 400, renew: 400, read: 400, report: 403 },
    },
    {
      group: 'threeport:agents',
      paths: { claim: 403, complete: 403, renew: 403, read: 403, report: 400 },
    },
    {
      group: 'system:authenticated',
      paths: { claim: 403, complete: 403, renew: 403, read: 403, report: 403 },
    },
  ];
  for (const { group, paths } of allowed) {
    it(`${group} may call what is theirs`, async () => {
      await startAs(group);
      const codes: Record<string, number> = {};
      for (const path of Object.keys(paths)) codes[path] = (await post(path, {})).code;
      expect(codes).to.deep.equal(paths);
    });
  }

  it('claims by key only what is due, and by resource up to the limit', async () => {
    await startAs('threeport:reconcilers');
    const objects = await Promise.all(
      ['a', 'b', 'c'].map((name) => plane.create('Workload', { name })),
    );
    const keys = objects
      .slice(0, 1)
      .map(({ metadata }) => ({ resource: WORKLOADS, uid: metadata.uid }));
    const first = await plane.client.claim({ ...CLAIM, keys });
    expect(first.claimed.map(({ object }) => object.metadata.name)).to.deep.equal(['a']);
    expect((await plane.client.claim({ ...CLAIM, keys })).claimed).to.deep.equal([]);
    const due = await plane.client.claim({ ...CLAIM, due: [{ resource: WORKLOADS, limit: 1 }] });
    expect(due.claimed).to.have.length(1);
  });

  it('writes no object for a status that equals the present one', async () => {
    await startAs('threeport:reconcilers');
    const object = await plane.create('Workload', { name: 'web' });
    for (const phase of ['first', 'second']) {
      await plane.store.wake(plane.kind('Workload'), [{ uid: object.metadata.uid }]);
      const completion = {
        ...(await claimOne(object)),
        status: { phase: 'Healthy', resources: [] },
      };
      const { results } = await plane.client.complete({ worker: 'w', completions: [completion] });
      expect(
        results.map(({ outcome }) => outcome),
        phase,
      ).to.deep.equal(['done']);
      expect(await plane.store.currentVersion(), phase).to.equal(2);
    }
  });

  it('puts the status onto the object as it is now, and says that it changed', async () => {
    await startAs('threeport:reconcilers');
    const object = await plane.create('Workload', { name: 'web' });
    const completion = { ...(await claimOne(object)), status: { phase: 'Healthy' } };
    await plane.edit(object, (draft) => (draft.spec = { yaml: 'new' }));
    const { results } = await plane.client.complete({ worker: 'w', completions: [completion] });
    expect(results[0]?.outcome).to.equal('dirty');
    expect(await plane.get(object)).to.deep.include({
      spec: { yaml: 'new' },
      status: { phase: 'Healthy' },
    });
  });

  it('answers each completion of a batch for itself', async () => {
    await startAs('threeport:reconcilers');
    const [good, bad, stolen] = await Promise.all(
      ['good', 'bad', 'stolen'].map((name) => plane.create('Workload', { name })),
    );
    if (!good || !bad || !stolen) throw new Error('not created');
    const { results } = await plane.client.complete({
      worker: 'w',
      completions: [
        { ...(await claimOne(good)), status: { phase: 'Healthy' } },
        { ...(await claimOne(bad)), status: { resources: 'none' } },
        { ...(await claimOne(stolen)), fence: 0, status: { phase: 'Healthy' } },
        { resource: WORKLOADS, uid: 'nobody', fence: 1, failures: 0, status: {} },
      ],
    });
    expect(results.map(({ outcome }) => outcome)).to.deep.equal([
      'done',
      'invalid',
      'fenced',
      'gone',
    ]);
    expect(results[1]?.message).to.contain('status.resources');
    expect((await plane.get(bad))?.status)
      .to.have.nested.property('conditions[0]')
      .that.includes({ type: 'Reconciled', status: 'False', reason: 'InvalidStatus' });
    expect((await plane.get(stolen))?.status).to.equal(undefined);
  });

  it('refuses a status with text that no database takes', async () => {
    await startAs('threeport:reconcilers');
    const object = await plane.create('Workload', { name: 'web' });
    const completion = { ...(await claimOne(object)), status: { phase: 'a\0b' } };
    const { results } = await plane.client.complete({ worker: 'w', completions: [completion] });
    expect(results[0]?.outcome).to.equal('invalid');
    expect(results[0]?.message).to.contain('status.phase').and.contain('U+0000');
    const named = { ...CLAIM, worker: 'a\0b', keys: [] };
    expect((await post('claim', named)).code).to.equal(400);
  });

  it('ends an object with its last finalizer, and only when it is being deleted', async () => {
    await startAs('threeport:reconcilers');
    const finalizer = 'example.com/one';
    const object = await plane.create('Workload', { name: 'web', finalizers: [finalizer] });
    const remove = async () => {
      const completion = { ...(await claimOne(object)), removeFinalizer: finalizer };
      return plane.client.complete({ worker: 'w', completions: [completion] });
    };
    await remove();
    expect((await plane.get(object))?.metadata.finalizers).to.equal(undefined);
    await plane.edit(object, (draft) => {
      draft.metadata.finalizers = [finalizer];
      draft.metadata.deletionTimestamp = '2026-01-01T00:00:01Z';
    });
    await remove();
    expect(await plane.get(object)).to.equal(undefined);
  });

  describe('report', () => {
    const spec = { definition: 'web', runtime: 'cluster' };
    const seen = [{ apiVersion: 'v1', kind: 'Pod', name: 'p', health: 'Healthy' }];
    const instanceOf = async (name: string, runtime = 'cluster'): Promise<StoredApiObject> =>
      plane.create('WorkloadInstance', { name, spec: { ...spec, runtime } });
    const reportOn = (instance: StoredApiObject, status: Record<string, unknown>) => {
      const { name, uid } = instance.metadata;
      const owner = { apiVersion: instance.apiVersion, kind: instance.kind, name, uid };
      return { namespace: 'default', name, owner, status };
    };

    beforeEach(async () => {
      await startAs('threeport:agents');
      await plane.create('KubernetesRuntimeInstance', { name: 'cluster' });
    });

    it('makes a report owned by its instance, and writes nothing when it says the same', async () => {
      const instance = await instanceOf('web');
      const reports = [reportOn(instance, { resources: seen })];
      const request = { runtime: 'cluster', heartbeatMs: 5_000, reports };
      plane.storeWrites.length = 0;
      expect(await plane.client.report(request)).to.deep.equal({ refused: [] });
      const order = plane.storeWrites.filter((one) => one !== 'setCursor' && one !== 'wake');
      expect(order, 'the heartbeat wakes those who read the report').to.deep.equal([
        'write',
        'heartbeat',
      ]);
      const kind = plane.kind('WorkloadReport');
      const stored = await plane.store.get(kind, 'default', 'web');
      const report = JSON.parse(stored?.json ?? '{}') as StoredApiObject;
      expect(report.metadata.ownerReferences).to.deep.equal([
        { ...reports[0]?.owner, controller: true },
      ]);
      expect(report).to.deep.include({ spec: { runtime: 'cluster' }, status: { resources: seen } });
      const version = await plane.store.currentVersion();
      await plane.client.report(request);
      expect(await plane.store.currentVersion()).to.equal(version);
    });

    it('refuses what is gone, runs elsewhere or is invalid, and takes the rest', async () => {
      const web = await instanceOf('web');
      const elsewhere = await instanceOf('elsewhere', 'other');
      const ghost = { ...web, metadata: { ...web.metadata, name: 'ghost' } };
      const replaced = { ...web, metadata: { ...web.metadata, uid: 'former' } };
      const { refused: faults } = await plane.client.report({
        runtime: 'cluster',
        heartbeatMs: 5_000,
        reports: [
          reportOn(ghost, {}),
          reportOn(replaced, {}),
          reportOn(elsewhere, {}),
          reportOn(web, { resources: 'none' }),
          reportOn(web, { resources: seen }),
        ],
      });
      expect(faults.map(({ index }) => index)).to.deep.equal([0, 1, 2, 3]);
      expect(faults.map(({ message }) => message).join('; ')).to.match(
        /ghost is gone; .*web is gone; .*not on runtime "cluster"; .*status\.resources/,
      );
    });

    it('knows no runtime that is not there', async () => {
      const answer = await post('report', { runtime: 'x', heartbeatMs: 5_000, reports: [] });
      expect(answer.code).to.equal(404);
    });
  });
});
