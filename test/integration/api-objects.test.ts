import { expect } from 'chai';
import type { ApiWorld, CallOptions } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const SECRETS = '/api/v1/namespaces/default/secrets';
const WORKLOADS = '/apis/workload.threeport.io/v1alpha1/namespaces/default/workloads';
const MERGE = 'application/merge-patch+json';

/** What becomes of objects: Kubernetes' rules, over HTTP. */
describe('API objects', function () {
  this.timeout(30_000);
  let world: ApiWorld;

  before(async () => {
    world = await startApiWorld();
  });
  after(() => world.stop());

  async function ok(method: string, path: string, body?: unknown, options: CallOptions = {}) {
    const answer = await world.call(method, path, {
      ...options,
      ...(body !== undefined && { body }),
    });
    expect(answer.status, JSON.stringify(answer.body)).to.be.oneOf([200, 201]);
    return answer.body;
  }
  const workload = (name: string, more: object = {}) => ({
    metadata: { name, ...more },
    spec: { yaml: '# one' },
  });

  it('gives a new object what the server owns, and ignores what the client says of it', async () => {
    const body = {
      metadata: { generateName: 'made-', uid: 'mine', creationTimestamp: '2000-01-01T00:00:00Z' },
      spec: { yaml: '# x' },
      status: { phase: 'Healthy' },
    };
    const made = await ok('POST', WORKLOADS, body);
    expect(made.metadata.name).to.match(/^made-[a-z0-9]{5}$/);
    expect(made.metadata.uid).to.match(/^[0-9a-f-]{36}$/);
    expect(made.metadata).to.include({ generation: 1, namespace: 'default' });
    expect(made.metadata.creationTimestamp).to.not.equal('2000-01-01T00:00:00Z');
    expect(made.metadata.finalizers).to.deep.equal(['workload.threeport.io/instance']);
    expect(made).to.not.have.property('status');
    const taken = await world.call('POST', WORKLOADS, { body: workload(made.metadata.name) });
    expect(taken.body).to.include({ code: 409, reason: 'AlreadyExists' });
  });

  it('changes nothing for an identical write, and moves generation only with the spec', async () => {
    const made = await ok('POST', WORKLOADS, workload('same'));
    const put = await ok('PUT', `${WORKLOADS}/same`, made);
    expect(put.metadata.resourceVersion).to.equal(made.metadata.resourceVersion);
    const labelled = await ok(
      'PATCH',
      `${WORKLOADS}/same`,
      { metadata: { labels: { a: 'b' } } },
      { type: MERGE },
    );
    expect(labelled.metadata.generation).to.equal(1);
    const edited = await ok(
      'PATCH',
      `${WORKLOADS}/same`,
      { spec: { yaml: '# two' } },
      { type: MERGE },
    );
    expect(edited.metadata.generation).to.equal(2);
  });

  it('keeps spec and status apart', async () => {
    const path = `${WORKLOADS}/halves`;
    await ok('POST', WORKLOADS, workload('halves'));
    const both = { spec: { yaml: '# from status' }, status: { phase: 'Waiting' } };
    const status = await ok('PATCH', `${path}/status`, both, { type: MERGE });
    expect([status.spec.yaml, status.status.phase]).to.deep.equal(['# one', 'Waiting']);
    expect(status.metadata.generation).to.equal(1);
    const main = await ok(
      'PATCH',
      path,
      { spec: { yaml: '# two' }, status: { phase: 'Failed' } },
      { type: MERGE },
    );
    expect([main.spec.yaml, main.status.phase]).to.deep.equal(['# two', 'Waiting']);
  });

  it('refuses what is not newest, and retries patches that name no version', async () => {
    const path = `${MAPS}/counter`;
    const made = await ok('POST', MAPS, { metadata: { name: 'counter' }, data: {} });
    const patches = Array.from({ length: 10 }, (_, index) =>
      ok('PATCH', path, { data: { [`k${index}`]: 'x' } }, { type: MERGE }),
    );
    await Promise.all(patches);
    expect(Object.keys((await ok('GET', path)).data)).to.have.length(10);
    const stale = await world.call('PUT', path, { body: made });
    expect(stale.body.message).to.equal(
      'Operation cannot be fulfilled on configmaps "counter": the object has been modified; please apply your changes to the latest version and try again',
    );
    const version = {
      metadata: { resourceVersion: made.metadata.resourceVersion },
      data: { z: '1' },
    };
    expect((await world.call('PATCH', path, { body: version, type: MERGE })).status).to.equal(409);
  });

  it('says every fault of an object, with its path', async () => {
    const body = {
      metadata: { name: 'Bad_Name', labels: { 'a b': 'c' } },
      spec: { runtime: 5, manifests: [{ kind: 'X', metadata: {} }] },
    };
    const { status, body: answer } = await world.call('POST', WORKLOADS, { body });
    expect(status).to.equal(422);
    expect(answer.details.causes.map((cause: { field: string }) => cause.field)).to.have.members([
      'metadata.name',
      'metadata.labels',
      'spec.runtime',
      'spec.manifests[0].apiVersion',
      'spec.manifests[0].metadata.name',
      // Of the object as a whole: its rules were not asked.
      '<nil>',
    ]);
    expect(answer.details).to.include({ kind: 'Workload', group: 'workload.threeport.io' });
  });

  it('says what a rule of the schema wants', async () => {
    const empty = await world.call('POST', WORKLOADS, { body: { ...workload('empty'), spec: {} } });
    expect(empty.body).to.include({
      code: 422,
      message:
        'Workload.workload.threeport.io "empty" is invalid: spec.manifests: Required value: there is nothing to run: set manifests, or yaml to the same as text',
    });
    await ok('POST', WORKLOADS, workload('emptied'));
    const emptied = await world.call('PATCH', `${WORKLOADS}/emptied`, {
      type: MERGE,
      body: { spec: { yaml: null } },
    });
    expect(emptied.status).to.equal(422);
    await ok(
      'PATCH',
      `${WORKLOADS}/emptied`,
      { spec: { yaml: null, manifests: [] } },
      { type: MERGE },
    );
  });

  it('warns of unknown fields and drops them', async () => {
    const body = { metadata: { name: 'warned' }, dat: { a: 'b' } };
    const answer = await world.call('POST', MAPS, { body });
    expect(answer.headers['warning']).to.equal(
      '299 - "unknown field \\"dat\\", did you mean \\"data\\"?"',
    );
    expect(answer.body).to.not.have.property('dat');
    const silent = await world.call('PUT', `${MAPS}/warned?fieldValidation=Ignore`, { body });
    expect(silent.headers).to.not.have.property('warning');
  });

  it('does everything but store in a dry run', async () => {
    const made = await ok('POST', `${WORKLOADS}?dryRun=All`, workload('dry'));
    expect(made.metadata.uid).to.be.a('string');
    expect((await world.call('GET', `${WORKLOADS}/dry`)).status).to.equal(404);
    expect(
      (await world.call('POST', `${WORKLOADS}?dryRun=All`, { body: { metadata: { name: 'dry' } } }))
        .status,
    ).to.equal(422);
  });

  it('keeps an object until its last finalizer is gone', async () => {
    const path = `${MAPS}/held`;
    await ok('POST', MAPS, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    const marked = await ok('DELETE', path);
    expect(marked.metadata.deletionTimestamp).to.be.a('string');
    expect((await ok('DELETE', path)).metadata.resourceVersion).to.equal(
      marked.metadata.resourceVersion,
    );
    const more = { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } };
    const refused = await world.call('PATCH', path, { body: more, type: MERGE });
    expect(refused.body.message).to.include(
      'no new finalizers can be added if the object is being deleted',
    );
    await ok('PATCH', path, { metadata: { finalizers: null } }, { type: MERGE });
    expect((await world.call('GET', path)).status).to.equal(404);
  });

  it('deletes only the object that was meant', async () => {
    await ok('POST', MAPS, { metadata: { name: 'meant' } });
    const body = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'another' } };
    const { body: refused } = await world.call('DELETE', `${MAPS}/meant`, { body });
    expect(refused).to.include({ code: 409, reason: 'Conflict' });
    expect((await ok('DELETE', `${MAPS}/meant`)).status).to.equal('Success');
  });

  it('encrypts Secrets at rest and never repeats their values', async () => {
    const secret = { metadata: { name: 'pw' }, stringData: { password: 'hunter2' } };
    const made = await ok('POST', SECRETS, secret);
    expect(made.data).to.deep.equal({ password: Buffer.from('hunter2').toString('base64') });
    expect(made).to.include({ type: 'Opaque' }).and.not.have.property('stringData');
    const log = JSON.stringify(await world.store.revisionsAfter(0, 10_000));
    expect(log).to.not.include('hunter2').and.not.include(made.data.password);
    const bad = await world.call('PATCH', `${SECRETS}/pw`, {
      body: { data: { password: 'not*base64' } },
      type: MERGE,
    });
    expect(bad.status).to.equal(422);
    expect(JSON.stringify(bad.body)).to.include('data.password').and.not.include('not*base64');
    const kind = await world.call('PATCH', `${SECRETS}/pw`, {
      body: { type: 'other' },
      type: MERGE,
    });
    expect(kind.body.message).to.include('type: Invalid value: "other": field is immutable');
    const watch = world.watch(`${SECRETS}?watch=1`);
    await eventually(
      'it comes decrypted',
      () => watch.events[0]?.object.data.password === made.data.password,
    );
    watch.stop();
  });

  it('deletes dependents when their last owner is gone, or leaves them as orphans', async () => {
    const owners = [];
    for (const name of ['owner-a', 'owner-b']) {
      const { metadata } = await ok('POST', MAPS, { metadata: { name } });
      owners.push({ apiVersion: 'v1', kind: 'ConfigMap', name, uid: metadata.uid });
    }
    const [a, b] = owners;
    await ok('POST', MAPS, { metadata: { name: 'of-both', ownerReferences: [a, b] } });
    await ok('POST', MAPS, { metadata: { name: 'of-a', ownerReferences: [a] } });
    await ok('DELETE', `${MAPS}/owner-a`);
    await eventually(
      'of-a went',
      async () => (await world.call('GET', `${MAPS}/of-a`)).status === 404,
    );
    await ok('POST', MAPS, { metadata: { name: 'too-late', ownerReferences: [a] } });
    await eventually(
      'too-late went',
      async () => (await world.call('GET', `${MAPS}/too-late`)).status === 404,
    );
    await ok('GET', `${MAPS}/of-both`);
    await ok('DELETE', `${MAPS}/owner-b?propagationPolicy=Orphan`);
    await eventually(
      'owner-b went',
      async () => (await world.call('GET', `${MAPS}/owner-b`)).status === 404,
    );
    expect((await ok('GET', `${MAPS}/of-both`)).metadata).not.to.have.property('ownerReferences');
  });

  it('does not delete what others need', async () => {
    const definition =
      '/apis/workload.threeport.io/v1alpha1/namespaces/default/workloaddefinitions';
    const instances = '/apis/workload.threeport.io/v1alpha1/namespaces/default/workloadinstances';
    await ok('POST', definition, workload('needed'));
    await ok('POST', instances, {
      metadata: { name: 'needs' },
      spec: { definition: 'needed', runtime: 'r' },
    });
    const refused = await world.call('DELETE', `${definition}/needed`);
    expect(refused.body).to.include({ code: 409 });
    expect(refused.body.message).to.include('WorkloadInstance default/needs');
  });

  it('ends a namespace after its content, blocked or not', async () => {
    await ok('POST', '/api/v1/namespaces', { metadata: { name: 'short' } });
    const inside = '/api/v1/namespaces/short/configmaps';
    await ok('POST', inside, { metadata: { name: 'held', finalizers: ['example.com/hold'] } });
    await ok('POST', inside, { metadata: { name: 'free' } });
    const marked = await ok('DELETE', '/api/v1/namespaces/short');
    expect(marked.status.phase).to.equal('Terminating');
    await eventually(
      'free went',
      async () => (await world.call('GET', `${inside}/free`)).status === 404,
    );
    const late = await world.call('POST', inside, { body: { metadata: { name: 'late' } } });
    expect(late.body.message).to.include('because it is being terminated');
    await ok('PATCH', `${inside}/held`, { metadata: { finalizers: null } }, { type: MERGE });
    await eventually(
      'it went',
      async () => (await world.call('GET', '/api/v1/namespaces/short')).status === 404,
    );
  });
});
