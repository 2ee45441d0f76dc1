import { expect } from 'chai';
import { createClient, type Client } from '../../client/index.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import type { Why } from '../../sdk/api/why.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import { loadKinds } from '../../sdk/run/load-kinds.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import { createControlPlane, type ControlPlane } from '../../server/control-plane.js';
import { createFieldCipher } from '../../server/crypto/field-cipher.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';
import { conditionOf, definition } from '../support/custom-resource-world.js';
import { eventually } from '../support/eventually.js';
import { testDatabase, type TestDatabase } from '../support/postgres.js';

const TOKEN = 'reconciler-token-for-tests';
const ROSTERS = 'rosters.example.com';
const PATH = '/apis/example.com/v1/namespaces/default/rosters';
const MAPS = '/api/v1/namespaces/default/configmaps';
const MERGE = { 'content-type': 'application/merge-patch+json' };

interface Side {
  readonly plane: ControlPlane;
  readonly client: Client;
  readonly hints: string[];
}

describe('a kind that selects others by their labels, on two servers over one database', function () {
  this.timeout(60_000);
  let database: TestDatabase;
  let sides: readonly [Side, Side];
  let statements: string[] = [];
  let last = '';
  let turn = 0;

  async function startSide(): Promise<Side> {
    const queue = new InProcessQueue();
    const hints: string[] = [];
    queue.subscribe([ROSTERS], (keys) => hints.push(...keys.map(({ uid }) => uid)));
    const observe = ({ name }: { name: string }): void => void statements.push(name);
    const { url: connectionString } = database;
    const plane = createControlPlane({
      registry: new KindRegistry(kinds),
      store: new SqlObjectStore({ connectionString, kinds, pollMs: 100, observe }),
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
    return {
      plane,
      client: createClient({ server: plane.address, token: TOKEN, registry }),
      hints,
    };
  }

  const send = (
    method: 'GET' | 'PATCH' | 'POST' | 'DELETE',
    path: string,
    body?: unknown,
    side: Side = sides[0],
  ) => {
    const headers = method === 'PATCH' ? { headers: MERGE } : {};
    return side.client.raw({ method, path, ...(body !== undefined && { body }), ...headers });
  };
  const create = async (name: string, selector: unknown): Promise<string> => {
    const answer = await send('POST', PATH, {
      apiVersion: 'example.com/v1',
      kind: 'Roster',
      metadata: { name },
      spec: { selector },
    });
    expect(answer.statusCode, answer.text).to.equal(201);
    return (JSON.parse(answer.text) as { metadata: { uid: string } }).metadata.uid;
  };
  /** Until both servers have followed the log up to now: `last` selects what is changed for that. */
  const followed = async (): Promise<void> => {
    for (const { hints } of sides) hints.length = 0;
    await send('PATCH', `${MAPS}/last`, { data: { turn: `${(turn += 1)}` } });
    for (const { hints } of sides) {
      await eventually('the log was followed', () => hints.includes(last));
    }
  };
  /** Who was woken; an attempt of each that finds nothing to do. */
  const woken = async (): Promise<string[]> => {
    await followed();
    const { client } = sides[1];
    const due = [{ resource: ROSTERS, limit: 100 }];
    const { claimed } = await client.claim({ worker: 'w', leaseMs: 60_000, due });
    const completions = claimed.map(({ resource, object: { metadata }, fence }) => {
      return { resource, uid: metadata.uid, fence, failures: 0 };
    });
    await client.complete({ worker: 'w', completions });
    const names = claimed.map(({ object }) => object.metadata.name);
    return names.filter((name) => name !== 'last').sort();
  };

  before(async () => {
    database = await testDatabase();
    sides = await Promise.all([startSide(), startSide()]);
    const labels = { type: 'object', additionalProperties: { type: 'string' } };
    const values = { type: 'array', items: { type: 'string' } };
    const text = { type: 'string' };
    const expression = { type: 'object', properties: { key: text, operator: text, values } };
    const properties = {
      matchLabels: labels,
      matchExpressions: { type: 'array', items: expression },
    };
    const spec = { properties: { selector: { type: 'object', properties } } };
    const given = definition([{ name: 'v1', spec }], { plural: 'rosters' });
    const references = [
      { jsonPath: '.spec.selector', group: '', kind: 'ConfigMap', selector: true },
    ];
    const annotations = {
      'threeport.io/reconciled': 'true',
      'threeport.io/references': JSON.stringify(references),
    };
    const object = { ...given, metadata: { ...given.metadata, annotations } };
    await sides[0].client.apply(object, { fieldManager: 'test', force: true });
    for (const { client } of sides) {
      await eventually('it is served', () =>
        loadKinds(client, new KindRegistry(), [ROSTERS]).then(() => true),
      );
    }
    const key = { name: ROSTERS };
    await eventually('every object was looked at', async () => {
      const present = await sides[0].client.get(
        'customresourcedefinitions.apiextensions.k8s.io',
        key,
      );
      return conditionOf(present, 'Reconcilable') === 'True';
    });
    await create('red', { matchLabels: { team: 'red' } });
    await create('blue', { matchExpressions: [{ key: 'team', operator: 'In', values: ['blue'] }] });
    last = await create('last', { matchLabels: { team: 'last' } });
    await send('POST', MAPS, { metadata: { name: 'last', labels: { team: 'last' } } });
    expect(await woken()).to.deep.equal(['blue', 'red']);
  });
  after(async () => {
    await Promise.all(
      (sides ?? []).map(async ({ client, plane }) => {
        client.close();
        await plane.stop();
      }),
    );
    await database?.drop();
  });

  it('looks at an object that comes, goes to another, and goes', async () => {
    const [a, b] = sides;
    const map = (team: string) => ({ metadata: { name: 'm', labels: { team } } });
    await send('POST', MAPS, map('red'), b);
    expect(await woken()).to.deep.equal(['red']);
    const why = await send('GET', `${PATH}/red/why`);
    expect((JSON.parse(why.text) as Why).waitsFor).to.deep.equal([
      {
        resource: 'configmaps',
        kind: 'ConfigMap',
        namespace: 'default',
        name: 'm',
        by: 'spec.selector',
        state: 'present',
      },
    ]);
    const none = await send('GET', `${PATH}/blue/why`);
    expect((JSON.parse(none.text) as Why).waitsFor).to.deep.equal([
      {
        resource: 'configmaps',
        kind: 'ConfigMap',
        namespace: 'default',
        by: 'spec.selector',
        state: 'missing',
      },
    ]);
    const back = await send('GET', `${MAPS}/m/why`);
    expect((JSON.parse(back.text) as Why).waitedForBy).to.deep.equal([
      {
        resource: ROSTERS,
        kind: 'Roster',
        namespace: 'default',
        name: 'red',
        by: 'spec.selector',
        state: 'present',
      },
    ]);
    await send('PATCH', `${MAPS}/m`, { data: { turn: '1' } }, a);
    expect(await woken()).to.deep.equal(['red']);
    await send('PATCH', `${MAPS}/m`, map('blue'), b);
    expect(await woken()).to.deep.equal(['blue', 'red']);
    await send('DELETE', `${MAPS}/m`, undefined, a);
    expect(await woken()).to.deep.equal(['blue']);
  });

  it('costs a change of another kind nothing', async () => {
    statements = [];
    const labels = { team: 'red' };
    await send('POST', '/api/v1/namespaces/default/secrets', { metadata: { name: 's', labels } });
    await send('PATCH', '/api/v1/namespaces/default/secrets/s', { data: { a: 'YQ==' } });
    await followed();
    const asked = statements.map((name) => name.replace(/_[0-9a-f]+$/, ''));
    // For the one ConfigMap, by the notifier of each server.
    expect(asked.filter((name) => name === 'selectors')).to.have.length(2);
    expect(asked.filter((name) => name === 'state_before')).to.have.length(2);
  });

  it('refuses a selector that Kubernetes would refuse', async () => {
    const answer = await send('POST', PATH, {
      apiVersion: 'example.com/v1',
      kind: 'Roster',
      metadata: { name: 'bad' },
      spec: { selector: { matchExpressions: [{ key: 'team', operator: 'In' }] } },
    });
    expect(answer.statusCode).to.equal(422);
    expect((JSON.parse(answer.text) as { message: string }).message).to.equal(
      'Roster.example.com "bad" is invalid: spec.selector.matchExpressions[0].values: ' +
        "Required value: must be specified when `operator` is 'In' or 'NotIn'",
    );
  });
});
