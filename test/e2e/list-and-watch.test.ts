import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect } from 'chai';
import { load } from 'js-yaml';
import type { ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';
import type { KubeAnswer, KubeHttp } from '../support/kube-http.js';
import { kubeHttp } from '../support/kube-http.js';
import type { RealCluster } from '../support/real-cluster.js';
import { startRealCluster } from '../support/real-cluster.js';

const GROUP = 'lists.threeport.io';
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';
const PARTIAL = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io';

/** One API with a collection of its own, and the versions of the writes made to it. */
interface Side {
  readonly http: KubeHttp;
  readonly collection: string;
  readonly versions: number[];
}

interface Request {
  /** `{3}` is the version of the fourth write. */
  readonly query: string;
  /** What to get; default the collection. */
  readonly name?: string;
  readonly accept?: string;
  /** Only the status code and the reason are alike: the words are not. */
  readonly sameWords?: false;
}

describe('list and watch, as the real kube-apiserver answers them', function () {
  this.timeout(120_000);
  let cluster: RealCluster | undefined;
  let world: ApiWorld;
  let ours: Side;
  let real: Side;

  before(async function () {
    cluster = await startRealCluster('lists');
    if (cluster === undefined) return this.skip();
    world = await startApiWorld();
    const { server, token } = { server: world.server.address, token: world.token };
    const collection = '/api/v1/namespaces/default/configmaps';
    ours = { http: kubeHttp({ server, token }), collection, versions: [] };
    real = await realSide(cluster.kubeconfig);
    for (const side of [ours, real]) await writeAll(side);
  });
  after(async () => {
    ours?.http.close();
    real?.http.close();
    await world?.stop();
    await cluster?.stop();
  });

  const both = <Result>(
    look: (side: Side) => Promise<Result>,
  ): Promise<[ours: Result, real: Result]> => Promise.all([look(ours), look(real)]);

  const requests: readonly Request[] = [
    { query: '' },
    { query: 'limit=2' },
    { query: 'limit=-1' },
    { query: 'limit=2&labelSelector=room' },
    { query: 'limit=100' },
    { query: 'watch=false' },
    { query: 'watch=0' },
    { query: 'fieldSelector=metadata.name%3Db' },
    { query: 'fieldSelector=metadata.name!%3Db&limit=1' },
    { query: 'resourceVersion=0' },
    { query: 'resourceVersion={2}' },
    { query: 'resourceVersion={2}&resourceVersionMatch=NotOlderThan' },
    { query: 'resourceVersion={2}&resourceVersionMatch=NotOlderThan&limit=1' },
    { query: 'resourceVersion=0&resourceVersionMatch=NotOlderThan' },
    ...[0, 1, 2, 3, 4, 5, 6, 7].flatMap((write) => [
      { query: `resourceVersion={${write}}&resourceVersionMatch=Exact` },
      { query: `resourceVersion={${write}}&resourceVersionMatch=Exact&limit=1` },
      { query: `resourceVersion={${write}}&limit=2` },
      { query: `resourceVersion={${write}}&resourceVersionMatch=Exact&labelSelector=room%3Da` },
    ]),
    { query: 'resourceVersionMatch=Exact' },
    { query: 'resourceVersionMatch=NotOlderThan' },
    { query: 'resourceVersion=0&resourceVersionMatch=Exact' },
    { query: 'resourceVersion=1&resourceVersionMatch=Newer' },
    { query: 'resourceVersion=1&resourceVersionMatch=Exact&continue=abc' },
    { query: 'resourceVersion=999999999' },
    { query: 'resourceVersion=999999999&resourceVersionMatch=NotOlderThan' },
    { query: 'continue=abc', sameWords: false },
    { query: 'limit=abc', sameWords: false },
    { query: 'labelSelector=a%20b', sameWords: false },
    { query: 'fieldSelector=spec.x%3D1', sameWords: false },
    { query: '', name: 'b' },
    { query: 'resourceVersion=0', name: 'b' },
    { query: 'resourceVersion={2}', name: 'b' },
    { query: 'resourceVersion=999999999', name: 'b' },
    { query: '', name: 'missing', sameWords: false },
  ];
  for (const { query, name, sameWords = true } of requests) {
    const path = name === undefined ? '' : `/${name}`;
    it(`GET ${path || 'list'}?${query}`, async () => {
      const [here, there] = await both(async (side) => {
        const answer = await side.http.call(
          'GET',
          `${side.collection}${path}?${filled(side, query)}`,
        );
        return sameWords ? plainAnswer(side, answer) : [answer.status, answer.body.reason];
      });
      expect(here).to.deep.equal(there);
    });
  }

  const watches: readonly Request[] = [
    { query: 'watch=1' },
    { query: 'watch=true&resourceVersion=0' },
    { query: 'watch=1&resourceVersion={0}' },
    { query: 'watch=1&resourceVersion={3}' },
    { query: 'watch=1&resourceVersion={7}' },
    { query: 'watch=1&resourceVersion={0}&fieldSelector=metadata.name%3Da' },
    { query: 'watch=1&resourceVersion={0}&fieldSelector=metadata.name!%3Da' },
    { query: 'watch=1&resourceVersion={0}&labelSelector=room%3Da' },
    { query: 'watch=1&resourceVersion={3}&labelSelector=room%3Da' },
    { query: 'watch=1&resourceVersion={4}&labelSelector=room%3Da' },
    { query: 'watch=1&resourceVersion={0}&labelSelector=room!%3Da' },
    { query: 'watch=1&labelSelector=room%3Da' },
    { query: 'watch=1&resourceVersion={0}', accept: TABLE },
    { query: 'watch=1&resourceVersion={3}&labelSelector=room%3Da', accept: PARTIAL },
    { query: 'watch=1&resourceVersion=1&timeoutSeconds=abc', sameWords: false },
    { query: 'watch=1&labelSelector=a%20b', sameWords: false },
  ];
  for (const { query, accept, sameWords = true } of watches) {
    it(`WATCH ${accept?.split(';')[1] ?? ''} ${query}`, async () => {
      const looks = [ours, real].map((side) => look(side, filled(side, query), accept));
      const shown = (): unknown[] =>
        looks.map(({ seen }) =>
          sameWords ? seen() : (seen().answer?.slice(0, 1) ?? 'nothing yet'),
        );
      const isAlike = (): boolean => isDeepStrictEqual(shown()[0], shown()[1]);
      // Alike, and still so after a while in which more would have come.
      const giveUpAt = Date.now() + 15_000;
      do await delay(500);
      while (!isAlike() && Date.now() < giveUpAt);
      const [here, there] = shown();
      for (const { stop } of looks) stop();
      expect(here).to.deep.equal(there);
      expect(here).to.not.equal('nothing yet');
    });
  }

  it('shows the same on all pages while objects come, change and go', async () => {
    const pages = await both(async (side) => {
      const { http, collection } = side;
      const first = await http.call('GET', `${collection}?limit=1`);
      const { body: live } = await http.call('GET', `${collection}/b`);
      await write(side, 'PUT', '/b', { ...live, metadata: { ...live.metadata, labels: {} } });
      await write(side, 'POST', '', { metadata: { name: 'bb' } });
      await http.call('DELETE', `${collection}/c`);
      const answers = [first];
      for (let next = first.body.metadata.continue; (next ?? '') !== '';) {
        const answer = await http.call('GET', `${collection}?limit=1&continue=${next}`);
        answers.push(answer);
        next = answer.body.metadata.continue;
      }
      const isOneVersion = answers.every(
        ({ body }) => body.metadata.resourceVersion === first.body.metadata.resourceVersion,
      );
      const plain = answers.map((answer) => plainAnswer(side, answer).toSpliced(1, 1));
      return { isOneVersion, plain };
    });
    expect(pages[0]).to.deep.equal(pages[1]);
    expect(pages[0].isOneVersion).to.equal(true);
  });

  /** Eight writes, the same on both: creations, changes of labels, a deletion. */
  async function writeAll(side: Side): Promise<void> {
    const { http, collection } = side;
    const relabel = (name: string, labels: Record<string, string>) =>
      write(side, 'PATCH', `/${name}`, { metadata: { labels } });
    for (const [name, room] of [
      ['a', 'a'],
      ['b', 'b'],
      ['d', 'a'],
    ] as const) {
      await write(side, 'POST', '', { metadata: { name, labels: { room } } });
    }
    await relabel('b', { room: 'a' });
    await relabel('a', { room: 'b' });
    const gone = await http.call('DELETE', `${collection}/d`);
    expect(gone.status).to.equal(200);
    side.versions.push(await deletedAt(side, 'd'));
    await write(side, 'POST', '', { metadata: { name: 'c', labels: { room: 'a' } } });
    await relabel('b', { n: '2' });
  }
});

async function write(side: Side, method: string, path: string, object: object): Promise<void> {
  const isPatch = method === 'PATCH';
  const isMap = side.collection.endsWith('configmaps');
  const typed = isMap
    ? { apiVersion: 'v1', kind: 'ConfigMap', ...object }
    : { apiVersion: `${GROUP}/v1`, kind: 'Map', ...object };
  const { status, body } = await side.http.call(method, side.collection + path, {
    body: isPatch ? object : typed,
    ...(isPatch && { type: 'application/merge-patch+json' }),
  });
  expect(status, JSON.stringify(body)).to.be.oneOf([200, 201]);
  side.versions.push(Number(body.metadata.resourceVersion));
}

/** The version of an object's deletion, which only a watch tells. */
async function deletedAt(side: Side, name: string): Promise<number> {
  const query = `watch=1&resourceVersion=${side.versions[0]}&fieldSelector=metadata.name%3D${name}`;
  const stop = new AbortController();
  let version = 0;
  const watching = side.http
    .watch(
      `${side.collection}?${query}`,
      ({ type, object }) => {
        if (type === 'DELETED') version = Number(object.metadata.resourceVersion);
      },
      { signal: stop.signal },
    )
    .catch(() => undefined);
  await eventually('the deletion is told', () => version > 0);
  stop.abort();
  await watching;
  return version;
}

function filled({ versions }: Side, query: string): string {
  return query.replace(/\{(\d)\}/g, (_, write: string) => String(versions[Number(write)]));
}

/** The write that a version is of; other numbers are those of a moment. */
function plainVersion({ versions }: Side, version: unknown): string {
  const write = versions.indexOf(Number(version));
  if (write === versions.length - 1 || Number(version) > Math.max(...versions)) {
    return 'now';
  }
  return write < 0 ? 'other' : `write ${write}`;
}

// oxlint-disable-next-line typescript/no-explicit-any -- of any kind
function plainObject(side: Side, { metadata }: any): unknown[] {
  return [metadata.name, metadata.labels ?? {}, plainVersion(side, metadata.resourceVersion)];
}

/** The answer of either, put so that only versions of writes that were made can be told apart. */
function plainAnswer(side: Side, { status, body }: KubeAnswer): unknown[] {
  if (body.kind === 'Status') {
    const { reason, message, details = {} } = body;
    const words = String(message).replace(/current: \d+/, 'current: now');
    return [status, reason, words, details.causes, details.retryAfterSeconds];
  }
  if (body.items === undefined) return [status, plainObject(side, body)];
  const { resourceVersion, remainingItemCount, continue: next = '' } = body.metadata;
  const items: unknown[] = body.items.map((item: unknown) => plainObject(side, item));
  return [
    status,
    plainVersion(side, resourceVersion),
    // The real one's cache gives what is not cut into pages in any order.
    next === '' ? items.toSorted(byText) : items,
    next !== '',
    remainingItemCount,
  ];
}

/** A watch: what it has shown so far, and the answer when it was no stream. */
function look(
  side: Side,
  query: string,
  accept: string | undefined,
): { seen(): { events: unknown[]; answer: unknown[] | undefined }; stop(): void } {
  const events: unknown[] = [];
  const stop = new AbortController();
  const isInitial = !/resourceVersion=[1-9]/.test(query);
  const watching = side.http.watch(
    `${side.collection}?${query}`,
    ({ type, object }) => {
      const isTable = object.kind === 'Table';
      const shown = isTable ? object.rows[0].object : object;
      const columns = isTable ? [object.columnDefinitions === null, object.rows.length] : [];
      const kind = shown.kind === 'PartialObjectMetadata' ? [shown.kind] : [];
      events.push([type, ...plainObject(side, shown), ...columns, ...kind]);
    },
    { signal: stop.signal, ...(accept !== undefined && { accept }) },
  );
  let ended: KubeAnswer | undefined;
  watching.then(
    (answer) => (ended = answer),
    () => undefined,
  );
  return {
    // Nobody promises an order of what is there at first.
    seen: () => ({
      events: isInitial ? events.toSorted(byText) : events,
      answer: ended === undefined ? undefined : plainAnswer(side, ended),
    }),
    stop: () => stop.abort(),
  };
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

/** A kind of its own on the real one: nobody else writes objects of it. */
async function realSide(kubeconfig: string): Promise<Side> {
  const { clusters, users } = load(kubeconfig) as {
    clusters: { cluster: { server: string } }[];
    users: { user: { token: string } }[];
  };
  const http = kubeHttp({
    server: clusters[0]?.cluster.server ?? '',
    token: users[0]?.user.token ?? '',
  });
  const collection = `/apis/${GROUP}/v1/namespaces/default/maps`;
  const made = await http.call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    body: {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `maps.${GROUP}` },
      spec: {
        group: GROUP,
        scope: 'Namespaced',
        names: { plural: 'maps', singular: 'map', kind: 'Map', listKind: 'MapList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object' } },
          },
        ],
      },
    },
  });
  expect(made.status, JSON.stringify(made.body)).to.be.oneOf([201, 409]);
  await eventually(
    'the kind is served',
    async () => (await http.call('GET', collection)).status === 200,
    30_000,
  );
  return { http, collection, versions: [] };
}
