import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { ApiObject, OwnerReference } from '../../sdk/api/object.js';
import { apiVersionOf } from '../../sdk/api/object.js';
import { ApiError } from '../../sdk/api/errors.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import {
  kinds,
  kubernetesRuntimeInstanceKind,
  secretKind,
  workloadInstanceKind,
  workloadKind,
  workloadReportKind,
} from '../../sdk/api/zz_generated.kinds.js';
import type { AttemptRef, WorkKey } from '../../sdk/api/work.js';
import { nopLogger } from '../../sdk/logger.js';
import { eventually } from '../../test/support/eventually.js';
import { MemoryObjectStore } from '../store/memory/memory-object-store.js';
import type { StoredObject } from '../store/object-store.js';
import { createNotifier } from './notifier.js';

describe('notifier', () => {
  let registry: KindRegistry;
  const signal = new AbortController().signal;
  let store: MemoryObjectStore;
  let hints: string[];
  const stops: (() => Promise<void>)[] = [];

  beforeEach(() => {
    registry = new KindRegistry(kinds);
    store = new MemoryObjectStore({ kinds });
    hints = [];
  });
  afterEach(() => Promise.all(stops.splice(0).map((stop) => stop())));

  const queue = {
    publish: async (keys: readonly WorkKey[]): Promise<void> => {
      hints.push(...keys.map(({ uid }) => uid));
    },
  };
  const start = async (): Promise<() => Promise<void>> => {
    const notifier = createNotifier({
      store,
      registry,
      queue,
      logger: nopLogger,
      saveCursorMs: 20,
    });
    await notifier.start(signal);
    stops.push(() => notifier.stop());
    return () => notifier.stop();
  };
  const create = (
    kind: KindDefinition,
    name: string,
    spec: unknown = {},
    ownerReferences?: OwnerReference[],
    cause?: AttemptRef,
  ): Promise<StoredObject> => {
    const object: ApiObject = {
      apiVersion: apiVersionOf(kind),
      kind: kind.kind,
      metadata: {
        name,
        uid: `${name}-${randomUUID().slice(0, 4)}`,
        generation: 1,
        ...(kind.namespaced && { namespace: 'default' }),
        ...(ownerReferences !== undefined && { ownerReferences }),
      },
      spec,
    };
    return store.write({ type: 'create', kind, object, ...(cause !== undefined && { cause }) });
  };
  /** Claims and completes, so that only a wake makes the object due again. */
  const settle = async (kind: KindDefinition, { uid }: StoredObject): Promise<void> => {
    const [claim] = await store.claim(kind, { worker: 'w', leaseMs: 9_000, limit: 1, uids: [uid] });
    const fence = claim?.fence ?? 0;
    await store.complete([{ kind, uid, worker: 'w', fence, failures: 0 }]);
  };
  const isDue = async (kind: KindDefinition, { uid }: StoredObject): Promise<boolean> =>
    (await store.claim(kind, { worker: 'w', leaseMs: 9_000, limit: 1, uids: [uid] })).length === 1;
  const caughtUp = (): Promise<unknown> =>
    eventually(
      'the cursor is at the end of the log',
      async () => (await store.cursor('notifier')) === (await store.currentVersion()),
    );
  const spec = { definition: 'web', runtime: 'cluster' };

  it('hints at changed objects of reconciled kinds, and at no others', async () => {
    await start();
    const workload = await create(workloadKind, 'web');
    await create(secretKind, 'secret');
    await caughtUp();
    expect(hints).to.deep.equal([workload.uid]);
  });

  it('does not hint at what its own reconciler wrote', async () => {
    const workload = await create(workloadKind, 'web');
    await start();
    await caughtUp();
    hints.length = 0;
    const [claim] = await store.claim(workloadKind, { worker: 'w', leaseMs: 9_000, limit: 1 });
    const object = JSON.parse(workload.json) as ApiObject;
    await store.complete([
      {
        kind: workloadKind,
        uid: workload.uid,
        worker: 'w',
        fence: claim?.fence ?? 0,
        failures: 0,
        write: {
          type: 'update',
          object: { ...object, status: { phase: 'Healthy' } },
          expectedResourceVersion: workload.resourceVersion,
        },
      },
    ]);
    await caughtUp();
    expect(hints).to.deep.equal([]);
  });

  it('tells the woken which change woke them', async () => {
    const instance = await create(workloadInstanceKind, 'web', spec);
    await settle(workloadInstanceKind, instance);
    await start();
    await caughtUp();
    const runtimeKind = kubernetesRuntimeInstanceKind;
    const runtime = await create(runtimeKind, 'cluster', {});
    await create(runtimeKind, 'other', {});
    await caughtUp();
    const options = { worker: 'w', leaseMs: 9_000, limit: 1, uids: [instance.uid] };
    const [claim] = await store.claim(workloadInstanceKind, options);
    expect(claim?.cause).to.deep.equal({
      reason: 'dependency',
      resourceVersion: String(runtime.resourceVersion),
    });
  });

  it('wakes referrers when their target comes and when it goes, through others too', async () => {
    const instance = await create(workloadInstanceKind, 'web', spec);
    await settle(workloadInstanceKind, instance);
    await start();
    await caughtUp();
    const runtimeSpec = {
      definition: 'd',
      kubeconfigSecret: { namespace: 'default', name: 'config' },
    };
    const runtime = await create(kubernetesRuntimeInstanceKind, 'cluster', runtimeSpec);
    await caughtUp();
    expect(await isDue(workloadInstanceKind, instance)).to.equal(true);
    await settle(kubernetesRuntimeInstanceKind, runtime);
    await create(secretKind, 'config');
    await caughtUp();
    expect(await isDue(kubernetesRuntimeInstanceKind, runtime)).to.equal(true);
  });

  describe('by selector', () => {
    const roster: KindDefinition = {
      ...workloadKind,
      kind: 'Roster',
      plural: 'rosters',
      references: [],
      selectors: [
        { path: 'spec.secrets', group: '', kind: 'Secret' },
        { path: 'spec.rosters', group: workloadKind.group, kind: 'Roster' },
      ],
    };
    let red: StoredObject;
    const selecting = (team: string) => ({ matchLabels: { team } });
    /** An attempt that finds nothing to do, if one is due. */
    const looks = async (kind: KindDefinition, stored: StoredObject): Promise<boolean> => {
      const options = { worker: 'w', leaseMs: 9_000, limit: 1, uids: [stored.uid] };
      const [claim] = await store.claim(kind, options);
      if (claim === undefined) return false;
      const { fence } = claim;
      await store.complete([{ kind, uid: stored.uid, worker: 'w', fence, failures: 0 }]);
      return true;
    };
    const write = (
      kind: KindDefinition,
      stored: StoredObject,
      labels: Record<string, string>,
    ): Promise<StoredObject> => {
      const object = JSON.parse(stored.json) as ApiObject;
      const { resourceVersion: expectedResourceVersion } = stored;
      object.metadata.labels = labels;
      return store.write({ type: 'update', kind, object, expectedResourceVersion });
    };

    beforeEach(async () => {
      registry.add(roster);
      store = new MemoryObjectStore({ kinds: [...kinds, roster] });
      red = await create(roster, 'red', { secrets: selecting('red') });
      await start();
      await caughtUp();
      await settle(roster, red);
      hints.length = 0;
    });

    it('wakes who selects what comes, changes or goes, by its labels before and after', async () => {
      const came = await create(secretKind, 's');
      await caughtUp();
      expect(hints).to.deep.equal([]);
      let last = came;
      for (const { labels, wakes } of [
        { labels: { team: 'red' }, wakes: true },
        { labels: { team: 'red', more: '1' }, wakes: true },
        { labels: { team: 'blue' }, wakes: true },
        { labels: { team: 'blue', more: '1' }, wakes: false },
        { labels: { team: 'red' }, wakes: true },
      ]) {
        last = await write(secretKind, last, labels);
        await caughtUp();
        expect(hints.splice(0), JSON.stringify(labels)).to.deep.equal(wakes ? [red.uid] : []);
        expect(await looks(roster, red)).to.equal(wakes);
      }
      const { uid, resourceVersion: expectedResourceVersion } = last;
      await store.write({ type: 'delete', kind: secretKind, uid, expectedResourceVersion });
      await caughtUp();
      expect(hints).to.deep.equal([red.uid]);
    });

    it('wakes who may have selected it when nobody knows what its labels were', async () => {
      const secret = await create(secretKind, 's');
      await caughtUp();
      store.stateBefore = async () => undefined;
      await write(secretKind, secret, { team: 'blue' });
      await caughtUp();
      expect(hints).to.deep.equal([red.uid]);
    });

    it('asks nothing of what nobody selects', async () => {
      let asked = 0;
      const count = async (): Promise<never> => {
        asked += 1;
        throw new Error('nobody selects it');
      };
      Object.assign(store, { selectorsOf: count, stateBefore: count });
      const workload = await create(workloadKind, 'web');
      await write(workloadKind, workload, { team: 'red' });
      await caughtUp();
      expect(asked).to.equal(0);
    });

    it('comes to rest where objects select themselves and each other', async () => {
      const ring = await Promise.all(
        ['a', 'b', 'c'].map((name) => create(roster, name, { rosters: selecting('ring') })),
      );
      await caughtUp();
      for (const each of ring) await settle(roster, each);
      const labelled = await Promise.all(ring.map((each) => write(roster, each, { team: 'ring' })));
      let attempts = 0;
      const written = await store.currentVersion();
      for (let isQuiet = false; !isQuiet; expect(attempts).to.be.at.most(20)) {
        await caughtUp();
        const looked = await Promise.all(labelled.map((each) => looks(roster, each)));
        attempts += looked.filter(Boolean).length;
        isQuiet = !looked.includes(true);
      }
      expect(attempts).to.be.at.least(3);
      expect(await store.currentVersion()).to.equal(written);
      // One of them says something new: the others look, it does not look again.
      const [a, b, c] = labelled as [StoredObject, StoredObject, StoredObject];
      await store.wake(roster, [{ uid: a.uid }]);
      const options = { worker: 'w', leaseMs: 9_000, limit: 1, uids: [a.uid] };
      const [claim] = await store.claim(roster, options);
      const object = { ...(JSON.parse(a.json) as ApiObject), status: { phase: 'Healthy' } };
      await store.complete([
        {
          kind: roster,
          uid: a.uid,
          worker: 'w',
          fence: claim?.fence ?? 0,
          failures: 0,
          write: { type: 'update', object, expectedResourceVersion: a.resourceVersion },
        },
      ]);
      await caughtUp();
      expect(await Promise.all([a, b, c].map((each) => looks(roster, each)))).to.deep.equal([
        false,
        true,
        true,
      ]);
      await caughtUp();
      expect(await Promise.all([a, b, c].map((each) => looks(roster, each)))).to.deep.equal([
        false,
        false,
        false,
      ]);
    });
  });

  describe('of what an attempt itself wrote', () => {
    let instance: StoredObject;
    let fence: number;
    const kind = workloadInstanceKind;
    const owned = (): OwnerReference[] => [
      { apiVersion: apiVersionOf(kind), kind: kind.kind, name: 'web', uid: instance.uid },
    ];
    const claim = async (): Promise<number> => {
      await store.wake(kind, [{ uid: instance.uid }]);
      const options = { worker: 'w', leaseMs: 9_000, limit: 1, uids: [instance.uid] };
      return (await store.claim(kind, options))[0]?.fence ?? 0;
    };
    const end = (at: number) =>
      store.complete([{ kind, uid: instance.uid, worker: 'w', fence: at, failures: 0 }]);

    beforeEach(async () => {
      instance = await create(kind, 'web', spec);
      await start();
      await caughtUp();
      fence = await claim();
      hints.length = 0;
    });

    it('does not wake it: it knows', async () => {
      const cause = { uid: instance.uid, fence };
      await create(workloadReportKind, 'web', { runtime: 'cluster' }, owned(), cause);
      await create(kubernetesRuntimeInstanceKind, 'cluster', {}, undefined, cause);
      await caughtUp();
      const outcomes = await end(fence);
      expect(outcomes).to.deep.equal([{ outcome: 'done' }]);
      expect(hints).not.to.include(instance.uid);
      expect(await isDue(kind, instance)).to.equal(false);
    });

    it('wakes it when another attempt began since, which may not have seen it', async () => {
      await end(fence);
      const next = await claim();
      const cause = { uid: instance.uid, fence };
      await create(workloadReportKind, 'web', { runtime: 'cluster' }, owned(), cause);
      await caughtUp();
      expect(await end(next)).to.deep.equal([{ outcome: 'dirty' }]);
      expect(hints).to.deep.equal([instance.uid]);
    });

    it('wakes it when somebody else changed the same object after it', async () => {
      const cause = { uid: instance.uid, fence };
      const target = await create(kubernetesRuntimeInstanceKind, 'cluster', {}, undefined, cause);
      const object = { ...(JSON.parse(target.json) as ApiObject), status: { phase: 'Up' } };
      const expectedResourceVersion = target.resourceVersion;
      const targetKind = kubernetesRuntimeInstanceKind;
      await store.write({ type: 'update', kind: targetKind, object, expectedResourceVersion });
      await caughtUp();
      expect(await end(fence)).to.deep.equal([{ outcome: 'dirty' }]);
    });

    it('tells it of a deletion, which it may be waiting for', async () => {
      const { uid, resourceVersion: expectedResourceVersion } = await create(
        workloadReportKind,
        'web',
        { runtime: 'cluster' },
        owned(),
        { uid: instance.uid, fence },
      );
      const cause = { uid: instance.uid, fence };
      const reportKind = workloadReportKind;
      await store.write({ type: 'delete', kind: reportKind, uid, expectedResourceVersion, cause });
      await caughtUp();
      expect(await end(fence)).to.deep.equal([{ outcome: 'dirty' }]);
    });
  });

  it('wakes owners when what they own is deleted', async () => {
    const instance = await create(workloadInstanceKind, 'web', spec);
    const report = await create(workloadReportKind, 'web', { runtime: 'cluster' }, [
      {
        apiVersion: apiVersionOf(workloadInstanceKind),
        kind: 'WorkloadInstance',
        name: 'web',
        uid: instance.uid,
      },
    ]);
    await start();
    await caughtUp();
    await settle(workloadInstanceKind, instance);
    hints.length = 0;
    await store.write({
      type: 'delete',
      kind: workloadReportKind,
      uid: report.uid,
      expectedResourceVersion: report.resourceVersion,
    });
    await caughtUp();
    expect(hints).to.deep.equal([instance.uid]);
    expect(await isDue(workloadInstanceKind, instance)).to.equal(true);
  });

  it('wakes, after a restart, for what changed while it was down', async () => {
    const instance = await create(workloadInstanceKind, 'web', spec);
    const stop = await start();
    await caughtUp();
    await stop();
    await settle(workloadInstanceKind, instance);
    await create(kubernetesRuntimeInstanceKind, 'cluster', {});
    await start();
    await caughtUp();
    expect(await isDue(workloadInstanceKind, instance)).to.equal(true);
  });

  it('keeps no cursor beyond a wake that failed, and tries on', async () => {
    const instance = await create(workloadInstanceKind, 'web', spec);
    await settle(workloadInstanceKind, instance);
    const wake = store.wake.bind(store);
    let failures = 0;
    let cursorThen = -1;
    store.wake = async (kind, uids) => {
      if (failures++ < 2) {
        cursorThen = await store.cursor('notifier');
        throw new ApiError('ServiceUnavailable', 'the database is away');
      }
      return wake(kind, uids);
    };
    await create(kubernetesRuntimeInstanceKind, 'cluster', {});
    await start();
    await caughtUp();
    expect(cursorThen).to.equal(0);
    expect(await isDue(workloadInstanceKind, instance)).to.equal(true);
  });

  it('wakes everything when the log was compacted beyond its cursor', async () => {
    const instance = await create(workloadInstanceKind, 'web', spec);
    await settle(workloadInstanceKind, instance);
    await create(secretKind, 'other');
    await store.compact(await store.currentVersion());
    await start();
    await caughtUp();
    expect(await isDue(workloadInstanceKind, instance)).to.equal(true);
  });

  it('writes nothing while nothing changes', async () => {
    await create(workloadKind, 'web');
    await start();
    await caughtUp();
    let writes = 0;
    store.setCursor = async () => void (writes += 1);
    store.wake = async () => {
      writes += 1;
      return [];
    };
    // Five times the time after which the cursor is kept.
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(writes).to.equal(0);
  });
});
