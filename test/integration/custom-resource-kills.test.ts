import { expect } from 'chai';
import { conditionOf, DEFINITIONS, definition } from '../support/custom-resource-world.js';
import { eventually } from '../support/eventually.js';
import type { KubeAnswer } from '../support/kube-http.js';
import type { ServerProcess, ServerProcesses } from '../support/server-processes.js';
import { startServers } from '../support/server-processes.js';

const COUNT = 12;
const KILLED_AFTER = 4;
const text = { type: 'string' };
const spec = { properties: { colour: text } };
const selectableFields = [{ jsonPath: '.spec.colour' }];
const plurals = Array.from({ length: COUNT }, (_, i) => `widget${'abcdefghijkl'.charAt(i)}s`);
const pathOf = (plural: string): string => `${DEFINITIONS}/${plural}.example.com`;
const objectsOf = (plural: string, version: string): string =>
  `/apis/example.com/${version}/namespaces/default/${plural}`;
const first = (plural: string) => definition([{ name: 'v1', spec }], { plural });
const second = (plural: string) =>
  definition(
    [
      { name: 'v1', spec, selectableFields },
      { name: 'v2', spec, storage: true },
    ],
    { plural },
  );

describe('definitions while their servers are killed', function () {
  this.timeout(180_000);
  let processes: ServerProcesses;
  let a: ServerProcess;
  let b: ServerProcess;

  before(async () => {
    processes = await startServers(2);
    [a, b] = processes.servers as [ServerProcess, ServerProcess];
  });
  after(async () => processes?.stop());

  /** Does something to each, on one server that is killed on the way, then on the other. */
  const killedAmid = async (
    killed: ServerProcess,
    other: ServerProcess,
    ask: (server: ServerProcess, plural: string) => Promise<KubeAnswer>,
    isTaken: (answer: KubeAnswer) => boolean,
  ): Promise<void> => {
    let taken = 0;
    let isKilled = false;
    await Promise.all(
      plurals.map((plural) =>
        eventually(
          `${plural} is taken`,
          async () => {
            const answer = await ask(isKilled ? other : killed, plural).catch(() => undefined);
            if (answer === undefined || !isTaken(answer)) return false;
            taken += 1;
            if (taken !== KILLED_AFTER) return true;
            isKilled = true;
            await killed.kill();
            return true;
          },
          60_000,
        ),
      ),
    );
    await killed.start();
  };
  const onBoth = (
    what: string,
    isSo: (server: ServerProcess, plural: string) => Promise<boolean>,
  ): Promise<unknown> =>
    Promise.all(
      [a, b].flatMap((server) =>
        plurals.map((plural) =>
          eventually(`${what}: ${plural}`, () => isSo(server, plural), 60_000),
        ),
      ),
    );

  it('are added, changed and deleted all the same', async () => {
    await killedAmid(
      a,
      b,
      (server, plural) => server.http.call('POST', DEFINITIONS, { body: first(plural) }),
      ({ status }) => status === 201 || status === 409,
    );
    await onBoth('established and served', async ({ http }, plural) => {
      const { body } = await http.call('GET', pathOf(plural));
      const list = await http.call('GET', objectsOf(plural, 'v1'));
      return conditionOf(body, 'Established') === 'True' && list.status === 200;
    });
    for (const plural of plurals) {
      const { kind } = first(plural).spec.names as { kind: string };
      const metadata = { name: 'one' };
      const body = { apiVersion: 'example.com/v1', kind, metadata, spec: { colour: 'red' } };
      const made = await b.http.call('POST', objectsOf(plural, 'v1'), { body });
      expect(made.status, JSON.stringify(made.body)).to.equal(201);
    }

    await killedAmid(
      b,
      a,
      (server, plural) =>
        server.http.call('PATCH', `${pathOf(plural)}?fieldManager=test&force=true`, {
          type: 'application/apply-patch+yaml',
          body: second(plural),
        }),
      ({ status }) => status < 300,
    );
    await onBoth('all is stored in v2', async ({ http }, plural) => {
      const { body } = await http.call('GET', pathOf(plural));
      return JSON.stringify(body.status?.storedVersions) === '["v2"]';
    });
    await onBoth('selected by what is new', async ({ http }, plural) => {
      const path = `${objectsOf(plural, 'v1')}?fieldSelector=spec.colour=red`;
      const inV2 = await http.call('GET', `${objectsOf(plural, 'v2')}/one`);
      return inV2.status === 200 && (await http.call('GET', path)).body.items?.length === 1;
    });

    await killedAmid(
      a,
      b,
      (server, plural) => server.http.call('DELETE', pathOf(plural)),
      ({ status, body }) => status === 404 || body.metadata?.deletionTimestamp !== undefined,
    );
    await onBoth('gone', async ({ http }, plural) => {
      const definitionOf = await http.call('GET', pathOf(plural));
      const objects = await http.call('GET', objectsOf(plural, 'v2'));
      return definitionOf.status === 404 && objects.status === 404;
    });
    for (const { http } of [a, b]) {
      expect((await http.call('GET', '/apis/example.com')).status).to.equal(404);
    }
  });
});
