import { expect } from 'chai';
import { createClient, type Client } from '../../client/index.js';
import {
  DEFINITIONS,
  type CustomResourceDefinition,
} from '../../sdk/api/custom-resource-definition.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import type { ClaimedObject } from '../../sdk/api/work.js';
import { nopLogger } from '../../sdk/logger.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import { loadKinds } from '../../sdk/run/load-kinds.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import type { ControlPlane } from '../../server/control-plane.js';
import { createControlPlane } from '../../server/control-plane.js';
import { createFieldCipher } from '../../server/crypto/field-cipher.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { conditionOf, definition } from '../support/custom-resource-world.js';
import { eventually } from '../support/eventually.js';
import type { TestDatabase } from '../support/postgres.js';
import { testDatabase } from '../support/postgres.js';

const TOKEN = 'reconciler-token-for-tests';
const WIDGETS = 'widgets.example.com';
const FINALIZER = 'widgets.example.com/cleanup';
const RECONCILED = { 'threeport.io/reconciled': 'true', 'threeport.io/finalizer': FINALIZER };
const REFERENCES = {
  'threeport.io/references': '[{"jsonPath": ".spec.config", "group": "", "kind": "ConfigMap"}]',
};

/** One server with its client; it knows the kinds that were loaded. */
interface Side {
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly hints: string[];
}

describe('custom resources that are reconciled, on two servers over one database', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let a: Side;
  let b: Side;

  async function startSide(): Promise<Side> {
    const queue = new InProcessQueue();
    const hints: string[] = [];
    queue.subscribe([WIDGETS], (keys) => hints.push(...keys.map(({ uid }) => uid)));
    const plane = createControlPlane({
      registry: new KindRegistry(kinds),
      store: new SqlObjectStore({ connectionString: database.url, kinds, pollMs: 100 }),
      queue,
      authenticator: createTokenAuthenticator([
        { token: TOKEN, user: 'author', groups: ['threeport:reconcilers'] },
      ]),
      cipher: createFieldCipher(Buffer.alloc(32, 3)),
      logger: nopLogger,
      version: '0.0.0',
      settledAfterMs: 300,
      listen: { host: '127.0.0.1', port: 0 },
    });
    await plane.start(new AbortController().signal);
    const registry = new KindRegistry(kinds);
    const client = createClient({ server: plane.address, token: TOKEN, registry });
    return { plane, client, hints };
  }

  async function stopSide(side: Side | undefined): Promise<void> {
    side?.client.close();
    await side?.plane.stop();
  }

  before(async () => {
    database = await testDatabase();
    [a, b] = await Promise.all([startSide(), startSide()]);
  });
  after(async () => {
    await Promise.all([stopSide(a), stopSide(b)]);
    await database?.drop();
  });
  afterEach(async () => {
    if ((await a.client.find(DEFINITIONS, { name: WIDGETS })) === undefined) return;
    await a.client.delete(DEFINITIONS, { name: WIDGETS });
    await eventually('the definition is gone', async () => {
      const present = await a.client.find(DEFINITIONS, { name: WIDGETS });
      if (present === undefined) return true;
      await letGo(await claim(a));
      return false;
    });
  });

  /** Applies the definition with these annotations and no others, and loads the kind. */
  async function declare(annotations: Record<string, string>): Promise<void> {
    const given = definition([
      {
        name: 'v1',
        spec: { properties: { size: { type: 'integer' }, config: { type: 'string' } } },
      },
    ]);
    const object = { ...given, metadata: { ...given.metadata, annotations } };
    await a.client.apply(object, { fieldManager: 'test', force: true });
    for (const { client } of [a, b]) {
      const registry = new KindRegistry();
      await eventually('it is established', () =>
        loadKinds(client, registry, [WIDGETS]).then(() => true),
      );
    }
  }

  const path = '/apis/example.com/v1/namespaces/default/widgets';
  async function send(
    side: Side,
    method: 'GET' | 'PATCH' | 'POST',
    name: string,
    body: unknown,
    type?: string,
  ) {
    const headers = type === undefined ? {} : { headers: { 'content-type': type } };
    const answer = await side.client.raw({ method, path: `${path}${name}`, body, ...headers });
    const object = JSON.parse(answer.text) as StoredApiObject;
    if (answer.statusCode >= 300) throw new Error(answer.text);
    return object;
  }
  const create = (side: Side, name: string, spec: object): Promise<StoredApiObject> =>
    send(side, 'POST', '', {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name },
      spec,
    } satisfies ApiObject);
  const edit = (side: Side, name: string, spec: object): Promise<StoredApiObject> =>
    send(side, 'PATCH', `/${name}`, { spec }, 'application/merge-patch+json');

  async function claim(side: Side, leaseMs = 60_000): Promise<readonly ClaimedObject[]> {
    const request = { worker: 'w', leaseMs, due: [{ resource: WIDGETS, limit: 100 }] };
    return (await side.client.claim(request)).claimed;
  }
  const namesOf = (claimed: readonly ClaimedObject[]): string[] =>
    claimed.map(({ object }) => object.metadata.name).sort();

  /** Completes as an attempt does that found nothing to do, or had nothing to take back. */
  async function letGo(claimed: readonly ClaimedObject[], side: Side = a) {
    const completions = claimed.map(({ resource, object, fence }) => ({
      resource,
      uid: object.metadata.uid,
      fence,
      failures: 0,
      ...(object.metadata.deletionTimestamp !== undefined && { removeFinalizer: FINALIZER }),
    }));
    return (await side.client.complete({ worker: 'w', completions })).results;
  }

  it('are claimed and completed on either server the moment they are served', async () => {
    await declare(RECONCILED);
    const made = await create(a, 'one', { size: 1 });
    const { uid } = made.metadata;
    await eventually('it is hinted at', () => a.hints.includes(uid));
    const [claimed, ...others] = await claim(b);
    expect(others).to.deep.equal([]);
    expect(claimed?.object.metadata.uid).to.equal(uid);
    const completion = { resource: WIDGETS, uid, fence: claimed?.fence ?? 0, failures: 0 };
    const added = await a.client.complete({
      worker: 'w',
      completions: [{ ...completion, addFinalizer: FINALIZER, keepLease: true }],
    });
    expect(added.results[0]?.object?.metadata.finalizers).to.deep.equal([FINALIZER]);
    const lost = await b.client.renew({
      worker: 'w',
      leaseMs: 60_000,
      leases: [{ resource: WIDGETS, uid, fence: completion.fence }],
    });
    expect(lost.lost).to.deep.equal([]);
    const ended = await b.client.complete({
      worker: 'w',
      completions: [{ ...completion, status: { phase: 'Fine', observedGeneration: 1 } }],
    });
    expect(ended.results.map(({ outcome }) => outcome)).to.deep.equal(['done']);
    expect((await send(a, 'GET', '/one', undefined)).status).to.include({ phase: 'Fine' });
    expect(await claim(a), 'nothing is due').to.deep.equal([]);
  });

  it('begin with every object that was there before the annotation', async () => {
    await declare({});
    await create(a, 'one', { size: 1 });
    await create(b, 'two', { size: 1 });
    expect(
      await a.client.claim({
        worker: 'w',
        leaseMs: 60_000,
        due: [{ resource: WIDGETS, limit: 100 }],
      }),
    ).to.deep.equal({ claimed: [], unserved: [WIDGETS] });
    await declare(RECONCILED);
    const begun = await eventually('both are claimed', async () => {
      const claimed = await claim(b);
      return claimed.length === 2 ? claimed : undefined;
    });
    expect(namesOf(begun)).to.deep.equal(['one', 'two']);
    await letGo(begun);
    await eventually(
      'the definition says so',
      async () =>
        conditionOf(await a.client.get(DEFINITIONS, { name: WIDGETS }), 'Reconcilable') === 'True',
    );
  });

  it('end with the annotation, and begin anew with it', async () => {
    await declare(RECONCILED);
    await create(a, 'edited', { size: 1 });
    await create(a, 'idle', { size: 1 });
    const held = await claim(a, 2_000);
    expect(held).to.have.lengthOf(2);
    await declare({});
    for (const side of [a, b]) {
      await eventually('it is not claimed any more', async () => {
        const request = { worker: 'w', leaseMs: 60_000, due: [{ resource: WIDGETS, limit: 100 }] };
        return (await side.client.claim(request)).unserved?.includes(WIDGETS);
      });
    }
    const results = await letGo(held, b);
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(['gone', 'gone']);
    await eventually(
      'the definition says so',
      async () =>
        conditionOf(await b.client.get(DEFINITIONS, { name: WIDGETS }), 'Reconcilable') === 'False',
    );
    await edit(a, 'edited', { size: 2 });
    await declare(RECONCILED);
    const seen = new Set<string>();
    await eventually('both are claimed again', async () => {
      const claimed = await claim(a);
      for (const name of namesOf(claimed)) seen.add(name);
      await letGo(claimed);
      return seen.size === 2;
    });
  });

  it('are woken by what they name, also when the reference is declared later', async () => {
    await declare(RECONCILED);
    const config = (value: string): ApiObject => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'shared', namespace: 'default' },
      data: { value },
    });
    await a.client.apply(config('1'), { fieldManager: 'test' });
    await create(a, 'user', { config: 'shared' });
    await create(a, 'stranger', { config: 'other' });
    await letGo(await claim(a));
    expect(await claim(a)).to.deep.equal([]);
    await declare({ ...RECONCILED, ...REFERENCES });
    // What changed before every server knew: all are looked at once more.
    const again = new Set<string>();
    await eventually('the definition says that all were made due', async () => {
      const claimed = await claim(a);
      for (const name of namesOf(claimed)) again.add(name);
      await letGo(claimed);
      const { status } = (await a.client.get(DEFINITIONS, {
        name: WIDGETS,
      })) as CustomResourceDefinition;
      const said = status?.conditions?.find(({ type }) => type === 'Reconcilable');
      return said?.message?.endsWith('which refer by .spec.config (ConfigMap, orphan)');
    });
    await letGo(await claim(a));
    expect([...again].sort()).to.deep.equal(['stranger', 'user']);
    for (const [value, side] of [['2', a] as const, ['3', b] as const]) {
      await b.client.apply(config(value), { fieldManager: 'test' });
      const woken = await eventually('it is due', async () => {
        const claimed = await claim(side);
        return claimed.length === 0 ? undefined : claimed;
      });
      expect(namesOf(woken)).to.deep.equal(['user']);
      await letGo(woken);
    }
  });

  it('are reconciled by a server that was started since', async () => {
    await declare({ ...RECONCILED, ...REFERENCES });
    const { uid } = (await create(a, 'one', { size: 1 })).metadata;
    const c = await startSide();
    try {
      const claimed = await claim(c);
      expect(namesOf(claimed)).to.deep.equal(['one']);
      await letGo(claimed, c);
      await edit(a, 'one', { size: 2 });
      await eventually('it hints at it', () => c.hints.includes(uid));
    } finally {
      await stopSide(c);
    }
  });

  it('hold their definition until the worker has let them go', async () => {
    await declare(RECONCILED);
    const { uid } = (await create(a, 'one', { size: 1 })).metadata;
    const [claimed] = await claim(a);
    const completion = { resource: WIDGETS, uid, fence: claimed?.fence ?? 0, failures: 0 };
    await a.client.complete({
      worker: 'w',
      completions: [{ ...completion, addFinalizer: FINALIZER }],
    });
    await b.client.delete(DEFINITIONS, { name: WIDGETS });
    const going = await eventually('it is due for clean-up', async () => (await claim(b))[0]);
    expect(going.object.metadata.deletionTimestamp).to.be.a('string');
    const present = (await a.client.get(DEFINITIONS, {
      name: WIDGETS,
    })) as CustomResourceDefinition;
    expect(conditionOf(present, 'Terminating')).to.equal('True');
    const results = await letGo([going]);
    expect(results.map(({ outcome }) => outcome)).to.deep.equal(['done']);
    await eventually(
      'the definition is gone',
      async () => (await b.client.find(DEFINITIONS, { name: WIDGETS })) === undefined,
    );
  });
});
