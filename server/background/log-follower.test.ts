import { expect } from 'chai';
import { collectorKinds, CollectorWorld } from '../../test/support/collector-world.js';
import { eventually } from '../../test/support/eventually.js';
import { nopLogger } from '../../sdk/logger.js';
import { MemoryObjectStore } from '../store/memory/memory-object-store.js';
import type { Revision } from '../store/object-store.js';
import { cursorPlace, LogFollower, type LogFollowerOptions } from './log-follower.js';

const CURSOR = 'test';
const { signal } = new AbortController();

describe('LogFollower', () => {
  let store: MemoryObjectStore;
  let world: CollectorWorld;
  let seen: number[];
  const running: LogFollower[] = [];

  beforeEach(() => {
    store = new MemoryObjectStore({ kinds: collectorKinds });
    world = new CollectorWorld(store);
    seen = [];
  });
  afterEach(() => Promise.all(running.splice(0).map((follower) => follower.stop())));

  const start = async (options: Partial<LogFollowerOptions> = {}): Promise<LogFollower> => {
    const follower = new LogFollower({
      store,
      logger: nopLogger,
      follower: 'test',
      place: cursorPlace(store, CURSOR),
      savePlaceMs: 10,
      handle: async (revisions) => note(revisions),
      resync: async () => void seen.push(-1),
      ...options,
    });
    running.push(follower);
    await follower.start(signal);
    return follower;
  };
  const note = (revisions: readonly Revision[]): undefined => {
    seen.push(...revisions.map(({ resourceVersion }) => resourceVersion));
  };
  const create = async (...names: string[]): Promise<void> => {
    for (const name of names) await world.create({ [name]: {} });
  };
  const sees = async (want: readonly number[]): Promise<void> => {
    await eventually(`${want}`, () => `${seen}` === `${want}`).catch(() => undefined);
    expect(seen).to.deep.equal(want);
  };
  const keeps = (version: number): Promise<unknown> =>
    eventually(`the place ${version}`, async () => (await store.cursor(CURSOR)) === version);

  it('hands on what is there and what comes, in order, never two batches at once', async () => {
    await create('a', 'b');
    let atOnce = 0;
    await start({
      handle: async (revisions) => {
        atOnce += 1;
        await new Promise((resolve) => setTimeout(resolve, 5));
        expect(atOnce).to.equal(1);
        atOnce -= 1;
        return note(revisions);
      },
    });
    await create('c', 'd');
    await sees([1, 2, 3, 4]);
  });

  it('goes on after a restart where it was', async () => {
    await create('a');
    const first = await start();
    await sees([1]);
    await first.stop();
    await create('b');
    await start();
    await sees([1, 2]);
  });

  it('starts at the end when it keeps no place', async () => {
    await create('a');
    const follower = new LogFollower({
      store,
      logger: nopLogger,
      follower: 'test',
      handle: async (revisions) => note(revisions),
      resync: async () => undefined,
    });
    running.push(follower);
    await follower.start(signal);
    await create('b');
    await sees([2]);
  });

  it('hands the same entries on again until they are taken, and keeps no place beyond', async () => {
    let failures = 0;
    let kept = -1;
    await create('a');
    await start({
      handle: async (revisions) => {
        if (failures++ < 2) {
          kept = await store.cursor(CURSOR);
          throw new Error('not now');
        }
        return note(revisions);
      },
    });
    await sees([1]);
    expect({ failures, kept }).to.deep.equal({ failures: 3, kept: 0 });
    await keeps(1);
  });

  it('calls again though nothing came, for as long as it is asked to', async () => {
    let calls = 0;
    await start({ handle: async () => ((calls += 1) < 3 ? 1 : undefined) });
    await eventually('three calls', () => calls === 3);
    // Ten times as long as it took for each of those.
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(calls).to.equal(3);
  });

  it('does not move on from entries during which it was stopped', async () => {
    await create('a');
    let begun = false;
    const follower = await start({
      handle: async (_, stopped) => {
        begun = true;
        await eventually('the stop', () => stopped.aborted);
        throw new Error('stopped');
      },
    });
    await eventually('the call', () => begun);
    await follower.stop();
    expect(await store.cursor(CURSOR)).to.equal(0);
    await start();
    await sees([1]);
  });

  it('says when the log does not go back far enough, then follows', async () => {
    await create('a', 'b');
    await store.compact(2);
    await start();
    await create('c');
    await sees([-1, 3]);
    await keeps(3);
  });

  it('never keeps an older place after a newer one, however slow the store is', async () => {
    const kept: number[] = [];
    let delayMs = 30;
    const place = {
      read: async () => 0,
      save: async (version: number) => {
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        delayMs = 0;
        kept.push(version);
      },
    };
    await start({ place, savePlaceMs: 1 });
    await create('a');
    await eventually('the first save is on its way', () => seen.length === 1);
    await create('b', 'c');
    await eventually('the last place', () => kept.at(-1) === 3);
    expect(kept).to.deep.equal([...kept].sort());
  });

  it('writes nothing while nothing changes', async () => {
    await create('a');
    await start();
    await keeps(1);
    let writes = 0;
    store.setCursor = async () => void (writes += 1);
    // Five times the time after which the place is kept.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(writes).to.equal(0);
  });
});
