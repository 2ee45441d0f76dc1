import { expect } from 'chai';
import type { ApiObject } from '../../sdk/api/object.js';
import { isBeingDeleted } from '../../sdk/api/object.js';
import {
  collectorKinds,
  CollectorWorld,
  site,
  tenant,
} from '../../test/support/collector-world.js';
import { testDatabase, type TestDatabase } from '../../test/support/postgres.js';
import { MemoryObjectStore } from '../store/memory/memory-object-store.js';
import type { ObjectStore, Revision } from '../store/object-store.js';
import { SqlObjectStore } from '../store/sql/sql-object-store.js';
import { reasonOf } from '../store/suite/suite-kinds.js';

const HOLD = 'example.com/hold';
const SITES = 10;

describe('ObjectDeletion', function () {
  this.timeout(30_000);
  let database: TestDatabase | undefined;
  let stores: readonly ObjectStore[];

  afterEach(async () => {
    await Promise.all(stores.map((store) => store.stop()));
    await database?.drop();
    database = undefined;
  });

  const kindsOfStore: readonly (readonly [string, () => Promise<readonly ObjectStore[]>])[] = [
    [
      'one store in memory',
      async () => {
        const store = new MemoryObjectStore({ kinds: collectorKinds });
        return [store, store];
      },
    ],
    [
      'two stores on one database',
      async () => {
        const { url } = (database = await testDatabase());
        const open = (): ObjectStore =>
          new SqlObjectStore({ connectionString: url, kinds: collectorKinds });
        return [open(), open()];
      },
    ],
  ];

  for (const [name, open] of kindsOfStore) {
    it(`neither marks nor ends what is needed, while others come to need it: ${name}`, async () => {
      stores = await open();
      const { signal } = new AbortController();
      await Promise.all(stores.map((store) => store.start(signal)));
      const [store] = stores;
      const [one, other] = stores.map((each) => new CollectorWorld(each));
      if (store === undefined || one === undefined || other === undefined) throw new Error('none');
      const names = Array.from({ length: SITES }, (_, i) => `site-${i}`);
      for (const [i, site_] of names.entries()) {
        const finalizers = i % 2 === 0 ? [HOLD] : [];
        await one.create({ [site_]: { kind: site, finalizers } });
      }
      const reasons = await Promise.all(
        names.flatMap((needs, i) => [
          reasonOf(other.create({ [`a-${i}`]: { kind: tenant, spec: { needs } } })),
          reasonOf(one.delete(needs)),
          reasonOf(one.create({ [`b-${i}`]: { kind: tenant, spec: { needs } } })),
        ]),
      );
      expect(reasons.filter((reason) => !['none', 'Conflict'].includes(reason))).to.deep.equal([]);
      expect(deletedThoughNeeded(await store.revisionsAfter(0, 1_000))).to.deep.equal([]);
    });
  }

  it('names who needs it, and refuses the dry run too', async () => {
    stores = [new MemoryObjectStore({ kinds: collectorKinds })];
    const world = new CollectorWorld(stores[0] as ObjectStore);
    await world.create({
      home: { kind: site },
      near: { kind: tenant, spec: { needs: 'home' } },
      far: { kind: tenant, namespace: 'far', spec: { needs: 'home' } },
      lodger: { kind: tenant, spec: { site: 'home' } },
    });
    const target = { kind: site, namespace: '', name: 'home' };
    const user = { name: 'somebody', groups: [] };
    for (const dryRun of [true, false]) {
      const message = await world.service.delete(target, { user, dryRun, preconditions: {} }).then(
        () => 'none',
        (error: unknown) => (error as Error).message,
      );
      expect(message).to.equal(
        'Operation cannot be fulfilled on sites.gc.threeport.io "home": it is still used by Tenant default/near, Tenant far/far; delete or change those first',
      );
    }
  });
});

/** Sites that were marked or ended, in the order of the log, while a tenant needed them. */
function deletedThoughNeeded(log: readonly Revision[]): string[] {
  const needed = new Map<string, string>();
  const marked = new Set<string>();
  const wrong: string[] = [];
  for (const { type, object } of log) {
    const parsed = JSON.parse(object.json) as ApiObject<{ needs?: string }>;
    if (parsed.kind === tenant.kind) needed.set(object.name, parsed.spec?.needs ?? '');
    else if (type === 'DELETED' || isBeingDeleted(parsed)) {
      const isNew = !marked.has(object.name);
      marked.add(object.name);
      if (isNew && [...needed.values()].includes(object.name)) wrong.push(object.name);
    }
  }
  return wrong;
}
