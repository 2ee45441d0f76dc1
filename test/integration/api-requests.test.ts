import { expect } from 'chai';
import { request } from 'node:https';
import type { ApiWorld, CallOptions } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const WORKLOADS = '/apis/workload.threeport.io/v1alpha1/namespaces/default/workloads';

/** What the API says to requests, good and bad, before any object is concerned. */
describe('API requests', function () {
  this.timeout(30_000);
  let world: ApiWorld;

  before(async () => {
    world = await startApiWorld({ limits: { maxBodyBytes: 64 * 1024 } });
  });
  after(() => world.stop());

  const deep = `${'{"a":'.repeat(120)}1${'}'.repeat(120)}`;
  const refused: readonly {
    name: string;
    method: string;
    path: string;
    given?: CallOptions;
    want: { status: number; reason: string; message: string | RegExp };
  }[] = [
    {
      name: 'no credential',
      method: 'GET',
      path: MAPS,
      given: { as: '' },
      want: { status: 401, reason: 'Unauthorized', message: 'Unauthorized' },
    },
    {
      name: 'nobody special may read discovery only',
      method: 'GET',
      path: MAPS,
      given: { as: 'stranger' },
      want: {
        status: 403,
        reason: 'Forbidden',
        message:
          'configmaps is forbidden: User "stranger" cannot list resource "configmaps" in API group "" in the namespace "default"',
      },
    },
    {
      name: 'a path beside resources that is not allowed',
      method: 'POST',
      path: '/threeport/v1/claim',
      given: { as: 'agent', body: {} },
      want: {
        status: 403,
        reason: 'Forbidden',
        message: 'forbidden: User "agent" cannot post path "/threeport/v1/claim"',
      },
    },
    {
      name: 'an object that is not there',
      method: 'GET',
      path: `${WORKLOADS}/x`,
      want: {
        status: 404,
        reason: 'NotFound',
        message: 'workloads.workload.threeport.io "x" not found',
      },
    },
    {
      name: 'a kind that is not there',
      method: 'GET',
      path: '/apis/workload.threeport.io/v1alpha1/nothings',
      want: {
        status: 404,
        reason: 'NotFound',
        message: 'the server could not find the requested resource',
      },
    },
    {
      name: 'a version that is not served',
      method: 'GET',
      path: '/apis/workload.threeport.io/v2/workloads',
      want: { status: 404, reason: 'NotFound', message: /could not find the requested resource/ },
    },
    {
      name: 'a method that the path does not take',
      method: 'POST',
      path: `${MAPS}/x`,
      given: { body: {} },
      want: {
        status: 405,
        reason: 'MethodNotAllowed',
        message: 'the server does not allow this method on the requested resource',
      },
    },
    {
      name: 'a form that is not served',
      method: 'GET',
      path: MAPS,
      given: { headers: { Accept: 'application/vnd.kubernetes.protobuf' } },
      want: { status: 406, reason: 'NotAcceptable', message: /application\/json/ },
    },
    {
      name: 'an unknown media type',
      method: 'POST',
      path: MAPS,
      given: { body: 'x', type: 'text/plain' },
      want: {
        status: 415,
        reason: 'UnsupportedMediaType',
        message: /accepted media types include: application\/json/,
      },
    },
    {
      name: 'a patch of unknown type',
      method: 'PATCH',
      path: `${MAPS}/x`,
      given: { body: {} },
      want: {
        status: 415,
        reason: 'UnsupportedMediaType',
        message: /application\/apply-patch\+yaml/,
      },
    },
    {
      name: 'a body that is too large',
      method: 'POST',
      path: MAPS,
      given: { body: { data: { x: 'y'.repeat(70_000) } } },
      want: { status: 413, reason: 'RequestEntityTooLarge', message: /limit is 65536 bytes/ },
    },
    {
      name: 'no JSON',
      method: 'POST',
      path: MAPS,
      given: { body: '{"a":' },
      want: { status: 400, reason: 'BadRequest', message: /not valid JSON/ },
    },
    {
      name: 'no YAML, with its place',
      method: 'POST',
      path: MAPS,
      given: { body: 'a: [1\nb: 2', type: 'application/yaml' },
      want: { status: 400, reason: 'BadRequest', message: /converting YAML.*line 2/ },
    },
    {
      name: 'YAML whose aliases multiply to gigabytes',
      method: 'POST',
      path: MAPS,
      given: {
        body: [...'bcdefghi'].reduce(
          (text, key, i) =>
            `${text}${key}: &${key} [${Array(10).fill(`*${'abcdefgh'[i]}`).join()}]\n`,
          `a: &a [${Array(10).fill('x').join()}]\n`,
        ),
        type: 'application/yaml',
      },
      want: { status: 400, reason: 'BadRequest', message: /once its aliases are expanded/ },
    },
    {
      name: 'YAML that contains itself',
      method: 'POST',
      path: MAPS,
      given: { body: 'data: &d {a: *d}', type: 'application/yaml' },
      want: { status: 400, reason: 'BadRequest', message: /nested too deep/ },
    },
    {
      name: 'too deep',
      method: 'POST',
      path: MAPS,
      given: { body: deep },
      want: { status: 400, reason: 'BadRequest', message: /nested more than 100 levels/ },
    },
    {
      name: 'a prototype by the back door',
      method: 'POST',
      path: MAPS,
      given: { body: '{"metadata":{"name":"p"},"__proto__":{"data":{}}}' },
      want: { status: 400, reason: 'BadRequest', message: /"__proto__" is not allowed/ },
    },
    {
      name: 'a key twice',
      method: 'POST',
      path: `${MAPS}?fieldValidation=Strict`,
      given: { body: '{"metadata":{"name":"p"},"data":{"a":"1","a":"2"}}' },
      want: {
        status: 400,
        reason: 'BadRequest',
        message: /strict decoding error: duplicate field "data.a"/,
      },
    },
    {
      name: 'another kind',
      method: 'POST',
      path: MAPS,
      given: { body: { kind: 'Secret', apiVersion: 'v1', metadata: { name: 'x' } } },
      want: { status: 400, reason: 'BadRequest', message: /must be of type ConfigMap/ },
    },
    {
      name: 'another namespace',
      method: 'POST',
      path: MAPS,
      given: { body: { metadata: { name: 'x', namespace: 'other' } } },
      want: { status: 400, reason: 'BadRequest', message: /does not match the namespace sent/ },
    },
    {
      name: "another namespace on a namespace, whose URL's is itself",
      method: 'PUT',
      path: '/api/v1/namespaces/default',
      given: { body: { metadata: { name: 'default', namespace: 'other' } } },
      want: {
        status: 400,
        reason: 'BadRequest',
        message: /\(other\) does not match the namespace on the request \(default\)/,
      },
    },
    {
      name: 'a label selector that cannot be read',
      method: 'GET',
      path: `${MAPS}?labelSelector=a%20b`,
      want: { status: 400, reason: 'BadRequest', message: /a b/ },
    },
    {
      name: 'a field that cannot be selected',
      method: 'GET',
      path: `${MAPS}?fieldSelector=data.a%3D1&watch=1`,
      want: { status: 400, reason: 'BadRequest', message: /field label not supported: data.a/ },
    },
    {
      name: 'a forged continue token',
      method: 'GET',
      path: `${MAPS}?limit=1&continue=AAAA`,
      want: { status: 400, reason: 'BadRequest', message: 'continue key is not valid' },
    },
    {
      name: 'a limit that is no number',
      method: 'GET',
      path: `${MAPS}?limit=many`,
      want: { status: 400, reason: 'BadRequest', message: /limit: want a whole number/ },
    },
    {
      name: 'apply without a manager',
      method: 'PATCH',
      path: `${MAPS}/x`,
      given: { body: '{}', type: 'application/apply-patch+yaml' },
      want: { status: 422, reason: 'Invalid', message: /fieldManager: Required value/ },
    },
    {
      name: 'a dry run of another sort',
      method: 'POST',
      path: `${MAPS}?dryRun=Some`,
      given: { body: { metadata: { name: 'x' } } },
      want: {
        status: 422,
        reason: 'Invalid',
        message: /dryRun: Unsupported value: "Some": supported values: "All"/,
      },
    },
  ];

  for (const { name, method, path, given, want } of refused) {
    it(`refuses ${name}`, async () => {
      const { status, body } = await world.call(method, path, given);
      expect(status, JSON.stringify(body)).to.equal(want.status);
      expect(body).to.include({
        kind: 'Status',
        status: 'Failure',
        reason: want.reason,
        code: status,
      });
      if (typeof want.message === 'string') expect(body.message).to.equal(want.message);
      else expect(body.message).to.match(want.message);
    });
  }

  it('refuses a caller without reading the body', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request(world.server.address + MAPS, {
        method: 'POST',
        rejectUnauthorized: false,
        headers: { 'Content-Length': 50_000, 'Content-Type': 'application/json' },
      });
      outgoing.on('error', reject).on('response', (response) => {
        resolve(response.statusCode);
        outgoing.destroy();
      });
      // Only the first byte is ever sent.
      outgoing.write('{');
    });
    expect(status).to.equal(401);
  });

  it('answers health and version to anybody', async () => {
    for (const path of ['/healthz', '/livez', '/readyz', '/version']) {
      expect((await world.call('GET', path, { as: '' })).status, path).to.equal(200);
    }
    expect((await world.call('GET', '/readyz?verbose', { as: '' })).body).to.include(
      '[+]store-write ok',
    );
    expect((await world.call('GET', '/version')).body.gitVersion).to.match(
      /^v1\.32\.\d+\+threeport/,
    );
  });

  it('tells what it serves, plainly and aggregated', async () => {
    const groups = await world.call('GET', '/apis', { as: 'stranger' });
    expect(groups.body.groups.map((group: { name: string }) => group.name)).to.include(
      'workload.threeport.io',
    );
    const list = await world.call('GET', '/apis/workload.threeport.io/v1alpha1');
    expect(list.body.resources.map((resource: { name: string }) => resource.name)).to.include(
      'workloads/status',
    );
    const aggregated = await world.call('GET', '/apis', {
      headers: { Accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' },
    });
    expect(aggregated.body.kind).to.equal('APIGroupDiscoveryList');
    const again = await world.call('GET', '/apis', {
      headers: {
        Accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
        'If-None-Match': String(aggregated.headers['etag']),
      },
    });
    expect(again.status).to.equal(304);
  });

  it('serves OpenAPI documents whose references all lead somewhere', async () => {
    const index = await world.call('GET', '/openapi/v3');
    for (const { serverRelativeURL } of Object.values(index.body.paths) as {
      serverRelativeURL: string;
    }[]) {
      const { body } = await world.call('GET', serverRelativeURL);
      for (const [, name] of JSON.stringify(body).matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
        expect(body.components.schemas, serverRelativeURL).to.have.property(name ?? '');
      }
    }
    expect((await world.call('GET', '/openapi/v2')).body.swagger).to.equal('2.0');
  });

  it('pages through a list', async () => {
    for (const name of ['p1', 'p2', 'p3']) {
      await world.call('POST', MAPS, { body: { metadata: { name, labels: { page: 'yes' } } } });
    }
    const names: string[] = [];
    let token = '';
    do {
      const { body } = await world.call(
        'GET',
        `${MAPS}?labelSelector=page&limit=2&continue=${token}`,
      );
      names.push(...body.items.map((item: { metadata: { name: string } }) => item.metadata.name));
      token = body.metadata.continue ?? '';
    } while (token !== '');
    expect(names).to.deep.equal(['p1', 'p2', 'p3']);
  });

  it('takes a namespace away from what has none, without a word', async () => {
    const runtimes = '/apis/kubernetes.threeport.io/v1alpha1/kubernetesruntimedefinitions';
    const body = {
      metadata: { name: 'placed', namespace: 'other' },
      spec: { provider: 'sandbox' },
    };
    const created = await world.call('POST', runtimes, { body });
    expect(created.status, JSON.stringify(created.body)).to.equal(201);
    expect(created.body.metadata).to.not.have.property('namespace');
    const labels = { a: 'b' };
    const patched = await world.call('PATCH', `${runtimes}/placed`, {
      body: { metadata: { namespace: 'other', labels } },
      type: 'application/merge-patch+json',
    });
    expect(patched.body.metadata).to.deep.include({ labels }).and.not.have.property('namespace');
    const own = { metadata: { name: 'default', namespace: 'default', labels } };
    const namespace = await world.call('PUT', '/api/v1/namespaces/default', { body: own });
    expect(namespace.body.metadata).to.not.have.property('namespace');
  });

  it('gives tables and bare metadata', async () => {
    await world.call('POST', MAPS, { body: { metadata: { name: 'formed' }, data: { a: 'b' } } });
    const table = await world.call('GET', MAPS, {
      headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' },
    });
    expect(table.body.kind).to.equal('Table');
    expect(
      table.body.columnDefinitions.map((column: { name: string }) => column.name),
    ).to.deep.equal(['Name', 'Data', 'Age']);
    expect(table.body.rows[0].object.kind).to.equal('PartialObjectMetadata');
    const partial = await world.call('GET', `${MAPS}/formed`, {
      headers: { Accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' },
    });
    expect(partial.body)
      .to.include({ kind: 'PartialObjectMetadata' })
      .and.not.have.property('data');
  });

  it('gives them in the version before v1 to clients that know no other', async () => {
    await world.call('POST', MAPS, { body: { metadata: { name: 'old' }, data: { a: 'b' } } });
    const ask = async (path: string, as: string) => {
      const headers = { Accept: `application/json;as=${as};v=v1beta1;g=meta.k8s.io` };
      const { status, body } = await world.call('GET', path, { headers });
      expect(status).to.equal(200);
      return body;
    };
    const apiVersion = 'meta.k8s.io/v1beta1';
    const table = await ask(MAPS, 'Table');
    expect(table).to.include({ kind: 'Table', apiVersion });
    expect(table.rows[0].object).to.include({ kind: 'PartialObjectMetadata', apiVersion });
    const list = await ask(MAPS, 'PartialObjectMetadataList');
    expect(list).to.include({ kind: 'PartialObjectMetadataList', apiVersion });
    expect(list.items[0]).to.include({ kind: 'PartialObjectMetadata', apiVersion });
    const one = await ask(`${MAPS}/old`, 'PartialObjectMetadata');
    expect(one).to.include({ kind: 'PartialObjectMetadata', apiVersion });
  });
});
