import { expect } from 'chai';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const SWAGGER_PROTOBUF = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

/** The forms of answers, beside what they say. */
describe('answers of the API', () => {
  let world: ApiWorld;

  before(async () => {
    world = await startApiWorld();
    const text = 'x'.repeat(100_000);
    for (const name of ['large-1', 'large-2']) {
      await world.call('POST', MAPS, { body: { metadata: { name }, data: { text } } });
    }
    await world.call('POST', MAPS, { body: { metadata: { name: 'small' } } });
  });
  after(() => world.stop());

  const encodings: readonly { name: string; path: string; accept: string; zipped: boolean }[] = [
    { name: 'a large list', path: MAPS, accept: 'gzip', zipped: true },
    { name: 'one of several encodings', path: MAPS, accept: 'br, gzip;q=0.5', zipped: true },
    { name: 'any encoding', path: MAPS, accept: '*', zipped: true },
    { name: 'below 128 KiB', path: `${MAPS}/large-1`, accept: 'gzip', zipped: false },
    { name: 'none asked for', path: MAPS, accept: 'identity', zipped: false },
    { name: 'refused by its weight', path: MAPS, accept: 'gzip;q=0', zipped: false },
  ];
  for (const { name, path, accept, zipped } of encodings) {
    it(`${zipped ? 'compresses' : 'does not compress'}: ${name}`, async () => {
      const plain = await world.call('GET', path);
      const answer = await world.call('GET', path, { headers: { 'Accept-Encoding': accept } });
      expect(answer.headers['content-encoding'] === 'gzip').to.equal(zipped);
      expect(answer.body).to.deep.equal(plain.body);
      const length = Number(answer.headers['content-length']);
      if (zipped) expect(length).to.be.lessThan(10_000);
      else expect(length).to.equal(Number(plain.headers['content-length']));
    });
  }

  const readers: readonly { name: string; path: string; agent: string; indented: boolean }[] = [
    { name: 'asked for', path: `${MAPS}/small?pretty=true`, agent: 'x/1', indented: true },
    { name: 'a person’s tool', path: `${MAPS}/small`, agent: 'curl/8.0', indented: true },
    { name: 'a browser', path: '/version', agent: 'Mozilla/5.0 (X11)', indented: true },
    { name: 'a program', path: `${MAPS}/small`, agent: 'kubectl/v1.32', indented: false },
    { name: 'refused', path: `${MAPS}/small?pretty=false`, agent: 'curl/8.0', indented: false },
    { name: 'an error too', path: `${MAPS}/none?pretty=1`, agent: 'x/1', indented: true },
  ];
  for (const { name, path, agent, indented } of readers) {
    it(`${indented ? 'indents' : 'does not indent'}: ${name}`, async () => {
      const plain = await world.call('GET', path.split('?')[0] ?? '');
      const answer = await world.call('GET', path, { headers: { 'User-Agent': agent } });
      const text = JSON.stringify(plain.body, null, indented ? 2 : 0);
      const newline = indented ? 1 : 0;
      expect(Number(answer.headers['content-length'])).to.equal(Buffer.byteLength(text) + newline);
      expect(answer.body).to.deep.equal(plain.body);
    });
  }

  const methods: readonly { method: string; path: string; want: number }[] = [
    { method: 'HEAD', path: MAPS, want: 200 },
    { method: 'HEAD', path: `${MAPS}/small`, want: 200 },
    { method: 'HEAD', path: `${MAPS}/none`, want: 404 },
    { method: 'HEAD', path: '/healthz', want: 200 },
    { method: 'OPTIONS', path: MAPS, want: 405 },
    { method: 'OPTIONS', path: '/api', want: 405 },
    { method: 'TRACE', path: MAPS, want: 405 },
    { method: 'POST', path: '/api', want: 405 },
    { method: 'DELETE', path: '/apis/workload.threeport.io', want: 405 },
    { method: 'PUT', path: '/openapi/v2', want: 405 },
    { method: 'POST', path: '/version', want: 405 },
    { method: 'POST', path: '/readyz', want: 405 },
    { method: 'DELETE', path: '/api/v1/configmaps', want: 405 },
    { method: 'PUT', path: MAPS, want: 405 },
    { method: 'GET', path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', want: 405 },
    { method: 'GET', path: '/nothing', want: 404 },
  ];
  for (const { method, path, want } of methods) {
    it(`answers ${method} ${path} with ${want}`, async () => {
      const answer = await world.call(method, path);
      expect(answer.status).to.equal(want);
      if (method === 'HEAD') expect(answer.body).to.equal('');
      else expect(answer.body).to.include({ kind: 'Status', code: want });
    });
  }

  it('tells a client that has the discovery or a document that nothing changed', async () => {
    const index = await world.call('GET', '/openapi/v3');
    const [first] = Object.values(index.body.paths) as { serverRelativeURL: string }[];
    const paths: readonly (readonly [path: string, accept: string])[] = [
      ['/api', AGGREGATED],
      ['/apis', AGGREGATED],
      ['/openapi/v2', 'application/json'],
      ['/openapi/v2', SWAGGER_PROTOBUF],
      ['/openapi/v3', 'application/json'],
      [first?.serverRelativeURL ?? '', 'application/json'],
    ];
    for (const [path, Accept] of paths) {
      const { status, headers } = await world.call('GET', path, { headers: { Accept } });
      expect(status, path).to.equal(200);
      const again = await world.call('GET', path, {
        headers: { Accept, 'If-None-Match': String(headers['etag']) },
      });
      expect(again.status, path).to.equal(304);
    }
  });

  it('serves every kind in the aggregated discovery with the verbs that it takes', async () => {
    const { body } = await world.call('GET', '/apis', { headers: { Accept: AGGREGATED } });
    const groups = body.items as {
      metadata: { name: string };
      versions: { resources: { resource: string; verbs: string[] }[] }[];
    }[];
    const verbsOf = (group: string, resource: string) =>
      groups
        .find(({ metadata }) => metadata.name === group)
        ?.versions[0]?.resources.find((one) => one.resource === resource)?.verbs;
    expect(verbsOf('events.k8s.io', 'events')).to.include.members(['list', 'watch', 'patch']);
    expect(verbsOf('authorization.k8s.io', 'subjectaccessreviews')).to.deep.equal(['create']);
    expect(verbsOf('coordination.k8s.io', 'leases')).to.include('deletecollection');
  });
});
