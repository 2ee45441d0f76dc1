import { expect } from 'chai';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ApiAnswer, ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const EVENTS = '/api/v1/namespaces/default/events';
const MEGABYTE = 1024 * 1024;
/** Far above what an answer takes, far below what one such request once took (several seconds). */
const MAX_CPU_MS = 1_500;
const MAX_STALL_MS = 1_000;
const MAX_KEPT_BYTES = 16 * MEGABYTE;

interface BadRequestCase {
  readonly name: string;
  readonly method?: string;
  readonly path?: string;
  readonly body?: () => string | Buffer;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly want: number;
  readonly says?: RegExp;
}

const repeated = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => item(index)).join();
const named = (fields: string): string => `{"metadata":{"name":"bad"},${fields}}`;
const JSON_PATCH = 'application/json-patch+json';

/** What no client of good will sends. The server says no at once, and keeps nothing of it. */
describe('bad input over HTTP', function () {
  this.timeout(60_000);
  let world: ApiWorld;
  let collectGarbage: () => void;

  before(async () => {
    setFlagsFromString('--expose_gc');
    collectGarbage = runInNewContext('gc') as () => void;
    world = await startApiWorld();
    await world.call('POST', MAPS, { body: { metadata: { name: 'there' }, data: { a: '1' } } });
    for (const name of ['p1', 'p2', 'p3'])
      await world.call('POST', MAPS, { body: { metadata: { name } } });
  });
  after(() => world.stop());

  const bodies: readonly BadRequestCase[] = [
    {
      name: 'a body of 4 MB',
      body: () => named(`"data":{"a":"${'x'.repeat(4 * MEGABYTE)}"}`),
      want: 413,
    },
    {
      name: '100,000 levels of objects',
      body: () => '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000),
      want: 400,
      says: /nested more than 100 levels/,
    },
    {
      name: '100,000 levels of lists',
      body: () => '['.repeat(100_000) + ']'.repeat(100_000),
      want: 400,
      says: /nested more than 100 levels/,
    },
    {
      name: '100,000 levels in YAML',
      body: () => '[ '.repeat(100_000),
      type: 'application/yaml',
      want: 400,
    },
    {
      name: 'a million keys',
      body: () => `{"data":{${repeated(1_000_000 / 6, (i) => `"${i}":""`)}}}`,
      want: 400,
      says: /more than 60000 fields/,
    },
    {
      name: 'a million keys in YAML',
      body: () => `data:\n${' a:\n'.repeat(100_000)}`,
      type: 'application/yaml',
      want: 400,
    },
    {
      name: '50,000 times the same key',
      body: () => named(`"data":{${repeated(50_000, () => '"a":"1"')}}`),
      path: `${MAPS}?fieldValidation=Strict`,
      want: 400,
      says: /duplicate field "data\.a"/,
    },
    { name: 'half a body', body: () => '{"metadata":', want: 400 },
    { name: 'two bodies', body: () => '{}{}', want: 400 },
    { name: 'a list of objects', body: () => '[{}]', want: 400 },
    { name: 'null', body: () => 'null', want: 400 },
    { name: 'a byte order mark', body: () => `\uFEFF${named('"data":{}')}`, want: 400 },
    { name: 'bytes that are no text', body: () => Buffer.from([0xff, 0xfe, 0x00]), want: 400 },
    {
      name: '__proto__ at the top',
      body: () => '{"__proto__":{"polluted":"yes"},"metadata":{"name":"bad"}}',
      want: 400,
    },
    {
      name: '__proto__ below, escaped',
      body: () => named(String.raw`"data":{"\u005f_proto__":{"polluted":"yes"}}`),
      want: 400,
    },
    {
      name: '__proto__ in YAML',
      body: () => 'metadata: {name: bad}\ndata: {__proto__: {polluted: "yes"}}\n',
      type: 'application/yaml',
      want: 400,
    },
    {
      name: '__proto__ in a JSON patch',
      method: 'PATCH',
      path: `${MAPS}/there`,
      type: JSON_PATCH,
      body: () => '[{"op":"add","path":"/__proto__/polluted","value":"yes"}]',
      want: 400,
    },
    {
      name: 'an integer that no float holds',
      path: EVENTS,
      body: () => named('"involvedObject":{},"count":9007199254740993'),
      want: 400,
      says: /count: the number 9007199254740993 does not fit/,
    },
    {
      name: 'a number beyond all',
      path: EVENTS,
      body: () => named('"involvedObject":{},"count":1e999'),
      want: 400,
      says: /1e999 does not fit/,
    },
    {
      name: 'a number of a million digits',
      path: EVENTS,
      body: () => named(`"involvedObject":{},"count":${'9'.repeat(MEGABYTE)}`),
      want: 400,
      says: /the number 9{40} does not fit/,
    },
    {
      name: 'a number that no float holds, in YAML',
      path: EVENTS,
      body: () => 'metadata: {name: bad}\ninvolvedObject: {}\ncount: 99999999999999999999\n',
      type: 'application/yaml',
      want: 400,
      says: /does not fit/,
    },
    {
      name: 'no number at all, in YAML',
      path: EVENTS,
      body: () => 'metadata: {name: bad}\ninvolvedObject: {}\ncount: .nan\n',
      type: 'application/yaml',
      want: 400,
      says: /does not fit/,
    },
    {
      name: 'a fraction of an integer',
      path: EVENTS,
      body: () => named('"involvedObject":{},"count":1.5'),
      want: 422,
    },
    {
      name: 'a JSON patch of 100,000 operations',
      method: 'PATCH',
      path: `${MAPS}/there`,
      type: JSON_PATCH,
      body: () => `[${repeated(100_000, () => '{"op":"x"}')}]`,
      want: 400,
    },
    {
      name: 'a JSON patch of 10,001 operations',
      method: 'PATCH',
      path: `${MAPS}/there`,
      type: JSON_PATCH,
      body: () => `[${repeated(10_001, () => '{"op":"test","path":"/kind","value":"ConfigMap"}')}]`,
      want: 413,
      says: /limit is 10000|10000/,
    },
    {
      name: 'a JSON patch that doubles what is there, again and again',
      method: 'PATCH',
      path: `${MAPS}/there`,
      type: JSON_PATCH,
      body: () => `[${repeated(60, (i) => `{"op":"copy","from":"/data","path":"/data/${i}"}`)}]`,
      want: 413,
    },
    { name: 'a type that nobody reads', body: () => 'x', type: 'application/xml', want: 415 },
    { name: 'no type that there is', body: () => 'x', type: 'nonsense', want: 415 },
    {
      name: 'a patch without its type',
      method: 'PATCH',
      path: `${MAPS}/there`,
      body: () => '{}',
      want: 415,
    },
    {
      name: 'protobuf that is none',
      body: () => 'x',
      type: 'application/vnd.kubernetes.protobuf',
      want: 400,
    },
    {
      name: 'protobuf with a length beyond the body',
      body: () => Buffer.from('k8s\0\x0a\xff\xff\xff\xff\x07', 'latin1'),
      type: 'application/vnd.kubernetes.protobuf',
      want: 400,
    },
  ];

  const token = (parts: unknown): string =>
    Buffer.from(JSON.stringify(parts)).toString('base64url');
  const requests: readonly BadRequestCase[] = [
    ...['/../../../../version', '/%2e%2e/secrets', '/..%2f..%2fsecrets', '/a%2fb', '/.', '/..'].map(
      (end): BadRequestCase => ({
        name: `the path …${end}`,
        method: 'GET',
        path: MAPS + end,
        want: 404,
      }),
    ),
    { name: 'NUL in the path', method: 'GET', path: `${MAPS}/a%00`, want: 400 },
    { name: 'half a percent code', method: 'GET', path: `${MAPS}/%zz`, want: 400 },
    { name: 'bytes that are no text in the path', method: 'GET', path: `${MAPS}/%ff`, want: 400 },
    { name: 'a kind that objects inherit', method: 'GET', path: '/api/v1/__proto__', want: 404 },
    { name: 'a method that is none', method: 'PROPFIND', path: MAPS, want: 405 },
    { name: 'a create of what is there by name', method: 'POST', path: `${MAPS}/there`, want: 405 },
    ...[
      ['labelSelector', 'a b'],
      ['labelSelector', 'a in ('],
      ['labelSelector', '=x'],
      ['labelSelector', `${'a'.repeat(300)}=b`],
      ['labelSelector', 'a=b%00'],
      ['fieldSelector', 'metadata.name'],
      ['fieldSelector', 'nothing=1'],
      ['fieldSelector', '__proto__=1'],
      ['limit', 'many'],
      ['limit', '1e3'],
      ['timeoutSeconds', 'soon'],
      ['resourceVersion', 'x'],
      ['resourceVersion', '-1'],
      ['resourceVersion', '99999999999999999999'],
      ['continue', 'AAAA'],
      ['continue', token([])],
      ['continue', token([1, 1, 'default', 'p1'])],
      ['continue', token({ __proto__: null, v: 'meta.k8s.io/v1', rv: 1, start: 'p1' })],
      ['continue', token([2, 'x', 'default', 'p1'])],
      ['continue', token([2, 1, ['default'], 'p1'])],
      ['continue', 'x'.repeat(30_000)],
    ].map(([key = '', value = '']): BadRequestCase => ({
      name: `${key}=${value.slice(0, 30)}`,
      method: 'GET',
      path: `${MAPS}?limit=1&${key}=${value.includes('%') ? value : encodeURIComponent(value)}`.replace(
        key === 'limit' ? 'limit=1&' : ' ',
        key === 'limit' ? '' : ' ',
      ),
      want: 400,
    })),
    {
      name: 'a head of 100 kB',
      method: 'GET',
      path: MAPS,
      headers: { 'X-Large': 'x'.repeat(100_000) },
      want: 431,
    },
  ];

  for (const bad of [...bodies, ...requests]) {
    const { name, method = 'POST', path = MAPS, type, headers, want, says } = bad;
    it(`answers ${name} with ${want}`, async () => {
      const body = bad.body?.();
      collectGarbage();
      const keptBefore = process.memoryUsage().heapUsed;
      const loop = watchEventLoop();
      const cpuBefore = process.cpuUsage();
      const answer = await world
        .call(method, path, {
          ...(body !== undefined && { body }),
          ...(type !== undefined && { type }),
          ...(headers !== undefined && { headers }),
        })
        .catch((error: NodeJS.ErrnoException) => error);
      const { user, system } = process.cpuUsage(cpuBefore);
      const longestMs = loop.stop();
      expect((user + system) / 1e3, 'CPU, in ms').to.be.lessThan(MAX_CPU_MS);
      expect(longestMs, 'the longest turn of the event loop, in ms of CPU').to.be.lessThan(
        MAX_STALL_MS,
      );
      assertRefused(answer, want, says);
      collectGarbage();
      const kept = process.memoryUsage().heapUsed - keptBefore;
      expect(kept, 'bytes kept').to.be.lessThan(MAX_KEPT_BYTES);
      expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
    });
  }

  it('left no object behind, and goes on as before', async () => {
    const { body } = await world.call('GET', MAPS);
    const names = body.items.map((item: { metadata: { name: string } }) => item.metadata.name);
    expect(names).to.deep.equal(['p1', 'p2', 'p3', 'there']);
    expect((await world.call('GET', EVENTS)).body.items).to.deep.equal([]);
    expect((await world.call('GET', `${MAPS}/there`)).body.data).to.deep.equal({ a: '1' });
  });

  it('reads a body that is too large no further', async () => {
    const chunk = Buffer.alloc(64 * 1024, 0x20);
    let sentBytes = 0;
    function* endless(): Generator<Buffer> {
      for (; sentBytes < 256 * MEGABYTE; sentBytes += chunk.length) yield chunk;
    }
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request(world.server.address + MAPS, {
        method: 'POST',
        rejectUnauthorized: false,
        headers: {
          Authorization: 'Bearer admin-token-for-tests',
          'Content-Type': 'application/json',
          'Transfer-Encoding': 'chunked',
        },
      });
      const source = Readable.from(endless());
      // What comes after the answer rejects nothing any more.
      outgoing.on('error', reject).on('response', (response) => {
        resolve(response.statusCode);
        source.destroy();
        outgoing.destroy();
      });
      source.pipe(outgoing);
    });
    expect(status).to.equal(413);
    expect(sentBytes, 'bytes that left the client').to.be.lessThan(32 * MEGABYTE);
  });
});

/**
 * The longest turn of the event loop, by the CPU time it took: on a machine with other things to do,
 * the clock would measure those.
 */
function watchEventLoop(): { stop(): number } {
  let longestMs = 0;
  let before = process.cpuUsage();
  const look = (): void => {
    const { user, system } = process.cpuUsage(before);
    longestMs = Math.max(longestMs, (user + system) / 1e3);
    before = process.cpuUsage();
  };
  const timer = setInterval(look, 1);
  return {
    stop() {
      clearInterval(timer);
      look();
      return longestMs;
    },
  };
}

/** The connection may end while the client is still sending what nobody reads. */
function assertRefused(
  answer: ApiAnswer | NodeJS.ErrnoException,
  want: number,
  says: RegExp | undefined,
): void {
  if (answer instanceof Error) {
    expect([413, 431], answer.message).to.include(want);
    expect(answer.code).to.match(/EPIPE|ECONNRESET/);
    return;
  }
  expect(answer.status, JSON.stringify(answer.body).slice(0, 500)).to.equal(want);
  expect(JSON.stringify(answer.body).length, 'a short answer').to.be.lessThan(64_000);
  if (want !== 431)
    expect(answer.body).to.include({ kind: 'Status', status: 'Failure', code: want });
  if (says !== undefined) expect(answer.body.message).to.match(says);
}
