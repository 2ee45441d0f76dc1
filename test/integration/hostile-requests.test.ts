import { expect } from 'chai';
import { connect } from 'node:tls';
import type { Logger } from '../../sdk/logger.js';
import { nopLogger } from '../../sdk/logger.js';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { definition, establish } from '../support/custom-resource-world.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const EVENTS = '/apis/events.k8s.io/v1/namespaces/default/events';
const BOMBS = '/apis/example.com/v1/namespaces/default/bombs';
const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const APPLY_PATCH = 'application/apply-patch+yaml';
/** Nobody reads a longer answer to a request that was refused. */
const MAX_ANSWER_CHARS = 110_000;
/** What String() of makes a server throw that takes it for text. */
const NO_TEXT = { toString: 1, valueOf: 1 };

interface HostileCase {
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly want: number;
  readonly says?: RegExp;
}

const patch = (type: string, body: unknown) =>
  ({ method: 'PATCH', path: `${MAPS}/there?fieldManager=m`, type, body }) as const;

/** Requests that were made to find faults; each one that did stands here. */
describe('hostile requests', function () {
  this.timeout(60_000);
  let world: ApiWorld;
  const faults: unknown[] = [];
  const logger: Logger = {
    ...nopLogger,
    with: () => logger,
    error: (message, fields) => void faults.push([message, fields]),
  };

  before(async () => {
    world = await startApiWorld({ logger, settledAfterMs: 0 });
    await world.call('POST', MAPS, { body: { metadata: { name: 'there' }, data: { a: '1' } } });
    const text = { type: 'string', default: 'x'.repeat(100_000) };
    const item = { type: 'object', properties: { text } };
    await establish(
      world,
      definition(
        [
          {
            name: 'v1',
            spec: {
              properties: {
                list: { type: 'array', items: item },
                open: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
            additionalPrinterColumns: [
              { name: 'When', type: 'date', jsonPath: '.spec.open.when' },
              { name: 'What', type: 'string', jsonPath: '.spec.open[?(@.a==1.2.3)]' },
            ],
          },
        ],
        { plural: 'bombs' },
      ),
    );
  });
  after(() => world.stop());

  const values: readonly HostileCase[] = [
    { name: 'an apiVersion that is no text', body: { apiVersion: NO_TEXT }, want: 400 },
    { name: 'a kind that is no text', body: { kind: NO_TEXT }, want: 400 },
    { name: 'a name that is no text', body: { metadata: { name: NO_TEXT } }, want: 422 },
    {
      name: 'another name, no text, in a replacement',
      method: 'PUT',
      path: `${MAPS}/there`,
      body: { metadata: { name: NO_TEXT } },
      want: 400,
    },
    {
      name: 'a namespace that is no text in a replacement',
      method: 'PUT',
      path: `${MAPS}/there`,
      body: { metadata: { name: 'there', namespace: NO_TEXT } },
      want: 400,
    },
    {
      name: 'a patch to such a name',
      ...patch(MERGE_PATCH, { metadata: { name: NO_TEXT } }),
      want: 400,
    },
    {
      name: 'a configuration of such a version',
      ...patch(APPLY_PATCH, { apiVersion: NO_TEXT }),
      want: 400,
    },
    {
      name: 'a JSON patch of a renamed kind whose path is no text',
      method: 'PATCH',
      path: `${EVENTS}/there`,
      type: JSON_PATCH,
      body: [{ op: 'add', path: NO_TEXT, value: 1 }],
      want: 404,
    },
    ...(
      [
        ['dryRun', [NO_TEXT]],
        ['dryRun', 'All'],
        ['preconditions', 'uid'],
        ['preconditions', { uid: {} }],
        ['preconditions', { resourceVersion: 7 }],
        ['propagationPolicy', ['Orphan']],
        ['orphanDependents', 'true'],
      ] as const
    ).map(([option, value]): HostileCase => ({
      name: `a delete with ${option} ${JSON.stringify(value)}, which must not delete without it`,
      method: 'DELETE',
      path: `${MAPS}/there`,
      body: { [option]: value },
      want: 400,
      says: new RegExp(option),
    })),
    {
      name: 'an owner with a uid of 20 kB, more than an index takes',
      body: {
        metadata: {
          name: 'bad',
          ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid: 'u'.repeat(20_000) }],
        },
      },
      want: 422,
      says: /uid: .*no more than 1024 characters/,
    },
    {
      name: '50,000 owners with nothing in them',
      body: {
        metadata: { name: 'bad', ownerReferences: Array.from({ length: 50_000 }, () => ({})) },
      },
      want: 422,
    },
    {
      name: 'UTF-8 that is none',
      body: Buffer.from('{"metadata":{"name":"bad"},"data":{"a":"\xff\xc0\x80"}}', 'latin1'),
      want: 400,
      says: /not valid UTF-8/,
    },
    {
      name: 'half a surrogate pair in UTF-8',
      body: Buffer.from('{"metadata":{"name":"bad"},"data":{"a":"\xed\xa0\x80"}}', 'latin1'),
      want: 400,
    },
    { name: 'UTF-16', body: Buffer.from('{"metadata":{"name":"bad"}}', 'utf16le'), want: 400 },
    {
      name: 'UTF-8 that is none, in YAML',
      type: 'application/yaml',
      body: Buffer.from('metadata: {name: bad}\ndata: {a: "\xff"}\n', 'latin1'),
      want: 400,
      says: /not valid UTF-8/,
    },
    {
      name: 'a compressed body, which nobody unpacks',
      headers: { 'Content-Encoding': 'gzip' },
      body: Buffer.from('1f8b08000000000000ffab05000000', 'hex'),
      want: 400,
    },
    {
      name: 'half a default of 5 GB',
      path: BOMBS,
      body: {
        metadata: { name: 'bad' },
        spec: { list: Array.from({ length: 50_000 }, () => ({})) },
      },
      want: 413,
      says: /with its defaults/,
    },
    {
      name: 'a JSON patch that nests deeper with each operation',
      ...patch(
        JSON_PATCH,
        Array.from({ length: 99 }, (_, i) => ({
          op: 'add',
          path: `/x${'/a'.repeat(i)}`,
          value: { a: { a: {} } },
        })),
      ),
      want: 413,
    },
    {
      name: 'a JSON patch through the constructor',
      ...patch(JSON_PATCH, [{ op: 'add', path: '/constructor/prototype/polluted', value: 'yes' }]),
      want: 422,
    },
  ];

  const long = '"'.repeat(1_400_000);
  const quoted: readonly HostileCase[] = [
    { name: 'a kind', body: { kind: long }, want: 400 },
    { name: 'a name', body: { metadata: { name: long } }, want: 422 },
    { name: 'a label', body: { metadata: { name: 'bad', labels: { a: long } } }, want: 422 },
    {
      name: 'an annotation',
      body: { metadata: { name: 'bad', annotations: { [long]: '' } } },
      want: 422,
    },
    {
      name: 'an unknown field',
      path: `${MAPS}?fieldValidation=Strict`,
      body: { metadata: { name: 'bad' }, [long]: 1 },
      want: 400,
    },
    { name: 'an operation', ...patch(JSON_PATCH, [{ op: long, path: '/a' }]), want: 422 },
    { name: 'a path', ...patch(JSON_PATCH, [{ op: 'remove', path: `/${long}` }]), want: 422 },
    {
      name: 'a directive',
      ...patch('application/strategic-merge-patch+json', { $patch: long }),
      want: 400,
    },
    { name: 'a path of a URL', method: 'GET', path: `${MAPS}/${'x'.repeat(60_000)}`, want: 404 },
  ].map((each) => ({ ...each, name: `${each.name} of a megabyte, and does not send it back` }));

  const places: readonly HostileCase[] = [
    ...['/readyz/%zz', '/api/%ff', '/apis/a/%c0%80', '/openapi/v3/%zz', '/docs/a/b/%zz'].map(
      (path): HostileCase => ({ name: `the path ${path}`, path, want: 400 }),
    ),
    ...['/READYZ', '/Api', '/APIS', '/OpenAPI/v2', '/DOCS', '/Version'].map(
      (path): HostileCase => ({ name: `the path ${path}, in other letters`, path, want: 404 }),
    ),
    ...['/apis#x', '*', '/docs\\x', 'ftp://x/apis'].map((path): HostileCase => ({
      name: `the target ${path}`,
      path,
      want: 400,
    })),
    { name: 'the path with a host that is not ours', path: `http://x${MAPS}/there`, want: 200 },
    { name: 'a path that objects inherit', path: '/openapi/v3/__proto__', want: 404 },
    ...['labelSelector', 'fieldSelector'].map((option): HostileCase => ({
      name: `a ${option} of 50,000 spaces`,
      path: `${MAPS}?${option}=a${'+'.repeat(50_000)}b`,
      want: 400,
    })),
    {
      name: 'a selector of 20,000 labels',
      path: `${MAPS}?labelSelector=${'a,'.repeat(20_000)}`,
      want: 400,
      says: /20000 requirements/,
    },
    {
      name: 'a watch by as many',
      path: `${MAPS}?watch=1&labelSelector=${'a,'.repeat(20_000)}`,
      want: 400,
    },
    { name: '10,000 options', path: `${MAPS}?limit=1&${'a=b&'.repeat(10_000)}`, want: 200 },
    { name: 'two limits, of which the first counts', path: `${MAPS}?limit=1&limit=x`, want: 200 },
    ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map(
      (name): HostileCase => ({
        name: `${name}, which nobody obeys`,
        path: `${MAPS}/there`,
        headers: { [name]: 'DELETE' },
        want: 200,
      }),
    ),
    {
      name: 'an upgrade that nobody offers',
      path: `${MAPS}/there`,
      headers: { Connection: 'Upgrade', Upgrade: 'h2c' },
      want: 200,
    },
  ].map((each): HostileCase => ({ method: 'GET', ...each }));

  for (const { name, method = 'POST', path = MAPS, want, says, ...call } of [
    ...values,
    ...quoted,
    ...places,
  ]) {
    it(`answers ${name} with ${want}`, async () => {
      const answer = await world.call(method, path, call);
      const text = JSON.stringify(answer.body);
      expect(answer.status, text.slice(0, 500)).to.equal(want);
      if (want >= 400) {
        expect(answer.body).to.include({ kind: 'Status', status: 'Failure', code: want });
        expect(text.length, 'characters of the answer').to.be.lessThan(MAX_ANSWER_CHARS);
      }
      if (says !== undefined) expect(answer.body.message).to.match(says);
      expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
    });
  }

  it('prints objects whose fields are not what a column expects', async () => {
    const open = { when: NO_TEXT, constructor: { prototype: 1 } };
    const made = await world.call('POST', BOMBS, {
      body: { metadata: { name: 'odd' }, spec: { open } },
    });
    expect(made.status).to.equal(201);
    const table = await world.call('GET', BOMBS, {
      headers: { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
    });
    expect(table.body.rows[0].cells).to.deep.equal(['odd', '<invalid>', null]);
  });

  it('lets no object grow beyond what can be served, one patch after another', async () => {
    await world.call('POST', MAPS, { body: { metadata: { name: 'grows' } } });
    const grow = (key: string) =>
      world.call('PATCH', `${MAPS}/grows`, {
        type: MERGE_PATCH,
        body: { data: { [key]: 'x'.repeat(2_900_000) } },
      });
    const statuses: number[] = [];
    for (const key of ['a', 'b', 'c']) statuses.push((await grow(key)).status);
    expect(statuses).to.deep.equal([200, 200, 413]);
    expect((await world.call('DELETE', `${MAPS}/grows`)).status).to.equal(200);
  });

  it('names a client in managedFields by what can be printed of its name', async () => {
    const body = '{"metadata":{"name":"agent"},"data":{"a":"1"}}';
    const lines = [
      `POST ${MAPS} HTTP/1.1`,
      'Host: x',
      `Authorization: Bearer ${world.token}`,
      'User-Agent: evil\x9b31m\xad/1',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      'Connection: close',
    ];
    expect(await exchange(world, `${lines.join('\r\n')}\r\n\r\n${body}`)).to.contain(' 201 ');
    const stored = await world.call('GET', `${MAPS}/agent`);
    expect(stored.body.metadata.managedFields[0].manager).to.equal('evil31m');
  });

  it('took all of that for what it was: nothing is logged as a fault of the server', () => {
    expect(faults).to.deep.equal([]);
  });

  describe('bytes on a connection', () => {
    const head = (...lines: string[]): string =>
      [`POST ${MAPS} HTTP/1.1`, 'Host: x', 'Content-Type: application/json', ...lines, '', ''].join(
        '\r\n',
      );
    const token = 'Authorization: Bearer admin-token-for-tests';
    const chunked = 'Transfer-Encoding: chunked';
    const cases = [
      {
        name: 'two lengths',
        sent: head(token, 'Content-Length: 2', 'Content-Length: 3') + '{}',
        want: [400],
      },
      {
        name: 'a length and chunks',
        sent: head(token, 'Content-Length: 2', chunked) + '0\r\n\r\n',
        want: [400],
      },
      {
        name: 'chunks that are not the last coding',
        sent: head(token, chunked, 'Transfer-Encoding: x'),
        want: [400],
      },
      {
        name: 'a space before the colon',
        sent: head(token, 'Transfer-Encoding : chunked'),
        want: [400],
      },
      {
        name: 'lines that end in LF',
        sent: head(token, 'Content-Length: 2').replaceAll('\r', '') + '{}',
        want: [400],
      },
      {
        name: 'a header that goes on in the next line',
        sent: head(token, 'A: b', ' c'),
        want: [400],
      },
      { name: 'a negative length', sent: head(token, 'Content-Length: -1'), want: [400] },
      {
        name: 'a chunk larger than any number',
        sent: head(token, chunked) + `${'F'.repeat(20)}\r\n`,
        want: [400],
      },
      { name: 'HTTP/2 without being asked', sent: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', want: [400] },
      {
        name: 'no credential, and waits before the body',
        sent: head('Content-Length: 9', 'Expect: 100-continue'),
        want: [401],
      },
      {
        name: 'too large a body, and waits before it',
        sent: head(token, 'Content-Length: 1000000000', 'Expect: 100-continue'),
        want: [413],
      },
      {
        name: 'a body that is wanted after all',
        sent: `${head(token, 'Content-Length: 2', 'Expect: 100-continue', 'Connection: close')}{}`,
        want: [100, 422],
      },
      {
        name: 'headers beyond the 2,000th, which count as the others do',
        sent:
          head(
            ...Array<string>(2_500).fill('a: b'),
            token,
            'Content-Length: 2',
            'Connection: close',
          ) + '{}',
        want: [422],
      },
    ];
    for (const { name, sent, want } of cases) {
      it(`answers ${name} with ${want.join(', then ')}`, async () => {
        const text = await exchange(world, sent);
        const statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1]));
        expect(statuses, text.slice(0, 300)).to.deep.equal(want);
      });
    }
  });
});

/** Sends the bytes as they are; answers what comes back until the server hangs up. */
function exchange({ server }: ApiWorld, sent: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(new URL(server.address).port),
      rejectUnauthorized: false,
    });
    let text = '';
    socket.setTimeout(20_000, () => socket.destroy(new Error(`still open after: ${text}`)));
    socket.on('secureConnect', () => socket.write(sent, 'latin1'));
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', reject).on('close', () => resolve(text));
  });
}
