import { expect } from 'chai';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import type { ApiWatch, ApiWorld, WatchedEvent } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import { eventually } from '../support/eventually.js';
import type { TestDatabase } from '../support/postgres.js';
import { testDatabase } from '../support/postgres.js';

const MAPS = '/api/v1/namespaces/default/configmaps';
let database: TestDatabase | undefined;

const STORES: readonly { name: string; make: () => Promise<ObjectStore> }[] = [
  { name: 'memory', make: async () => new MemoryObjectStore({ kinds }) },
  {
    name: 'PostgreSQL',
    make: async () => {
      database = await testDatabase();
      return new SqlObjectStore({ connectionString: database.url, kinds });
    },
  },
];

for (const { name, make } of STORES) {
  describe(`watch on ${name}`, function () {
    this.timeout(60_000);
    let world: ApiWorld;

    before(async () => {
      world = await startApiWorld({ store: await make() });
    });

    after(async () => {
      await world?.stop();
      await database?.drop();
      database = undefined;
    });

    const create = (objectName: string, labels: Record<string, string> = {}) =>
      world.call('POST', MAPS, { body: { metadata: { name: objectName, labels } } });
    const label = (objectName: string, labels: Record<string, string | null>) =>
      world.call('PATCH', `${MAPS}/${objectName}`, {
        type: 'application/merge-patch+json',
        body: { metadata: { labels } },
      });
    const remove = (objectName: string) => world.call('DELETE', `${MAPS}/${objectName}`);
    const version = async (): Promise<number> =>
      Number((await world.call('GET', `${MAPS}?limit=1`)).body.metadata.resourceVersion);

    it('never misses, repeats or reorders while many write and watchers come and go', async () => {
      const start = await version();
      const path = `${MAPS}?watch=1&resourceVersion=${start}`;
      const whole = world.watch(path);
      const pieces: { watch: ApiWatch; from: number }[] = [];
      const writers = Array.from({ length: 8 }, async (_, writer) => {
        for (let round = 0; round < 15; round++) {
          const objectName = `w${writer}-${round}`;
          await create(objectName);
          await label(objectName, { round: String(round) });
          await remove(objectName);
        }
      });
      const joiner = (async () => {
        for (let piece = 0; piece < 6; piece++) {
          await eventually('more events', () => whole.events.length > piece * 40);
          const from = Number(whole.events.at(-1)?.object.metadata.resourceVersion ?? start);
          pieces.push({ from, watch: world.watch(`${MAPS}?watch=1&resourceVersion=${from}`) });
        }
      })();
      await Promise.all([...writers, joiner]);

      const wanted = 8 * 15 * 3;
      await eventually('all events came', () => whole.events.length >= wanted);
      const versions = versionsOf(whole);
      expect(versions).to.have.length(wanted);
      expect(versions, 'in order, each once').to.deep.equal(
        [...new Set(versions)].sort((a, b) => a - b),
      );
      for (const { from, watch } of pieces) {
        const rest = versions.filter((one) => one > from);
        await eventually('a late watcher caught up', () => watch.events.length >= rest.length);
        expect(versionsOf(watch), `from ${from}`).to.deep.equal(rest);
        watch.stop();
      }
      for (let writer = 0; writer < 8; writer++) {
        const types = whole.events
          .filter(({ object }) => object.metadata.name === `w${writer}-3`)
          .map(({ type }) => type);
        expect(types).to.deep.equal(['ADDED', 'MODIFIED', 'DELETED']);
      }
      whole.stop();
    });

    it('shows objects entering and leaving a label selection', async () => {
      await create('walker', { room: 'a' });
      await create('outsider', { room: 'b' });
      const watch = world.watch(
        `${MAPS}?watch=1&labelSelector=room%3Da&resourceVersion=${await version()}`,
      );
      await label('outsider', { x: '1' });
      await label('walker', { x: '1' });
      await label('walker', { room: 'b' });
      await label('walker', { x: '2' });
      await label('walker', { room: 'a' });
      await remove('walker');
      await remove('outsider');
      await eventually('the end came', () => watch.events.length >= 4);
      expect(watch.events.map(({ type, object }) => [type, object.metadata.name])).to.deep.equal([
        ['MODIFIED', 'walker'],
        ['DELETED', 'walker'],
        ['ADDED', 'walker'],
        ['DELETED', 'walker'],
      ]);
      watch.stop();
    });

    it('tells a resuming client exactly what entered and left its selection meanwhile', async () => {
      for (const objectName of ['leaver', 'stayer', 'goner'])
        await create(objectName, { room: 'c' });
      for (const objectName of ['enterer', 'stranger']) await create(objectName, { room: 'd' });
      const from = await version();
      await label('leaver', { room: 'd' });
      await label('stayer', { x: '1' });
      await remove('goner');
      await label('enterer', { room: 'c' });
      await label('stranger', { x: '1' });
      await remove('stranger');
      const want = [
        // As it was when it was last selected.
        ['DELETED', 'leaver', 'c'],
        ['MODIFIED', 'stayer', 'c'],
        ['DELETED', 'goner', 'c'],
        ['ADDED', 'enterer', 'c'],
        ['MODIFIED', 'enterer', 'c'],
      ];
      // The second is on a server that has just started.
      const fresh = await startApiWorld({ store: world.store, keepStore: true });
      const selected = `${MAPS}?watch=1&labelSelector=room%3Dc&resourceVersion=${from}`;
      const watches = [world.watch(selected), fresh.watch(selected)];
      await label('enterer', { x: '2' });
      for (const watch of watches) {
        await eventually('it is told', () => watch.events.length >= want.length);
        expect(
          watch.events.map(({ type, object }) => [
            type,
            object.metadata.name,
            object.metadata.labels.room,
          ]),
        ).to.deep.equal(want);
        const versions = versionsOf(watch);
        expect(versions).to.deep.equal([from + 1, from + 2, from + 3, from + 4, from + 7]);
        watch.stop();
      }
      await fresh.stop();
      for (const objectName of ['leaver', 'stayer', 'enterer']) await remove(objectName);
    });

    it('shows what leaves a selection as it was last in it, however long ago that was', async () => {
      await create('sleeper', { room: 'g' });
      // More than a server that starts looks back, so that only the store knows.
      for (let i = 0; i < 1_100; i += 100) {
        await Promise.all(
          Array.from({ length: 100 }, (_, j) => create(`filler-${i + j}`, { room: 'h' })),
        );
      }
      const fresh = await startApiWorld({ store: world.store, keepStore: true });
      const forms: {
        headers: Record<string, string>;
        labelsOf(object: WatchedEvent['object']): unknown;
      }[] = [
        { headers: {}, labelsOf: (object) => object.metadata.labels },
        {
          headers: { Accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
          labelsOf: (object) => object.rows[0].object.metadata.labels,
        },
      ];
      const path = `${MAPS}?watch=1&labelSelector=room%3Dg`;
      const watches = forms.map(({ headers }) => fresh.watch(path, headers));
      for (const watch of watches) await eventually('it is there', () => watch.events.length === 1);
      await label('sleeper', { room: 'h', x: '1' });
      const left = await version();
      await label('sleeper', { room: 'g' });
      for (const [i, watch] of watches.entries()) {
        await eventually('it left and came back', () => watch.events.length >= 3);
        const seen = watch.events.map(({ type, object }) => [type, forms[i]?.labelsOf(object)]);
        expect(seen).to.deep.equal([
          ['ADDED', { room: 'g' }],
          ['DELETED', { room: 'g' }],
          ['ADDED', { room: 'g', x: '1' }],
        ]);
        watch.stop();
      }
      expect(versionsOf(watches[0] as ApiWatch)[1], 'under the version of the change').to.equal(
        left,
      );
      await fresh.stop();
      await world.call('DELETE', `${MAPS}?labelSelector=room+in+(g,h)`);
    });

    it('waits for a version that is yet to come, with the selection as it is then', async () => {
      await create('early', { room: 'f' });
      const from = (await version()) + 2;
      const watch = world.watch(
        `${MAPS}?watch=1&labelSelector=room%3Df&resourceVersion=${from}&allowWatchBookmarks=true`,
      );
      await create('unseen', { room: 'f' });
      await label('early', { room: 'g' });
      await label('unseen', { x: '1' });
      await label('early', { room: 'f' });
      await eventually('the end came', () => watch.events.length >= 2);
      expect(watch.events.map(({ type, object }) => [type, object.metadata.name])).to.deep.equal([
        ['MODIFIED', 'unseen'],
        ['ADDED', 'early'],
      ]);
      expect(versionsOf(watch)).to.deep.equal([from + 1, from + 2]);
      watch.stop();
      for (const objectName of ['early', 'unseen']) await remove(objectName);
    });

    it('selects by name, also what comes later', async () => {
      const watch = world.watch(
        `${MAPS}?watch=1&fieldSelector=metadata.name%3Dnamed&resourceVersion=${await version()}`,
      );
      await create('unnamed');
      await create('named');
      await label('named', { x: '1' });
      await remove('unnamed');
      await remove('named');
      await eventually('the end came', () => watch.events.length >= 3);
      expect(watch.events.map(({ type, object }) => [type, object.metadata.name])).to.deep.equal([
        ['ADDED', 'named'],
        ['MODIFIED', 'named'],
        ['DELETED', 'named'],
      ]);
      watch.stop();
    });

    it('begins with what is there, and marks the end of it', async () => {
      await create('there');
      const plain = world.watch(`${MAPS}?watch=1`);
      await eventually('the initial event', () => plain.events.length > 0);
      expect(plain.events[0]?.type).to.equal('ADDED');
      const marked = world.watch(
        `${MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      );
      await eventually('the bookmark', () => marked.events.some(({ type }) => type === 'BOOKMARK'));
      expect(marked.events.map(({ type }) => type)).to.deep.equal(['ADDED', 'BOOKMARK']);
      expect(marked.events[1]?.object.metadata.annotations).to.deep.equal({
        'k8s.io/initial-events-end': 'true',
      });
      plain.stop();
      marked.stop();
      await remove('there');
    });

    it('ends after timeoutSeconds', async () => {
      const short = world.watch(`${MAPS}?watch=1&timeoutSeconds=1`);
      await eventually('it ended', () => short.isOver);
    });

    it('says Expired below the log, as the last event', async () => {
      for (const objectName of ['one', 'two', 'three']) await create(objectName);
      await world.store.compact((await version()) - 1);
      // A server that starts now has nothing in memory of what was compacted.
      const fresh = await startApiWorld({ store: world.store });
      const watch = fresh.watch(`${MAPS}?watch=1&resourceVersion=2`);
      await eventually('it ended', () => watch.isOver);
      await fresh.stop();
      expect(watch.events).to.have.length(1);
      expect(watch.events[0]).to.deep.include({ type: 'ERROR' });
      expect(watch.events[0]?.object).to.include({ code: 410, reason: 'Expired' });
      expect(watch.events[0]?.object.message).to.match(/^too old resource version: 2 \(\d+\)$/);
    });
  });
}

function versionsOf(watch: ApiWatch): number[] {
  return watch.events.map(({ object }) => Number(object.metadata.resourceVersion));
}
