import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import { kinds } from '../../../sdk/api/zz_generated.kinds.js';
import type { Revision } from '../../../server/store/object-store.js';
import { SqlObjectStore } from '../../../server/store/sql/sql-object-store.js';
import { eventually } from '../../support/eventually.js';
import type { ServerProcesses } from '../../support/server-processes.js';
import { startServers } from '../../support/server-processes.js';
import type { Acknowledged, ClientContext, SeenList } from './clients.js';
import { Follower, listOn, MAPS, writeOn } from './clients.js';
import { readLog, Replay } from './replay.js';

const KILLS = 6;
const WRITES = 200;
/** On a machine so slow that not even this comes about, the first test says so. */
const CHAOS_LIMIT_MS = 40_000;
const SELECTORS = ['', '', 'room', 'room%3Da', '!room'];

describe('four servers on one database, killed again and again', function () {
  this.timeout(180_000);
  let processes: ServerProcesses;
  let log: readonly Revision[];
  let replay: Replay;
  const acknowledged: Acknowledged[] = [];
  const followers: Follower[] = [];
  const lists: SeenList[] = [];
  const faults: string[] = [];
  let kills = 0;

  before(async () => {
    processes = await startServers(4);
    const servers = processes.servers.map(({ http }) => http);
    const writing = new AbortController();
    const reading = new AbortController();
    setMaxListeners(0, reading.signal);
    const shared = { servers, random: Math.random, faults };
    const writerContext: ClientContext = { ...shared, signal: writing.signal };
    const readerContext: ClientContext = { ...shared, signal: reading.signal };
    const store = new SqlObjectStore({ connectionString: processes.databaseUrl, kinds });
    await store.start(reading.signal);
    try {
      const start = await store.currentVersion();
      const follow = (from: number, selector: string): Promise<void> => {
        const follower = new Follower(from, selector);
        followers.push(follower);
        return follower.run(readerContext);
      };
      const writers = Array.from({ length: 8 }, (_, i) => writeOn(writerContext, i, acknowledged));
      const readers = [
        ...SELECTORS.map((selector) => follow(start, selector)),
        ...[1, 2].map(() => listOn(writerContext, lists)),
      ];
      const giveUpAt = Date.now() + CHAOS_LIMIT_MS;
      const restarts: Promise<void>[] = [];
      while ((kills < KILLS || acknowledged.length < WRITES) && Date.now() < giveUpAt) {
        const server = processes.servers[kills % processes.servers.length];
        await delay(700);
        // The one killed before this may still be starting: mostly three are left.
        await restarts.at(-2);
        await server?.kill();
        // Some join in the middle, at what a list says.
        const list = lists.at(-1);
        if (list !== undefined) readers.push(follow(list.version, SELECTORS[kills % 5] ?? ''));
        if (server !== undefined) restarts.push(server.start());
        kills += 1;
      }
      await Promise.all(restarts);
      writing.abort();
      await Promise.all(writers);
      const last = await store.currentVersion();
      await eventually(
        'everybody has been told everything',
        () => followers.every(({ position }) => position >= last),
        20_000,
      );
      reading.abort();
      await Promise.all(readers);
      log = await readLog(store);
      replay = new Replay(log, 'configmaps');
      expect(last).to.equal(log.length);
    } finally {
      writing.abort();
      reading.abort();
      await store.stop();
    }
  });
  after(() => processes?.stop());

  it('wrote, was watched and was interrupted enough to mean something', () => {
    const summary = {
      kills,
      acknowledged: acknowledged.length,
      lists: lists.length,
      followers: followers.length,
      interruptions: followers.reduce((sum, { interruptions }) => sum + interruptions, 0),
    };
    const what = JSON.stringify(summary);
    expect(kills, what).to.be.at.least(KILLS);
    expect(acknowledged.length, what).to.be.at.least(WRITES);
    expect(lists.length, what).to.be.greaterThan(10);
    expect(summary.interruptions, what).to.be.greaterThan(followers.length);
  });

  it('has a log without gap, in which every object begins, changes and ends in order', () => {
    const versions = log.map(({ resourceVersion }) => resourceVersion);
    expect(versions).to.deep.equal(Array.from({ length: log.length }, (_, i) => i + 1));
    for (const uid of replay.uids) {
      const types = replay.historyOf(uid).map(({ type }) => type);
      expect(types.join(' ')).to.match(/^ADDED( MODIFIED)*( DELETED)?$/);
    }
  });

  it('lost no write that it acknowledged', () => {
    for (const { type, uid, resourceVersion } of acknowledged) {
      const history = replay.historyOf(uid);
      const found = history.find((entry) =>
        type === 'DELETED' ? entry.type === type : entry.resourceVersion === resourceVersion,
      );
      // An update that changes nothing is acknowledged at the version of the write before.
      const isAsSaid = found?.type === type || (type === 'MODIFIED' && found?.type === 'ADDED');
      expect(isAsSaid, `${type} ${uid} at ${resourceVersion}`).to.equal(true);
    }
  });

  it('told every watcher everything once, in order, and nothing else', () => {
    expect(faults).to.deep.equal([]);
    for (const { from, selector, events } of followers) {
      const want = replay.eventsAfter(from, decodeURIComponent(selector));
      const why = `watch of "${selector}" from ${from}`;
      const short = ({ type, resourceVersion }: (typeof want)[number]): string =>
        `${type} ${resourceVersion}`;
      expect(events.map(short), why).to.deep.equal(want.map(short));
      expect(events, why).to.deep.equal(want);
    }
  });

  it('listed, page by page from different servers, exactly what was there at the version', () => {
    for (const { version, selector, items } of lists) {
      const why = `list of "${selector}" at ${version}`;
      expect(items, why).to.deep.equal(replay.listAt(version, selector));
    }
  });

  it('ends with the same state on every server', async () => {
    const want = replay.listAt(log.length, '');
    for (const { http } of processes.servers) {
      const { body } = await http.call('GET', MAPS);
      expect(body.items.map((item: unknown) => JSON.stringify(item))).to.deep.equal(want);
    }
  });
});
