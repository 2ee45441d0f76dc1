import { expect } from 'chai';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import type { ApiAnswer, ApiWorld } from '../support/api-world.js';
import { startApiWorld } from '../support/api-world.js';
import {
  applyDefinition,
  conditionOf,
  DEFINITIONS,
  definition,
} from '../support/custom-resource-world.js';
import { DyingStore } from '../support/dying-store.js';
import { eventually } from '../support/eventually.js';

const NAME = 'widgets.example.com';
const OBJECTS = '/apis/example.com/v1/namespaces/default/widgets';
const text = { type: 'string' };
const version = (name: string, storage: boolean, selectable = false) => ({
  name,
  storage,
  spec: { properties: { colour: text, size: { type: 'integer' } } },
  ...(selectable && { selectableFields: [{ jsonPath: '.spec.colour' }] }),
});
const FIRST = definition([version('v1', true)]);
const SECOND = definition([version('v1', false, true), version('v2', true)]);
const HOLD = 'example.com/hold';

/** Asks until it is answered: what a client does whose server went away. */
type Ask = (what: string, ask: (server: ApiWorld) => Promise<boolean>) => Promise<unknown>;

const object = (name: string, finalizers: readonly string[] = []) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name, finalizers },
  spec: { colour: name, size: 1 },
});
const isTold = ({ status }: ApiAnswer): boolean => status < 300 || status === 409;

const established: Parameters<Ask>[1] = async (server) =>
  conditionOf((await server.call('GET', `${DEFINITIONS}/${NAME}`)).body, 'Established') === 'True';

async function add(ask: Ask): Promise<void> {
  await ask('the definition is taken', async (server) =>
    isTold(await server.call('POST', DEFINITIONS, { body: FIRST })),
  );
  await ask('it is established', established);
  for (const name of ['red', 'held']) {
    const body = object(name, name === 'held' ? [HOLD] : []);
    await ask(`${name} is there`, async (server) =>
      isTold(await server.call('POST', OBJECTS, { body })),
    );
  }
}

async function change(ask: Ask): Promise<void> {
  await ask('the change is taken', async (server) => isTold(await applyDefinition(server, SECOND)));
  await ask('all is stored in v2', async (server) => {
    const { body } = await server.call('GET', `${DEFINITIONS}/${NAME}`);
    return JSON.stringify(body.status?.storedVersions) === '["v2"]';
  });
}

async function remove(ask: Ask): Promise<void> {
  await ask('the end is asked for', async (server) => {
    const { status, body } = await server.call('DELETE', `${DEFINITIONS}/${NAME}`);
    return status === 404 || body.metadata?.deletionTimestamp !== undefined;
  });
  await ask('what holds it is let go', async (server) => {
    const { status } = await server.call('PATCH', `${OBJECTS}/held`, {
      type: 'application/merge-patch+json',
      body: { metadata: { finalizers: null } },
    });
    return status === 200 || status === 404;
  });
  await ask(
    'it is gone',
    async (server) => (await server.call('GET', `${DEFINITIONS}/${NAME}`)).status === 404,
  );
}

const phases = [
  { name: 'added', before: [], phase: add },
  { name: 'changed', before: [add], phase: change },
  { name: 'deleted', before: [add, change], phase: remove },
] as const;

describe('a definition whose server dies at any step', function () {
  this.timeout(300_000);
  let store: MemoryObjectStore;
  const running: ApiWorld[] = [];

  const start = async (on: ObjectStore = store): Promise<ApiWorld> => {
    const world = await startApiWorld({ store: on, keepStore: true, settledAfterMs: 20 });
    running.push(world);
    return world;
  };
  const stopAll = (): Promise<unknown> =>
    Promise.all(running.splice(0).map((world) => world.stop()));
  afterEach(stopAll);

  /** What must be so on every server, whatever happened. */
  const check = async (done: (typeof phases)[number]['name']): Promise<void> => {
    for (const server of running) {
      if (done === 'deleted') {
        await eventually('the group is gone', async () => {
          return (await server.call('GET', '/apis/example.com')).status === 404;
        });
        continue;
      }
      await eventually('the objects are served', async () => {
        return (await server.call('GET', OBJECTS)).body.items?.length === 2;
      });
      if (done === 'added') continue;
      await eventually('they are served in v2, and selected by what is new', async () => {
        const path = `${OBJECTS}?fieldSelector=spec.colour=red`;
        const inV2 = await server.call('GET', `${OBJECTS.replace('v1', 'v2')}/red`);
        return inV2.status === 200 && (await server.call('GET', path)).body.items?.length === 1;
      });
    }
    const kind = { group: 'example.com', plural: 'widgets' } as never;
    const { items } = await store.list(kind, {});
    const versions = items.map(
      ({ json }) => (JSON.parse(json) as { apiVersion: string }).apiVersion,
    );
    const want = {
      added: Array(2).fill('example.com/v1'),
      changed: Array(2).fill('example.com/v2'),
    };
    expect(versions).to.deep.equal(done === 'deleted' ? [] : want[done]);
  };

  for (const { name, before, phase } of phases) {
    for (const isLastMade of [false, true]) {
      for (const hasOther of [false, true]) {
        const how = isLastMade ? 'after it' : 'before it';
        it(`when it is ${name}, ${how}${hasOther ? ', beside another server' : ''}`, async () => {
          for (let afterCalls = 0; ; afterCalls++) {
            store = new MemoryObjectStore({ kinds });
            const dying = new DyingStore(store);
            const first = await start(dying.store);
            if (hasOther) await start();
            const alive = async (): Promise<ApiWorld> => {
              if (!dying.isDead) return first;
              const [next] = running.filter((world) => world !== first);
              return next ?? start();
            };
            const ask: Ask = (what, one) =>
              eventually(what, async () => one(await alive()).catch(() => false));
            for (const step of before) await step(ask);
            dying.dieLater({ afterCalls, isLastMade, counts: ['write', 'addKind', 'reindex'] });
            await phase(ask);
            const died = dying.isDead;
            // A dead process is gone for good.
            dying.kill();
            running.splice(running.indexOf(first), 1);
            await first.stop();
            if (running.length === 0) await start();
            await check(name);
            await stopAll();
            if (!died) break;
          }
        });
      }
    }
  }
});
