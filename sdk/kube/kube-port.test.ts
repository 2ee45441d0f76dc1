import { expect } from 'chai';
import nock from 'nock';
import { eventually } from '../../test/support/eventually.js';
import { isApiError } from '../api/errors.js';
import type { KubePort } from '../ports/kube-port.js';
import { createKubePort } from './kube-port.js';
import type { KubeTransport } from './kube-transport.js';
import { createKubeTransport } from './kube-transport.js';

// Importing nock puts it between every test of this process and the network.
nock.restore();

const HOST = 'https://kube.test:6443';
const KUBECONFIG = JSON.stringify({
  'current-context': 'c',
  contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
  clusters: [{ name: 'c', cluster: { server: HOST } }],
  users: [{ name: 'u', user: { token: 'the-token' } }],
});
const configMap = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', namespace: 'b' },
  data: { x: 'ü' },
};
const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'b', name: 'a' };
const coreResources = {
  resources: [
    { name: 'configmaps', kind: 'ConfigMap', namespaced: true },
    { name: 'namespaces', kind: 'Namespace', namespaced: false },
    { name: 'namespaces/status', kind: 'Namespace', namespaced: false },
  ],
};
const status = (code: number, reason: string, message: string): object => ({
  kind: 'Status',
  status: 'Failure',
  code,
  reason,
  message,
});

describe('KubePort on the wire', () => {
  let transport: KubeTransport;
  let kube: KubePort;
  let api: nock.Scope;

  before(() => nock.activate());

  after(() => nock.restore());

  beforeEach(() => {
    nock.disableNetConnect();
    transport = createKubeTransport(KUBECONFIG);
    kube = createKubePort(transport);
    api = nock(HOST, { reqheaders: { authorization: 'Bearer the-token' } });
  });

  afterEach(() => {
    transport.close();
    const pending = nock.pendingMocks();
    nock.cleanAll();
    nock.enableNetConnect();
    expect(pending).to.deep.equal([]);
  });

  it('leaves a cluster alone that asks for it by Retry-After', async () => {
    const later = status(429, 'TooManyRequests', 'try again later');
    api.get('/version').reply(429, later, { 'retry-after': '1' });
    const refused = async (): Promise<unknown> =>
      kube.version().then(
        () => 'answered',
        (error: unknown) => isApiError(error, 'TooManyRequests') && error.details,
      );
    expect(await refused()).to.deep.equal({ retryAfterSeconds: 1 });
    // No other request is mocked: one that was sent would fail for another reason.
    expect(await refused()).to.deep.equal({ retryAfterSeconds: 1 });
    const refusedAtMs = performance.now();
    api.get('/version').reply(200, { gitVersion: 'v1.32.0' });
    await eventually('it is asked again', async () => (await refused()) === 'answered');
    expect(performance.now() - refusedAtMs).to.be.at.least(900);
  });

  it('applies as field manager threeport, forced, and not later than it waits for it', async () => {
    api.get('/api/v1').reply(200, coreResources);
    api
      .patch(
        '/api/v1/namespaces/b/configmaps/a?fieldManager=threeport&force=true&fieldValidation=Strict&timeout=10s',
        configMap,
        {
          reqheaders: { 'content-type': 'application/apply-patch+yaml' },
        },
      )
      .reply(200, { ...configMap, metadata: { ...configMap.metadata, uid: 'u1' } });
    expect((await kube.apply(configMap)).metadata.uid).to.equal('u1');
  });

  it('tries an apply without making it', async () => {
    api.get('/api/v1').reply(200, coreResources);
    api
      .patch(
        '/api/v1/namespaces/b/configmaps/a?fieldManager=threeport&force=true&fieldValidation=Strict&dryRun=All',
      )
      .reply(200, configMap);
    expect(await kube.dryRunApply(configMap)).to.deep.equal(configMap);
  });

  it('deletes in the background, and exactly the object that is meant', async () => {
    api.get('/api/v1').reply(200, coreResources);
    api
      .delete('/api/v1/namespaces/b/configmaps/a?timeout=10s', {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Background',
        preconditions: { uid: 'u1' },
      })
      .reply(409, status(409, 'Conflict', 'the UID in the precondition does not match'));
    await kube.delete(ref, 'u1');
  });

  it('takes deletion of what is gone for done', async () => {
    api.get('/api/v1').reply(200, coreResources);
    api
      .delete('/api/v1/namespaces/b/configmaps/a?timeout=10s')
      .reply(404, status(404, 'NotFound', 'gone'));
    await kube.delete(ref);
  });

  it('lists all pages, with apiVersion and kind', async () => {
    api.get('/api/v1').reply(200, coreResources);
    api
      .get('/api/v1/configmaps')
      .query({ labelSelector: 'a in (b,c)', limit: '500' })
      .reply(200, { metadata: { continue: 'more' }, items: [{ metadata: { name: 'one' } }] });
    api
      .get('/api/v1/configmaps')
      .query({ labelSelector: 'a in (b,c)', limit: '500', continue: 'more' })
      .reply(200, { metadata: {}, items: [{ metadata: { name: 'two' } }] });
    const items = await kube.list('v1', 'ConfigMap', 'a in (b,c)');
    expect(items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).to.deep.equal([
      'ConfigMap one',
      'ConfigMap two',
    ]);
  });

  it("passes the cluster's reason and words on", async () => {
    api.get('/api/v1').reply(200, coreResources);
    api
      .patch(/configmaps\/a/)
      .reply(422, status(422, 'Invalid', 'ConfigMap "a" is invalid: data: Too long'));
    const error = await kube.apply(configMap).catch((caught: unknown) => caught);
    expect(isApiError(error, 'Invalid') && error.message).to.equal(
      'ConfigMap "a" is invalid: data: Too long',
    );
  });

  it('says which kind the cluster does not know, and asks at most once in two seconds', async () => {
    api.get('/apis/x.io/v1').reply(404, status(404, 'NotFound', 'no'));
    const odd = { apiVersion: 'x.io/v1', kind: 'Odd', metadata: { name: 'o' } };
    const error = await kube.apply(odd).catch((caught: unknown) => caught);
    expect(isApiError(error, 'NotFound') && error.message).to.equal(
      'no matches for kind "Odd" in version "x.io/v1"',
    );
    expect(await kube.find({ apiVersion: 'x.io/v1', kind: 'Odd', name: 'o' })).to.equal(undefined);
    expect(await kube.list('x.io/v1', 'Odd', '')).to.deep.equal([]);
    await kube.delete({ apiVersion: 'x.io/v1', kind: 'Odd', name: 'o' });
  });

  it('does not take a failed discovery for an answer', async () => {
    api.get('/api/v1').reply(503, 'down');
    api.get('/api/v1').reply(200, coreResources);
    const error = await kube.resource('v1', 'ConfigMap').catch((caught: unknown) => caught);
    expect(isApiError(error, 'ServiceUnavailable')).to.equal(true);
    expect(await kube.resource('v1', 'ConfigMap')).to.include({ plural: 'configmaps' });
    expect(await kube.resource('v1', 'Namespace')).to.include({ plural: 'namespaces' });
  });

  it('gives ServiceUnavailable when the cluster cannot be reached', async () => {
    api.get('/version').replyWithError(new Error('connect ECONNREFUSED 10.0.0.1:6443'));
    const error = await kube.version().catch((caught: unknown) => caught);
    expect(isApiError(error, 'ServiceUnavailable') && error.message).to.equal(
      `cannot reach ${HOST}: connect ECONNREFUSED 10.0.0.1:6443`,
    );
  });
});
