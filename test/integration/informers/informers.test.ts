import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CoreV1Api, KubeConfig, makeInformer } from '@kubernetes/client-node';
import type { KubernetesListObject, V1ConfigMap } from '@kubernetes/client-node';
import { expect } from 'chai';
import { eventually } from '../../support/eventually.js';
import type { KubeHttp } from '../../support/kube-http.js';
import type { ServerProcess, ServerProcesses } from '../../support/server-processes.js';
import { startServers } from '../../support/server-processes.js';
import { NO_CLIENT_GO, clientGoProgram } from './client-go-program.js';
import { firstThatRuns } from './installed-program.js';

const run = promisify(execFile);
const FOLLOWER = join('test', 'integration', 'informers', 'follower.py');
const NAMESPACE = 'default';
const MAPS = `/api/v1/namespaces/${NAMESPACE}/configmaps`;
/** Comes after every other change. */
const LAST = 'zz-last';
const IS_LONG = process.env['THREEPORT_LONG_TESTS'] === '1';
const CHANGES = IS_LONG ? 10_000 : 3_000;
const RESTARTS = IS_LONG ? 8 : 5;
const LIMIT_MS = IS_LONG ? 900_000 : 240_000;

/** Name to version and data. */
type State = Record<string, [version: string, data: Record<string, string> | null]>;

/** What a client has when the last change has come, and what it took. */
interface Followed {
  readonly state: State;
  readonly events: number;
}

describe(`informers that follow ${CHANGES} changes over ${RESTARTS} restarts of the server`, function () {
  this.timeout(LIMIT_MS);
  let processes: ServerProcesses;
  let want: State;
  let ofNode: Followed & { lists: number };
  let ofPython: (Followed & { watches: number }) | undefined;
  let ofGo: Followed | undefined;
  let folder: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'threeport-informers-'));
    const clientGo = await clientGoProgram(folder);
    processes = await startServers(1);
    const [server] = processes.servers;
    if (server === undefined) throw new Error('no server');
    const python = await firstThatRuns(
      ['python3', '/usr/bin/python3'],
      ['-c', 'import kubernetes'],
    );
    const following = [
      followByNode(server).then((result) => (ofNode = result)),
      python === undefined
        ? undefined
        : followBy<typeof ofPython>([python, FOLLOWER], server).then(
            (result) => (ofPython = result),
          ),
      clientGo === undefined
        ? undefined
        : followBy<typeof ofGo>([clientGo], server).then((result) => (ofGo = result)),
    ];
    await makeChanges(server);
    await Promise.all(following);
    want = await stateOf(server.http);
  });
  after(async () => {
    await processes?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('leaves @kubernetes/client-node with exactly the state of the server', () => {
    expect(ofNode.state).to.deep.equal(want);
    expect(ofNode.events).to.be.greaterThan(CHANGES / 2);
    // A restart costs a watch, not a list: what it missed it is told.
    expect(ofNode.lists).to.equal(1);
  });

  it("leaves Python's client with exactly the state of the server", function () {
    if (ofPython === undefined) {
      process.stderr.write('    skipped: no python3 here can `import kubernetes`\n');
      return this.skip();
    }
    expect(ofPython.state).to.deep.equal(want);
    expect(ofPython.events).to.be.greaterThan(CHANGES / 2);
    expect(ofPython.watches).to.be.greaterThan(RESTARTS);
  });

  it("leaves client-go's informer with exactly the state of the server", function () {
    if (ofGo === undefined) {
      process.stderr.write(`    skipped: ${NO_CLIENT_GO}\n`);
      return this.skip();
    }
    expect(ofGo.state).to.deep.equal(want);
    expect(ofGo.events).to.be.greaterThan(CHANGES / 2);
  });
});

/** Changes by several writers, with the server killed in between, and at last the last one. */
async function makeChanges(server: ServerProcess): Promise<void> {
  let done = 0;
  const write = async (...call: Parameters<KubeHttp['call']>): Promise<void> => {
    const answer = await server.http.call(...call).catch(() => undefined);
    if (answer !== undefined && answer.status < 300) done += 1;
    // The server is down, or says that it is going.
    if (answer === undefined || answer.status >= 500) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const isEnough = (): boolean => done >= CHANGES;
  const writers = Array.from({ length: 6 }, async (_, writer) => {
    for (let i = 0; !isEnough(); i++) {
      const name = `w${writer}-${i % 25}`;
      const body = { metadata: { name }, data: { i: String(i) } };
      if (i % 75 < 25) await write('POST', MAPS, { body });
      else if (i % 75 < 50 || i % 5 > 0) await write('PUT', `${MAPS}/${name}`, { body });
      else await write('DELETE', `${MAPS}/${name}`);
    }
  });
  for (let restart = 1; restart <= RESTARTS; restart++) {
    const at = (CHANGES * restart) / (RESTARTS + 1);
    await eventually(`${at} changes`, () => done >= at, LIMIT_MS);
    await server.kill();
    await server.start();
  }
  await Promise.all(writers);
  const { status } = await server.http.call('POST', MAPS, { body: { metadata: { name: LAST } } });
  expect(status).to.equal(201);
}

async function stateOf(http: KubeHttp): Promise<State> {
  const { body } = await http.call('GET', MAPS);
  return stateOfMaps(body.items as V1ConfigMap[]);
}

function stateOfMaps(maps: readonly V1ConfigMap[]): State {
  return Object.fromEntries(
    maps.map(({ metadata, data }) => [
      metadata?.name ?? '',
      [metadata?.resourceVersion ?? '', data ?? null],
    ]),
  );
}

async function followByNode({ kubeconfig }: ServerProcess): Promise<Followed & { lists: number }> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const core = config.makeApiClient(CoreV1Api);
  let events = 0;
  let lists = 0;
  const list = async (): Promise<KubernetesListObject<V1ConfigMap>> => {
    lists += 1;
    return core.listNamespacedConfigMap({ namespace: NAMESPACE });
  };
  const informer = makeInformer<V1ConfigMap>(config, MAPS, list);
  informer.on('change', () => (events += 1));
  // As its documentation says: after an error it is for the user to start it again.
  informer.on('error', () => void setTimeout(() => void informer.start(), 100));
  await informer.start();
  await eventually('the last object', () => informer.get(LAST, NAMESPACE) !== undefined, LIMIT_MS);
  const state = stateOfMaps(informer.list(NAMESPACE));
  await informer.stop();
  return { state, events, lists };
}

/** What a program prints that is given the kubeconfig, the namespace and the last object's name. */
async function followBy<T>(
  [program = '', ...args]: readonly string[],
  { kubeconfig }: ServerProcess,
): Promise<T> {
  const { stdout } = await run(program, [...args, kubeconfig, NAMESPACE, LAST], {
    timeout: LIMIT_MS,
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as T;
}
