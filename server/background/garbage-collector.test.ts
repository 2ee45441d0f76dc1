import { expect } from 'chai';
import {
  collectorKinds,
  CollectorWorld,
  site,
  tenant,
  type Wanted,
} from '../../test/support/collector-world.js';
import { awayStore } from '../../test/support/away-store.js';
import { DyingStore } from '../../test/support/dying-store.js';
import { eventually } from '../../test/support/eventually.js';
import { testDatabase, type TestDatabase } from '../../test/support/postgres.js';
import type { PropagationPolicy } from '../resource/write-request.js';
import { MemoryObjectStore } from '../store/memory/memory-object-store.js';
import type { ObjectStore } from '../store/object-store.js';
import { SqlObjectStore } from '../store/sql/sql-object-store.js';
import { GC_CURSOR, type GarbageCollector } from './garbage-collector.js';

const HOLD = 'example.com/hold';

interface Case {
  readonly why: string;
  readonly objects: Readonly<Record<string, Wanted>>;
  readonly delete?: readonly [name: string, policy?: PropagationPolicy];
  /** Once the collector has followed the log to its end. */
  readonly want: readonly string[];
  /** The object whose finalizers go then, and what follows. */
  readonly free?: readonly [name: string, want: readonly string[]];
  readonly warnings?: readonly string[];
}

const cases: readonly Case[] = [
  {
    why: 'a dependent goes after its only owner',
    objects: { own: {}, dep: { owners: ['own'] }, grandchild: { owners: ['dep'] } },
    delete: ['own', 'Background'],
    want: [],
  },
  {
    why: 'a dependent of two owners stays with the one that stays, and loses the other',
    objects: { own: {}, other: {}, dep: { owners: ['own', 'other!'] } },
    delete: ['own'],
    want: ['dep<other!', 'other'],
  },
  {
    why: 'a cluster-scoped owner has dependents in any namespace',
    objects: {
      own: { kind: site },
      near: { owners: ['own'] },
      far: { namespace: 'far', owners: ['own'] },
    },
    delete: ['own'],
    want: [],
  },
  {
    why: 'in the foreground the owner waits for dependents that block it, and for no others',
    objects: {
      own: {},
      blocks: { owners: ['own!'], finalizers: [HOLD] },
      held: { owners: ['own'], finalizers: [HOLD] },
      free: { owners: ['own!'] },
    },
    delete: ['own', 'Foreground'],
    want: [`blocks-(${HOLD})<own!`, `held-(${HOLD})<own`, 'own-(foregroundDeletion)'],
    free: ['blocks', [`held-(${HOLD})<own`]],
  },
  {
    why: 'in the foreground grandchildren go first, then children, then the owner',
    objects: {
      own: {},
      child: { owners: ['own!'] },
      grandchild: { owners: ['child!'], finalizers: [HOLD] },
    },
    delete: ['own', 'Foreground'],
    want: [
      'child-(foregroundDeletion)<own!',
      `grandchild-(${HOLD})<child!`,
      'own-(foregroundDeletion)',
    ],
    free: ['grandchild', []],
  },
  {
    why: 'an owner that waits is taken from a dependent that has another one',
    objects: { own: {}, other: {}, dep: { owners: ['own!', 'other'] } },
    delete: ['own', 'Foreground'],
    want: ['dep<other', 'other'],
  },
  {
    why: 'an owner in the foreground without dependents is gone at once',
    objects: { own: {}, other: {} },
    delete: ['own', 'Foreground'],
    want: ['other'],
  },
  {
    why: 'orphans stay without the owner, which goes',
    objects: {
      own: {},
      other: {},
      dep: { owners: ['own!'] },
      shared: { owners: ['own', 'other'] },
    },
    delete: ['own', 'Orphan'],
    want: ['dep', 'other', 'shared<other'],
  },
  {
    why: 'another finalizer holds an owner whose dependents are orphans already',
    objects: { own: { finalizers: [HOLD] }, dep: { owners: ['own'] } },
    delete: ['own', 'Orphan'],
    want: ['dep', `own-(${HOLD})`],
    free: ['own', ['dep']],
  },
  {
    why: 'a finalizer of its own says how an object goes when nobody does',
    objects: { own: { finalizers: ['orphan'] }, dep: { owners: ['own'] } },
    delete: ['own'],
    want: ['dep'],
  },
  {
    why: 'what the request says goes above the finalizer',
    objects: { own: { finalizers: ['orphan'] }, dep: { owners: ['own'] } },
    delete: ['own', 'Background'],
    want: [],
  },
  {
    why: 'a collected dependent goes as its finalizer says',
    objects: {
      own: {},
      dep: { owners: ['own'], finalizers: ['orphan'] },
      grandchild: { owners: ['dep'] },
    },
    delete: ['own'],
    want: ['grandchild'],
  },
  {
    why: 'an owner that never was is no owner',
    objects: { dep: { owners: ['nobody'] }, other: {}, both: { owners: ['nobody', 'other'] } },
    want: ['both<other', 'other'],
  },
  {
    why: 'an owner in another namespace is none, and an event says so',
    objects: { own: {}, dep: { namespace: 'far', owners: ['own'] } },
    want: ['own'],
    warnings: ['namespace: far, name: own'],
  },
  {
    why: 'a cluster-scoped object of a namespaced owner stays, and an event says so',
    objects: { own: {}, dep: { kind: site, owners: ['own'] } },
    delete: ['own'],
    want: ['dep<own'],
    warnings: ['namespace: , name: own'],
  },
  {
    why: 'referrers by a field that cascades go with their target, others stay',
    objects: {
      home: { kind: site },
      away: { kind: site },
      goes: { kind: tenant, spec: { site: 'home' } },
      stays: { kind: tenant, spec: { site: 'away' } },
    },
    delete: ['home'],
    want: ['away', 'stays'],
  },
  {
    why: 'a dependent that another object needs goes once that is gone',
    objects: {
      own: { kind: site },
      dep: { kind: site, owners: ['own'] },
      needs: { kind: tenant, finalizers: [HOLD], spec: { site: 'own', needs: 'dep' } },
    },
    delete: ['own'],
    want: ['dep<own', `needs-(${HOLD})`],
    free: ['needs', []],
  },
];

describe('GarbageCollector', function () {
  this.timeout(30_000);
  let database: TestDatabase | undefined;
  let store: ObjectStore;
  let world: CollectorWorld;
  const running: GarbageCollector[] = [];

  afterEach(async () => {
    await Promise.all(running.splice(0).map((collector) => collector.stop()));
    await store.stop();
    await database?.drop();
    database = undefined;
  });

  const stores: readonly (readonly [name: string, open: () => Promise<ObjectStore>])[] = [
    ['in memory', async () => new MemoryObjectStore({ kinds: collectorKinds })],
    [
      'in SQL',
      async () => {
        database = await testDatabase();
        return new SqlObjectStore({ connectionString: database.url, kinds: collectorKinds });
      },
    ],
  ];
  const start = async (on: ObjectStore = store): Promise<GarbageCollector> => {
    const collector = world.collector(on);
    running.push(collector);
    await collector.start(new AbortController().signal);
    return collector;
  };
  const open = async (make: () => Promise<ObjectStore>): Promise<void> => {
    store = await make();
    await store.start(new AbortController().signal);
    world = new CollectorWorld(store);
  };
  /** The state once the collector came to the end of the log. Its own writes move that. */
  const reaches = async (want: readonly string[]): Promise<void> => {
    const sorted = [...want].sort();
    await eventually('the state', async () => `${await world.state()}` === `${sorted}`).catch(
      () => undefined,
    );
    expect(await world.state()).to.deep.equal(sorted);
  };
  const followsToTheEnd = (): Promise<unknown> =>
    eventually(
      'the end of the log',
      async () => (await store.cursor(GC_CURSOR)) === (await store.currentVersion()),
    );

  for (const [name, make] of stores) {
    describe(name, () => {
      beforeEach(() => open(make));

      for (const { why, objects, want, free, warnings = [], ...one } of cases) {
        it(why, async () => {
          await start();
          await world.create(objects);
          if (one.delete !== undefined) await world.delete(...one.delete);
          await reaches(want);
          if (free !== undefined) {
            await world.change(free[0], { finalizers: null });
            await reaches(free[1]);
          }
          await followsToTheEnd();
          await reaches(free === undefined ? want : free[1]);
          const said = (await world.warnings()).map(String);
          expect(said).to.have.length(warnings.length);
          warnings.forEach((text, i) => expect(said[i]).to.include(text));
        });
      }

      it('ends two that own each other in the foreground', async () => {
        await start();
        await world.create({ one: {}, two: { owners: ['one!'] } });
        await world.change('one', { ownerReferences: [world.refer('two!')] });
        await world.delete('one', 'Foreground');
        await reaches([]);
      });

      it('collects what is given an owner that is gone', async () => {
        await start();
        await world.create({ own: {}, dep: {} });
        await world.delete('own');
        await world.change('dep', { ownerReferences: [world.refer('own')] });
        await reaches([]);
      });

      it('lets an owner go once a dependent no longer blocks it', async () => {
        await start();
        await world.create({ own: {}, dep: { owners: ['own!'], finalizers: [HOLD] } });
        await world.delete('own', 'Foreground');
        await reaches([`dep-(${HOLD})<own!`, 'own-(foregroundDeletion)']);
        await world.change('dep', { ownerReferences: null });
        await reaches([`dep-(${HOLD})`]);
      });

      it('spares a referrer that came after the end of its target', async () => {
        await world.create({
          home: { kind: site },
          before: { kind: tenant, spec: { site: 'home' } },
        });
        await world.delete('home');
        await world.change('before', { labels: { touched: 'since' } });
        await world.create({
          after: { kind: tenant, spec: { site: 'home' } },
          home: { kind: site },
        });
        await start();
        await reaches(['after', 'home']);
      });
    });
  }

  describe('that dies', () => {
    const scenarios = cases.filter(({ warnings }) => warnings === undefined);
    beforeEach(() => open(async () => new MemoryObjectStore({ kinds: collectorKinds })));

    for (const answer of ['is never made', 'is made, its answer lost'] as const) {
      for (const { why, objects, want, free, ...one } of scenarios) {
        it(`at any call that ${answer}: ${why}`, async () => {
          for (let calls = 1; ; calls++) {
            await open(async () => new MemoryObjectStore({ kinds: collectorKinds }));
            await world.create(objects);
            if (one.delete !== undefined) await world.delete(...one.delete);
            const isLastMade = answer === 'is made, its answer lost';
            const dying = new DyingStore(store, { afterCalls: calls, isLastMade });
            const first = await start(dying.store).catch(() => undefined);
            await eventually(
              'the death or the end',
              async () => dying.isDead || `${await world.state()}` === `${[...want].sort()}`,
            );
            const died = dying.isDead;
            dying.kill();
            await first?.stop();
            await start();
            await reaches(want);
            if (free !== undefined) {
              await world.change(free[0], { finalizers: null });
              await reaches(free[1]);
            }
            await running.pop()?.stop();
            if (!died) break;
          }
        });
      }
    }

    it('collects what lost its owner while the log could not be read, and is cut off', async () => {
      const away = awayStore(store);
      await world.create({ own: {}, dep: { owners: ['own'] } });
      await start(away.store);
      await followsToTheEnd();
      away.isAway = true;
      await world.delete('own');
      await store.compact(await store.currentVersion());
      away.isAway = false;
      await world.create({ new: {} });
      await reaches(['new']);
    });

    it('finds what waits although the log no longer says so', async () => {
      await world.create({ own: {}, dep: { owners: ['own!'], finalizers: [HOLD] } });
      await world.delete('own', 'Foreground');
      const first = await start();
      await reaches([`dep-(${HOLD})<own!`, 'own-(foregroundDeletion)']);
      await followsToTheEnd();
      await first.stop();
      await world.change('dep', { ownerReferences: null });
      await store.compact(await store.currentVersion());
      await start();
      await reaches([`dep-(${HOLD})`]);
    });

    it('looks at everything when it was away for longer than the log goes back', async () => {
      await world.create({
        own: {},
        dep: { owners: ['own'] },
        kept: {},
        held: { owners: ['kept'] },
      });
      await world.delete('own');
      await store.compact(await store.currentVersion());
      await start();
      await reaches(['held<kept', 'kept']);
    });
  });
});
