import { expect } from 'chai';
import { CORE_SCHEMA, load } from 'js-yaml';
import type { ApiAnswer, ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const YAML = 'application/yaml';

describe('YAML over the wire', function () {
  this.timeout(20_000);
  let world: ApiWorld;
  before(async () => (world = await startApiWorld()));
  after(() => world.stop());

  const inYaml = { type: YAML, headers: { Accept: YAML } };

  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks into it as it likes
  function parsed({ headers, body }: ApiAnswer): any {
    expect(headers['content-type']).to.equal(YAML);
    return load(String(body), { schema: CORE_SCHEMA });
  }

  it('is taken and given by every verb', async () => {
    const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: y\ndata:\n  answer: "yes"\n';
    const made = await world.call('POST', MAPS, { ...inYaml, body: text });
    expect(made.status, String(made.body)).to.equal(201);
    const object = parsed(made);
    expect(object.data).to.deep.equal({ answer: 'yes' });
    expect(parsed(await world.call('GET', `${MAPS}/y`, inYaml))).to.deep.equal(object);
    const version = String(object.metadata.resourceVersion);
    const changed = text
      .replace('name: y', `name: y\n  resourceVersion: "${version}"`)
      .replace('yes', 'no');
    const put = await world.call('PUT', `${MAPS}/y`, { ...inYaml, body: changed });
    expect(parsed(put).data).to.deep.equal({ answer: 'no' });
    const applied = await world.call('PATCH', `${MAPS}/y?fieldManager=me&force=true`, {
      ...inYaml,
      type: 'application/apply-patch+yaml',
      body: text,
    });
    expect(parsed(applied).data).to.deep.equal({ answer: 'yes' });
    const list = parsed(await world.call('GET', MAPS, inYaml));
    expect([list.kind, list.items.length]).to.deep.equal(['ConfigMapList', 1]);
    const ended = await world.call('DELETE', `${MAPS}/y`, {
      ...inYaml,
      body: 'propagationPolicy: Background\n',
    });
    expect(parsed(ended).status).to.equal('Success');
  });

  it('says errors and Tables too', async () => {
    const missing = await world.call('GET', `${MAPS}/none`, inYaml);
    expect(missing.status).to.equal(404);
    expect(parsed(missing)).to.include({ kind: 'Status', reason: 'NotFound', code: 404 });
    const Accept = `${YAML};as=Table;g=meta.k8s.io;v=v1`;
    const table = parsed(await world.call('GET', MAPS, { headers: { Accept } }));
    expect(table.kind).to.equal('Table');
  });

  const preferences = [
    { accept: `${YAML}, application/json`, want: YAML },
    { accept: `application/json, ${YAML}`, want: 'application/json' },
    { accept: `application/vnd.kubernetes.protobuf, ${YAML}`, want: YAML },
    { accept: '*/*', want: 'application/json' },
  ];
  for (const { accept, want } of preferences) {
    it(`is given as the first that can be: ${accept}`, async () => {
      const answer = await world.call('GET', MAPS, { headers: { Accept: accept } });
      expect(answer.headers['content-type']).to.equal(want);
    });
  }

  it('is no stream: a watch wants JSON', async () => {
    const watch = await world.call('GET', `${MAPS}?watch=1`, { headers: { Accept: YAML } });
    expect(watch.status).to.equal(406);
  });

  it('of a large list is in flow style, which is JSON', async () => {
    const data = { text: 'x'.repeat(200_000) };
    for (const name of ['a', 'b', 'c']) {
      await world.call('POST', MAPS, { body: { metadata: { name }, data } });
    }
    const answer = await world.call('GET', MAPS, inYaml);
    expect(String(answer.body)).to.match(/^\{"kind"/);
    expect(parsed(answer).items).to.have.length(3);
  });

  it('changes nothing for somebody who could not be answered', async () => {
    const answer = await world.call('POST', MAPS, {
      body: { metadata: { name: 'unanswered' } },
      headers: { Accept: 'application/xml' },
    });
    expect(answer.status).to.equal(406);
    expect((await world.call('GET', `${MAPS}/unanswered`)).status).to.equal(404);
  });

  const bombs: readonly (readonly [reason: string, body: string, status: number])[] = [
    [
      'aliases of aliases',
      `${Array.from(
        { length: 30 },
        (_, i) =>
          `a${i}: &a${i} [${
            i === 0
              ? 'x'
              : Array(9)
                  .fill(`*a${i - 1}`)
                  .join(', ')
          }]`,
      ).join('\n')}\n`,
      400,
    ],
    ['an alias within itself', 'data: &a\n  x: *a\n', 400],
    ['100,000 levels', `data: ${'['.repeat(100_000)}`, 400],
    ['two documents', 'metadata: {name: a}\n---\nmetadata: {name: b}\n', 400],
    ['a key twice', 'metadata: {name: a}\nmetadata: {name: b}\n', 400],
    ['a tag of a language', 'metadata: !!js/function "x"\n', 400],
  ];
  for (const [reason, body, status] of bombs) {
    for (const [method, path, type] of [
      ['POST', MAPS, YAML],
      ['PATCH', `${MAPS}/a?fieldManager=me`, 'application/apply-patch+yaml'],
    ] as const) {
      it(`refuses ${reason} as ${type}`, async () => {
        const startedMs = performance.now();
        const answer = await world.call(method, path, { body, type });
        expect(answer.status, String(answer.body.message)).to.equal(status);
        expect(performance.now() - startedMs).to.be.lessThan(3_000);
      });
    }
  }
});
