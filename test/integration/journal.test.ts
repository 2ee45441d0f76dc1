import { expect } from 'chai';
import { ApiError } from '../../sdk/api/errors.js';
import type { JournalEntry } from '../../sdk/api/journal.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { OpenAws } from '../../sdk/ports/aws-port.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import type { ReconcileContext, Reconciler } from '../../sdk/runtime/reconciler.js';
import { done, requeueAfter } from '../../sdk/runtime/reconciler.js';
import { FakeCluster } from '../../simulation/fakes/fake-cluster.js';
import { eventually } from '../support/eventually.js';
import { FakeAws, type CreateFault } from '../support/fake-aws.js';
import { noPorts, startWorkPlane, type WorkPlane } from '../support/work-plane.js';

const RESOURCE = 'workloads.workload.threeport.io';
const KUBECONFIG = 'clusters: with a token-of-the-cluster';
const PLACE = { account: 'acme', region: 'eu-west-1' };
const FINALIZER = 'workload.threeport.io/instance';
const VPC = { type: 'AWS::EC2::VPC', role: 'vpc', properties: { cidr: '10.0.0.0/16' } };

type Status = { namespace?: string };
type Context = ReconcileContext<Status> & { aws: OpenAws };

/** Keeps the identity that AWS gave the network. */
const makesNetwork: Reconciler = {
  resource: RESOURCE,
  async reconcile(_object, ctx) {
    const { status, aws } = ctx as Context;
    status.namespace ??= (await aws(PLACE).create(VPC)).identifier;
    return done;
  },
  async cleanUp(_object, ctx) {
    const { status, aws, madeBefore } = ctx as Context;
    const account = aws(PLACE);
    const made = await madeBefore(() => account.create(VPC));
    for (const identifier of [status.namespace, made?.identifier]) {
      if (identifier !== undefined) await account.delete(VPC.type, identifier);
    }
    return done;
  },
};

describe('the journal of attempts', function () {
  this.timeout(30_000);
  let plane: WorkPlane;
  beforeEach(async () => (plane = await startWorkPlane({ queue: new InProcessQueue() })));
  afterEach(() => plane.stop());

  const journalOf = ({ metadata }: StoredApiObject): Promise<readonly JournalEntry[]> =>
    plane.store.journaled({ uid: metadata.uid, limit: 100 });

  it('has what was changed outside, by the time the status says so; reads and no-ops leave nothing', async () => {
    const cluster = new FakeCluster();
    cluster.refusals.set('Secret s', new ApiError('Invalid', 'cannot take sesame as a value'));
    let attempts = 0;
    const applies: Reconciler = {
      resource: RESOURCE,
      async reconcile(_object, ctx) {
        attempts += 1;
        const kube = ctx.kube({ runtime: 'here', kubeconfig: KUBECONFIG });
        const metadata = { name: 'c', namespace: 'default' };
        const wanted = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: '1' } };
        if ((await kube.find({ ...wanted, ...metadata })) !== undefined) return done;
        await kube.apply(wanted);
        const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { ...metadata, name: 's' } };
        await kube.apply({ ...secret, stringData: { open: 'sesame' } }).catch(() => undefined);
        return requeueAfter(0);
      },
    };
    await plane.work([applies], { ports: { ...noPorts, kube: () => cluster } });
    const object = await plane.create('Workload', { name: 'web' });
    await eventually('a second attempt', () => attempts >= 2);
    const [second, first, ...more] = await journalOf(object);
    expect(more).to.deep.equal([]);
    expect(first).to.deep.include({
      resource: RESOURCE,
      uid: object.metadata.uid,
      namespace: 'default',
      name: 'web',
      generation: 1,
      sequence: 1,
      port: 'kube',
      place: 'here',
      nature: 'update',
      operation: 'apply',
      target: 'v1 ConfigMap default/c',
      outcome: 'ok',
    });
    expect(first?.cause?.reason).to.equal('change');
    expect(second).to.deep.include({
      outcome: 'failed',
      message: 'cannot take <hidden> as a value',
    });
    expect(JSON.stringify([first, second])).to.not.match(/sesame|token-of/);
    const about = { target: 'v1 ConfigMap default/c', place: 'here', limit: 10 };
    expect(await plane.store.journaled(about)).to.deep.equal([first]);
  });

  const faults: { fault: CreateFault; reason: string }[] = [
    { fault: 'before', reason: 'no answer, and nothing came of it' },
    { fault: 'after', reason: 'no answer, and it took effect' },
    { fault: 'refused', reason: 'certainly nothing was made' },
    { fault: 'hangs after', reason: 'the worker dies with the call' },
  ];
  for (const { fault, reason } of faults) {
    it(`makes what has no name once, when the first call goes wrong (${fault}): ${reason}`, async () => {
      const aws = new FakeAws();
      aws.faults.push(fault);
      await workWithoutRenewals(aws, makesNetwork);
      const object = await plane.create('Workload', { name: 'web' });
      await eventually('the identity is shown', async () => (await statusOf(object)).namespace);
      expect((await statusOf(object)).namespace).to.equal('id-1');
      expect(aws.made).to.equal(1);
      const [create, ...others] = await journalOf(object);
      expect(create).to.include({ port: 'aws', place: 'acme/eu-west-1', nature: 'create' });
      expect(create).to.include({ target: 'AWS::EC2::VPC vpc', outcome: 'ok' });
      expect(create?.token).to.be.a('string');
      // What was certainly not made is tried as another; what may have been is the same one.
      expect(others.map(({ outcome }) => outcome)).to.deep.equal(
        fault === 'refused' ? ['failed'] : [],
      );
    });
  }

  it('finds what was made when the attempt dies before the identity is written down', async () => {
    const aws = new FakeAws();
    let attempts = 0;
    await workWithoutRenewals(aws, {
      ...makesNetwork,
      async reconcile(object, ctx) {
        const result = await makesNetwork.reconcile(object, ctx);
        return ++attempts === 1 ? new Promise(() => undefined) : result;
      },
    });
    const object = await plane.create('Workload', { name: 'web' });
    await eventually('the identity is shown', async () => (await statusOf(object)).namespace);
    expect(aws.identifiers).to.deep.equal(['id-1']);
    expect((await statusOf(object)).namespace).to.equal('id-1');
  });

  it('leaves nothing behind when an object goes whose create nobody knows the end of', async () => {
    const aws = new FakeAws();
    aws.faults.push('after');
    const never: Reconciler['reconcile'] = async (_object, ctx) => {
      if (aws.made === 0) await (ctx as Context).aws(PLACE).create(VPC);
      return done;
    };
    await workWithoutRenewals(aws, { ...makesNetwork, reconcile: never });
    const object = await plane.create('Workload', { name: 'web', finalizers: [FINALIZER] });
    await eventually('it was made', () => aws.made === 1);
    await plane.remove(object);
    await eventually('the object is gone', async () => (await plane.get(object)) === undefined);
    expect(aws.identifiers).to.deep.equal([]);
  });

  it('does not end a clean-up that has not looked for what may have been made', async () => {
    const aws = new FakeAws();
    aws.faults.push('after');
    await workWithoutRenewals(aws, { ...makesNetwork, cleanUp: async () => done });
    const object = await plane.create('Workload', { name: 'web', finalizers: [FINALIZER] });
    await eventually('it was made', () => aws.made === 1);
    await plane.remove(object);
    const condition = await eventually('it says why it stays', async () =>
      (
        (await plane.get(object))?.status as
          { conditions?: { type: string; reason: string; message: string }[] } | undefined
      )?.conditions?.find(({ reason }) => reason === 'CreateUnsettled'),
    );
    expect(condition.message).to.contain('create made AWS::EC2::VPC vpc');
  });

  it('takes what has ended from anybody, and what has begun only from who holds the lease', async () => {
    const object = await plane.create('Workload', { name: 'web' });
    const { uid, name } = object.metadata;
    const claim = { worker: 'w', leaseMs: 60_000, keys: [{ resource: RESOURCE, uid }] };
    const [held] = (await plane.client.claim(claim)).claimed;
    const fence = held?.fence ?? 0;
    const entry = (sequence: number, outcome: JournalEntry['outcome']): JournalEntry => ({
      uid,
      fence,
      sequence,
      resource: RESOURCE,
      name,
      generation: 1,
      foundVersion: '1',
      port: 'kube',
      nature: 'update',
      operation: 'apply',
      target: 't',
      outcome,
      startedAt: '2026-01-02T03:04:05.678Z',
    });
    const keeps = { resource: RESOURCE, uid, fence, failures: 0, keepLease: true };
    const journal = [entry(1, 'begun'), entry(2, 'ok')];
    await plane.client.complete({ worker: 'thief', completions: [keeps], journal });
    const sequences = async (): Promise<number[]> =>
      (await journalOf(object)).map(({ sequence }) => sequence);
    expect(await sequences()).to.deep.equal([2]);
    await plane.client.complete({ worker: 'w', completions: [keeps], journal });
    expect(await sequences()).to.deep.equal([2, 1]);
    const refused = await plane.client
      .complete({ worker: 'w', completions: [], journal: [{ ...entry(3, 'ok'), target: '\0' }] })
      .catch((error: unknown) => error);
    expect(String(refused)).to.contain('journal[0].target must not contain');
  });

  async function workWithoutRenewals(aws: FakeAws, reconciler: Reconciler): Promise<void> {
    const renew = (): Promise<never> => Promise.reject(new ApiError('ServiceUnavailable', 'away'));
    const api = { ...plane.client, renew };
    await plane.work([reconciler], { ...aws.ports, leaseMs: 1_000, sweepMs: 100, api });
  }

  async function statusOf(object: StoredApiObject): Promise<Status> {
    return ((await plane.get(object))?.status ?? {}) as Status;
  }
});
