import { expect } from 'chai';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';
import type { SandboxFixture } from '../support/sandbox-fixture.js';
import { hasKubectl, startSandbox } from '../support/sandbox-fixture.js';

const NAMESPACES = '/api/v1/namespaces';
const APPLY = 'application/apply-patch+yaml';

interface Owned {
  readonly metadata: {
    readonly managedFields?: readonly { manager: string; operation: string; fieldsV1: object }[];
  };
}

/** Who owns what, as one text. */
function ownersOf({ metadata }: Owned): string {
  return JSON.stringify(
    (metadata.managedFields ?? []).map(({ manager, operation, fieldsV1 }) => [
      manager,
      operation,
      fieldsV1,
    ]),
  );
}

describe('who owns fields', () => {
  let world: ApiWorld;

  before(async () => (world = await startApiWorld()));
  after(() => world.stop());

  const apply = (name: string, manager = 'me') =>
    world.call('PATCH', `${NAMESPACES}/${name}?fieldManager=${manager}`, {
      type: APPLY,
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } },
    });

  it('gives nobody what the server adds', async () => {
    const body = { metadata: { name: 'created', labels: { a: 'b' } } };
    const made = (await world.call('POST', `${NAMESPACES}?fieldManager=me`, { body })).body;
    expect(made.spec).to.deep.equal({ finalizers: ['kubernetes'] });
    expect(ownersOf(made)).to.equal(
      '[["me","Update",{"f:metadata":{"f:labels":{".":{},"f:a":{},"f:kubernetes.io/metadata.name":{}}}}]]',
    );
  });

  it('keeps the finalizer of a namespace, whatever a write says', async () => {
    const made = (await world.call('POST', NAMESPACES, { body: { metadata: { name: 'kept' } } }))
      .body;
    const put = { ...made, spec: { finalizers: [] } };
    const written = await world.call('PUT', `${NAMESPACES}/kept`, { body: put });
    expect(written.body.spec.finalizers).to.deep.equal(['kubernetes']);
    const patched = await world.call('PATCH', `${NAMESPACES}/kept`, {
      type: 'application/json-patch+json',
      body: [{ op: 'remove', path: '/spec' }],
    });
    expect(patched.body.spec.finalizers).to.deep.equal(['kubernetes']);
  });

  it('gives back a finalizer that was lost, while the namespace is not being deleted', async () => {
    const kind = 'namespaces';
    await world.call('POST', NAMESPACES, { body: { metadata: { name: 'lost' } } });
    const { store } = world;
    const definition = (await import('../../sdk/api/zz_generated.kinds.js')).kinds.find(
      ({ plural }) => plural === kind,
    );
    if (definition === undefined) throw new Error('there are no namespaces');
    const stored = await store.get(definition, '', 'lost');
    const object = JSON.parse(stored?.json ?? '') as { metadata: { name: string }; spec: object };
    await store.write({
      type: 'update',
      kind: definition,
      object: { apiVersion: 'v1', kind: 'Namespace', ...object, spec: {} },
      expectedResourceVersion: stored?.resourceVersion ?? 0,
    });
    const patched = await world.call('PATCH', `${NAMESPACES}/lost`, {
      type: 'application/merge-patch+json',
      body: { metadata: { labels: { a: 'b' } } },
    });
    expect(patched.body.spec.finalizers).to.deep.equal(['kubernetes']);
  });

  it('writes once more, and then nothing, when an object without fields is applied again', async () => {
    const created = (await apply('bare')).body;
    expect(ownersOf(created), 'as Kubernetes has it').to.equal('[]');
    const first = (await apply('bare')).body;
    expect(ownersOf(first)).to.include('before-first-apply');
    const version = await world.store.currentVersion();
    expect((await apply('bare')).body).to.deep.equal(first);
    expect(await world.store.currentVersion()).to.equal(version);
  });
});

describe('kubectl apply, then kubectl apply --server-side', function () {
  this.timeout(60_000);
  let sandbox: SandboxFixture;

  before(async function () {
    if (!(await hasKubectl())) this.skip();
    sandbox = await startSandbox();
  });
  after(() => sandbox?.stop());

  it('leaves a namespace its finalizer, and so its content an orderly end', async () => {
    const namespace =
      '---\napiVersion: v1\nkind: Namespace\nmetadata: {name: moved, labels: {a: b}}\n';
    await sandbox.run(['apply', '-f', '-'], namespace);
    await sandbox.apply(namespace);
    const moved = await sandbox.get<{ spec?: unknown }>(`${NAMESPACES}/moved`);
    expect(moved.spec).to.deep.equal({ finalizers: ['kubernetes'] });
    await sandbox.apply(
      '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: held, namespace: moved, finalizers: [example.com/hold]}\n',
    );
    await sandbox.run(['delete', 'namespace', 'moved', '--wait=false']);
    const path = `${NAMESPACES}/moved/configmaps/held`;
    await eventually('the content is asked to go', async () => {
      const map = await sandbox.get(path);
      return map.metadata.deletionTimestamp !== undefined;
    });
    const ending = await sandbox.get<{ status: { phase: string } }>(`${NAMESPACES}/moved`);
    expect(ending.status.phase).to.equal('Terminating');
    const refused = await sandbox.kubectl(
      ['apply', '--server-side', '-f', '-'],
      '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: late, namespace: moved}\n',
    );
    expect(refused.stderr).to.include(
      'configmaps "late" is forbidden: unable to create new content in namespace moved because it is being terminated',
    );
    await sandbox.apply(namespace);
    expect((await sandbox.get<{ spec?: unknown }>(`${NAMESPACES}/moved`)).spec).to.deep.equal({
      finalizers: ['kubernetes'],
    });
    await sandbox.run([
      'patch',
      'configmap',
      'held',
      '-n',
      'moved',
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":null}}',
    ]);
    await eventually(
      'the namespace is gone',
      async () => (await sandbox.find(`${NAMESPACES}/moved`)) === undefined,
    );
  });

  it('leaves a Service its address and a Deployment its defaults', async () => {
    const manifests = `
apiVersion: v1
kind: Service
metadata: {name: web, namespace: default}
spec: {type: NodePort, selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: default}
spec:
  selector: {matchLabels: {app: web}}
  template: {metadata: {labels: {app: web}}, spec: {containers: [{name: c, image: nginx}]}}
`;
    const service = '/api/v1/namespaces/default/services/web';
    const deployment = '/apis/apps/v1/namespaces/default/deployments/web';
    await sandbox.run(['apply', '-f', '-'], manifests);
    const before = await sandbox.get<Owned & { spec: object }>(service);
    const owners = ownersOf(before);
    expect(owners).to.include('"f:sessionAffinity"').and.include('"f:targetPort"');
    expect(owners).to.not.include('clusterIP').and.not.include('nodePort');
    expect(ownersOf(await sandbox.get<Owned>(deployment))).to.include('"f:strategy"');
    const spec = (await sandbox.get<{ spec: object }>(deployment)).spec;
    await sandbox.apply(manifests);
    expect((await sandbox.get<{ spec: object }>(service)).spec).to.deep.equal(before.spec);
    expect((await sandbox.get<{ spec: object }>(deployment)).spec).to.deep.equal(spec);
  });
});
