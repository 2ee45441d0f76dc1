import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import { expect } from 'chai';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { expired } from '../../server/store/store-errors.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import type { Revision } from '../../server/store/object-store.js';
import type { ApiWorld, WatchedEvent } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
const TABLE = { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };
const PARTIAL = { Accept: 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io' };

describe('options of a watch', function () {
  this.timeout(30_000);
  let world: ApiWorld;
  let store: LeakyStore;

  beforeEach(async () => {
    store = new LeakyStore({ kinds });
    world = await startApiWorld({ store });
    await create('a');
  });
  afterEach(() => world.stop());

  const create = (name: string, data: Record<string, string> = {}) =>
    world.call('POST', MAPS, { body: { metadata: { name }, data } });
  const version = (): Promise<number> => store.currentVersion();

  it('answers a table with columns in its first event only', async () => {
    const watch = world.watch(`${MAPS}?watch=1&allowWatchBookmarks=1&timeoutSeconds=1`, TABLE);
    await create('b');
    await eventually('it ended', () => watch.isOver);
    const tables = watch.events.map(({ type, object }) => [
      type,
      object.kind,
      object.columnDefinitions?.length ?? null,
      object.rows[0].cells[0],
      object.rows[0].object.kind,
      object.metadata.resourceVersion === object.rows[0].object.metadata.resourceVersion,
    ]);
    const meta = 'PartialObjectMetadata';
    expect(tables).to.deep.equal([
      ['ADDED', 'Table', tables[0]?.[2], 'a', meta, true],
      ['ADDED', 'Table', null, 'b', meta, true],
      ['BOOKMARK', 'Table', null, '', meta, true],
    ]);
    expect(tables[0]?.[2]).to.be.greaterThan(1);
  });

  it('answers metadata alone, in bookmarks too', async () => {
    const watch = world.watch(`${MAPS}?watch=1&allowWatchBookmarks=1&timeoutSeconds=1`, PARTIAL);
    await eventually('it ended', () => watch.isOver);
    expect(watch.events.map(({ type, object }) => [type, object.kind, object.data])).to.deep.equal([
      ['ADDED', 'PartialObjectMetadata', undefined],
      ['BOOKMARK', 'PartialObjectMetadata', undefined],
    ]);
  });

  it('ends with a bookmark at a version from which nothing is missed', async () => {
    const from = await version();
    const query = `watch=1&resourceVersion=${from}&fieldSelector=metadata.name%3Dz`;
    const watch = world.watch(`${MAPS}?${query}&allowWatchBookmarks=true&timeoutSeconds=1`);
    const plain = world.watch(`${MAPS}?${query}&timeoutSeconds=1`);
    await create('b');
    await eventually('both ended', () => watch.isOver && plain.isOver);
    expect(watch.events).to.deep.equal([
      {
        type: 'BOOKMARK',
        object: {
          kind: 'ConfigMap',
          apiVersion: 'v1',
          metadata: { resourceVersion: String(await version()), creationTimestamp: null },
        },
      },
    ]);
    expect(plain.events).to.deep.equal([]);
  });

  const WATCHES = '/api/v1/watch/namespaces/default';
  const paths: { reason: string; path: string; want: string[] }[] = [
    { reason: 'a collection', path: `${WATCHES}/configmaps`, want: ['a', 'b'] },
    { reason: 'whatever the query says', path: `${WATCHES}/configmaps?watch=0`, want: ['a', 'b'] },
    { reason: 'all namespaces', path: '/api/v1/watch/configmaps', want: ['a', 'b'] },
    { reason: 'one object', path: `${WATCHES}/configmaps/b`, want: ['b'] },
    {
      reason: 'one object and a field that it has',
      path: `${WATCHES}/configmaps/b?fieldSelector=metadata.name%3Db`,
      want: ['b'],
    },
    { reason: 'one that is cluster-scoped', path: WATCHES, want: ['default'] },
  ];
  for (const { reason, path, want } of paths) {
    it(`is asked for by its path, as Ruby's kubeclient does: ${reason}`, async () => {
      await create('b');
      const watch = world.watch(`${path}${path.includes('?') ? '&' : '?'}timeoutSeconds=1`);
      await eventually('it ended', () => watch.isOver);
      const seen = watch.events.map(({ type, object }) => [type, object.metadata.name]);
      expect(seen).to.deep.equal(want.map((name) => ['ADDED', name]));
    });
  }

  const refusedPaths: { method: string; path: string; want: number }[] = [
    { method: 'GET', path: `${WATCHES}/configmaps/b?fieldSelector=metadata.name%3Da`, want: 400 },
    {
      method: 'GET',
      path: `${WATCHES}/configmaps/b?fieldSelector=metadata.name%21%3Db`,
      want: 400,
    },
    { method: 'GET', path: '/api/v1/watch/configmaps/b', want: 404 },
    { method: 'GET', path: '/api/v1/watch/namespaces/default/status', want: 404 },
    { method: 'GET', path: '/api/v1/watch', want: 404 },
    { method: 'POST', path: `${WATCHES}/configmaps`, want: 405 },
    { method: 'DELETE', path: `${WATCHES}/configmaps`, want: 405 },
    { method: 'DELETE', path: `${WATCHES}/configmaps/a`, want: 405 },
    { method: 'PUT', path: `${WATCHES}/configmaps/a`, want: 405 },
  ];
  for (const { method, path, want } of refusedPaths) {
    it(`answers ${want} to ${method} ${path}`, async () => {
      const { status } = await world.call(method, path, { body: {} });
      expect(status).to.equal(want);
      expect((await world.call('GET', `${MAPS}/a`)).status).to.equal(200);
    });
  }

  const INITIAL = 'watch=1&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
  const end = { 'k8s.io/initial-events-end': 'true' };
  const beginnings: { reason: string; query: string; want: unknown[] }[] = [
    {
      reason: 'what is there, then the mark',
      query: `${INITIAL}&sendInitialEvents=true`,
      want: [
        ['ADDED', 'a'],
        ['BOOKMARK', end],
      ],
    },
    {
      reason: 'the same from a version that has passed',
      query: `${INITIAL}&sendInitialEvents=true&resourceVersion=1`,
      want: [
        ['ADDED', 'a'],
        ['BOOKMARK', end],
      ],
    },
    {
      reason: 'the same of a selection of nothing',
      query: `${INITIAL}&sendInitialEvents=true&labelSelector=no`,
      want: [['BOOKMARK', end]],
    },
    {
      reason: 'no mark for who wants no bookmarks',
      query: 'watch=1&resourceVersionMatch=NotOlderThan&sendInitialEvents=true',
      want: [['ADDED', 'a']],
    },
    {
      reason: 'nothing before what comes',
      query: 'watch=1&resourceVersionMatch=NotOlderThan&sendInitialEvents=false',
      want: [],
    },
  ];
  for (const { reason, query, want } of beginnings) {
    it(`begins with ${reason}`, async () => {
      const watch = world.watch(`${MAPS}?${query}`);
      await eventually('it began', () => watch.events.length >= want.length && watch.isOpen);
      await create('later', {});
      const all = [...want, ...(query.includes('labelSelector') ? [] : [['ADDED', 'later']])];
      await eventually('what follows came', () => watch.events.length >= all.length);
      expect(
        watch.events.map(({ type, object }) => [
          type,
          object.metadata.name ?? object.metadata.annotations,
        ]),
      ).to.deep.equal(all);
      watch.stop();
    });
  }

  it('refuses initial events of a version that is yet to come', async () => {
    const watch = world.watch(`${MAPS}?${INITIAL}&sendInitialEvents=true&resourceVersion=9999`);
    await eventually('it ended', () => watch.isOver);
    expect(watch.events.map(({ type, object }) => [type, object.code])).to.deep.equal([
      ['ERROR', 504],
    ]);
  });

  const refused: { query: string; want: RegExp; code?: number }[] = [
    {
      query: 'sendInitialEvents=true',
      want: /sendInitialEvents requires setting resourceVersionM/,
    },
    {
      query: 'resourceVersionMatch=NotOlderThan',
      want: /forbidden for watch unless sendInitialEv/,
    },
    { query: 'sendInitialEvents=true&resourceVersionMatch=Exact', want: /supported values: "NotO/ },
    { query: 'timeoutSeconds=soon', want: /timeoutSeconds/, code: 400 },
    { query: 'labelSelector=a+b', want: /selector/, code: 400 },
    { query: 'fieldSelector=spec.x%3D1', want: /spec\.x/, code: 400 },
  ];
  for (const { query, want, code = 422 } of refused) {
    it(`refuses ${query}`, async () => {
      const answer = await world.call('GET', `${MAPS}?watch=1&${query}`);
      expect(answer.status).to.equal(code);
      expect(answer.body.message).to.match(want);
    });
  }

  it('begins with more objects than are in memory at once, of one version', async () => {
    const count = 2_300;
    for (let i = 0; i < count; i++) {
      await store.write({
        type: 'create',
        kind: new KindRegistry(kinds).resource('configmaps'),
        object: {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: `m-${i}`, namespace: 'default', uid: `uid-${i}` },
        },
      });
    }
    const from = await version();
    // Comes between two pages.
    store.beforeNextPage = async () => {
      await world.call('DELETE', `${MAPS}/m-999`);
      await create('m-between');
    };
    const watch = world.watch(`${MAPS}?${INITIAL}&sendInitialEvents=true`);
    await eventually('it caught up', () => watch.events.length >= count + 4);
    const marks = watch.events.filter(({ type }) => type === 'BOOKMARK');
    expect(marks.map(({ object }) => Number(object.metadata.resourceVersion))).to.satisfy(
      ([marked]: number[]) => (marked ?? 0) >= from,
    );
    const initial = watch.events.slice(0, count + 1);
    expect(initial.every(({ type }) => type === 'ADDED')).to.equal(true);
    expect(initial.map(nameOf)).to.include('m-999').and.not.include('m-between');
    const after = watch.events.slice(count + 1).filter(({ type }) => type !== 'BOOKMARK');
    expect(after.map((event) => [event.type, nameOf(event)])).to.deep.equal([
      ['DELETED', 'm-999'],
      ['ADDED', 'm-between'],
    ]);
    watch.stop();
  });

  it('tells every watcher when the log was cut off beyond the server', async () => {
    const watches = [world.watch(`${MAPS}?watch=1`), world.watch('/api/v1/secrets?watch=1')];
    await eventually('they began', () => watches.every(({ isOpen }) => isOpen));
    store.isCutOff = true;
    await create('b');
    await eventually('they ended', () => watches.every(({ isOver }) => isOver));
    for (const { events } of watches) {
      expect(events.at(-1)).to.deep.include({ type: 'ERROR' });
      expect(events.at(-1)?.object).to.include({ code: 410, reason: 'Expired' });
    }
    store.isCutOff = false;
    const again = world.watch(`${MAPS}?watch=1`);
    await create('c');
    await eventually('what follows came', () => again.events.length >= 3);
    expect(again.events.map(nameOf)).to.deep.equal(['a', 'b', 'c']);
    again.stop();
  });

  it('keeps nothing for who does not read, who gets it all the same once he does', async () => {
    const reader = world.watch(`${MAPS}?watch=1&resourceVersion=${await version()}`);
    const lazy = Array.from({ length: 3 }, () => unread(world, `${MAPS}?watch=1`));
    await eventually('all began', () => reader.isOpen && lazy.every(({ isOpen }) => isOpen()));
    const before = process.memoryUsage().rss;
    const data = { text: 'x'.repeat(900_000) };
    const written = 24;
    for (let i = 0; i < written; i++) await create(`big-${i}`, data);
    await eventually('the reader has it all', () => reader.events.length >= written);
    const want = Array.from({ length: written }, (_, i) => `big-${i}`);
    expect(reader.events.map(nameOf)).to.deep.equal(want);
    // The store in memory and the reader have 22 MB each of it.
    const grownMiB = (process.memoryUsage().rss - before) / 1024 / 1024;
    expect(grownMiB).to.be.lessThan(300);
    for (const { read } of lazy) {
      expect(await read(`big-${written - 1}`)).to.deep.equal(['a', ...want]);
    }
    reader.stop();
  }).timeout(120_000);
});

function nameOf({ object }: WatchedEvent): string {
  return object.metadata.name as string;
}

/** A watch whose client reads nothing before `read`, which gives the names of what comes, up to the last. */
function unread(
  world: ApiWorld,
  path: string,
): { isOpen(): boolean; read(last: string): Promise<string[]> } {
  let response: IncomingMessage | undefined;
  const outgoing = request(world.server.address + path, {
    rejectUnauthorized: false,
    headers: { Authorization: `Bearer ${world.token}` },
    agent: false,
  });
  outgoing.on('error', () => undefined);
  outgoing.on('response', (answer) => {
    answer.pause();
    answer.on('error', () => undefined);
    response = answer;
  });
  outgoing.end();
  return {
    isOpen: () => response !== undefined,
    read: (last) =>
      new Promise((resolve) => {
        const names: string[] = [];
        let rest = '';
        response?.setEncoding('utf8');
        response?.on('close', () => resolve(names));
        response?.on('data', (text: string) => {
          const lines = (rest + text).split('\n');
          rest = lines.pop() ?? '';
          names.push(...lines.map((line) => nameOf(JSON.parse(line) as WatchedEvent)));
          if (names.at(-1) === last) outgoing.destroy();
        });
        response?.resume();
      }),
  };
}

/** A store whose log can be cut off at will, and that lets others in between the pages of a list. */
class LeakyStore extends MemoryObjectStore {
  isCutOff = false;
  beforeNextPage: (() => Promise<void>) | undefined;

  override async revisionsAfter(version: number, limit: number): Promise<readonly Revision[]> {
    if (this.isCutOff) throw expired(version, version + 1);
    return super.revisionsAfter(version, limit);
  }

  override async list(...[kind, options]: Parameters<MemoryObjectStore['list']>) {
    if (options.at !== undefined) {
      const between = this.beforeNextPage;
      this.beforeNextPage = undefined;
      await between?.();
    }
    return super.list(kind, options);
  }
}
