import { expect } from 'chai';
import http from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { eventually } from '../../test/support/eventually.js';
import type { ApiObject } from '../api/object.js';
import { createKubeListWatch } from './kube-list-watch.js';
import type { KubeTransport } from './kube-transport.js';
import { createKubeTransport } from './kube-transport.js';
import type { Change, ReflectorOptions } from './reflector.js';
import { Reflector } from './reflector.js';

type Answer = (request: URL, response: http.ServerResponse) => void;

const RESOURCE = { apiVersion: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };

/** An API server of one collection that answers from a script, in order; the last answer repeats. */
class ScriptedServer {
  readonly requests: URL[] = [];
  readonly #server: http.Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;
  lists: Answer[] = [];
  watches: Answer[] = [];

  constructor() {
    this.#server = http.createServer((request, response) => {
      const url = new URL(request.url ?? '', 'http://server');
      this.requests.push(url);
      const script = url.searchParams.get('watch') === 'true' ? this.watches : this.lists;
      const answer = script.length > 1 ? script.shift() : script[0];
      answer?.(url, response);
    });
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(this.#port, '127.0.0.1', resolve));
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  get watchVersions(): (string | null)[] {
    return this.requests
      .filter((url) => url.searchParams.get('watch') === 'true')
      .map((url) => url.searchParams.get('resourceVersion'));
  }

  get listCount(): number {
    return this.requests.length - this.watchVersions.length;
  }

  get kubeconfig(): string {
    return JSON.stringify({
      'current-context': 'c',
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${this.#port}` } }],
      users: [{ name: 'u', user: {} }],
    });
  }
}

function object(name: string, resourceVersion: number): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'shop', resourceVersion: String(resourceVersion) },
  };
}

function json(response: http.ServerResponse, statusCode: number, body: unknown): void {
  response.writeHead(statusCode, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const list =
  (version: number, items: readonly ApiObject[], token = ''): Answer =>
  (_url, response) =>
    json(response, 200, {
      metadata: { resourceVersion: String(version), continue: token },
      items,
    });

/** Sends the events; `end` ends the watch as servers do, `drop` breaks it off, `hold` keeps it open. */
const watch =
  (events: readonly object[], then: 'end' | 'drop' | 'hold' = 'hold'): Answer =>
  (_url, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    for (const event of events) response.write(`${JSON.stringify(event)}\n`);
    if (then === 'end') response.end();
    if (then === 'drop') setImmediate(() => response.destroy());
  };

const gone: Answer = (_url, response) =>
  json(response, 410, {
    kind: 'Status',
    status: 'Failure',
    reason: 'Expired',
    message: 'too old resource version',
    code: 410,
  });

const bookmark = (version: number): object => ({
  type: 'BOOKMARK',
  object: { kind: 'ConfigMap', metadata: { resourceVersion: String(version) } },
});

describe('Reflector', () => {
  let server: ScriptedServer;
  let transport: KubeTransport;
  let abort: AbortController;
  let running: Promise<void> | undefined;
  let changes: Change<string>[];

  beforeEach(async () => {
    server = new ScriptedServer();
    await server.listen();
    transport = createKubeTransport(server.kubeconfig);
    abort = new AbortController();
    changes = [];
  });

  afterEach(async () => {
    abort.abort();
    await running;
    transport.close();
    await server.close();
  });

  function run(options: Partial<ReflectorOptions<string>> = {}): Reflector<string> {
    const reflector = new Reflector<string>({
      source: createKubeListWatch(transport, RESOURCE, {}),
      keep: ({ metadata }) => `${metadata.name}@${metadata.resourceVersion}`,
      onChange: (some) => changes.push(...some),
      minBackoffMs: 5,
      maxBackoffMs: 20,
      settledAfterMs: 50,
      ...options,
    });
    running = reflector.run(abort.signal);
    return reflector;
  }

  it('lists page by page, then watches from the version of the list', async () => {
    server.lists = [list(7, [object('a', 1)], 'more'), list(7, [object('b', 2)])];
    server.watches = [watch([{ type: 'ADDED', object: object('c', 8) }])];
    const reflector = run();
    await eventually('three objects', () => reflector.size === 3);
    expect([...reflector.values()]).to.deep.equal(['a@1', 'b@2', 'c@8']);
    expect(reflector.synced).to.equal(true);
    expect(server.watchVersions).to.deep.equal(['7']);
    expect(server.requests[1]?.searchParams.get('continue')).to.equal('more');
  });

  it('reads the list in one go when a page has expired', async () => {
    server.lists = [list(7, [object('a', 1)], 'more'), gone, list(9, [object('b', 8)])];
    server.watches = [watch([])];
    const reflector = run();
    await eventually('the list', () => reflector.synced);
    expect([...reflector.values()]).to.deep.equal(['b@8']);
    expect(server.requests[2]?.searchParams.has('limit')).to.equal(false);
  });

  it('resumes an ended watch from the last event, without listing again', async () => {
    server.lists = [list(1, [])];
    server.watches = [
      watch([{ type: 'ADDED', object: object('a', 2) }], 'end'),
      watch([{ type: 'DELETED', object: object('a', 3) }]),
    ];
    const reflector = run();
    await eventually('the second watch', () => changes.length === 2);
    expect(reflector.size).to.equal(0);
    expect(changes).to.deep.equal([
      { key: 'shop/a', after: 'a@2' },
      { key: 'shop/a', before: 'a@2' },
    ]);
    expect(server.watchVersions).to.deep.equal(['1', '2']);
    expect(server.listCount).to.equal(1);
  });

  it('resumes a dropped connection from the last bookmark', async () => {
    server.lists = [list(1, [])];
    server.watches = [
      watch([bookmark(40)], 'drop'),
      watch([{ type: 'ADDED', object: object('a', 41) }]),
    ];
    const reflector = run();
    await eventually('the event after the drop', () => reflector.size === 1);
    expect(server.watchVersions).to.deep.equal(['1', '40']);
    expect(server.listCount).to.equal(1);
  });

  for (const [name, expired] of [
    ['answered to the request', gone],
    [
      'sent as an error event',
      watch([{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Gone' } }], 'end'),
    ],
  ] as const) {
    it(`lists again when the version has expired, ${name}`, async () => {
      server.lists = [
        list(1, [object('a', 1), object('b', 1), object('c', 1)]),
        list(90, [object('a', 1), object('b', 80)]),
      ];
      server.watches = [expired, watch([])];
      const reflector = run();
      await eventually('the second list', () => server.watchVersions.length === 2);
      expect([...reflector.values()], 'only what is there').to.deep.equal(['a@1', 'b@80']);
      expect(changes.slice(3), 'only what changed is told').to.deep.equal([
        { key: 'shop/b', before: 'b@1', after: 'b@80' },
        { key: 'shop/c', before: 'c@1' },
      ]);
      expect(server.watchVersions).to.deep.equal(['1', '90']);
    });
  }

  it('survives an error event of another kind', async () => {
    server.lists = [list(1, [])];
    server.watches = [
      watch([{ type: 'ERROR', object: { kind: 'Status', code: 500, message: 'etcd' } }], 'end'),
      watch([{ type: 'ADDED', object: object('a', 2) }]),
    ];
    const reflector = run();
    await eventually('the event after the error', () => reflector.size === 1);
    expect(reflector.failure).to.equal(undefined);
  });

  it('gives up a watch that says nothing, and resumes it', async () => {
    server.lists = [list(1, [])];
    server.watches = [watch([]), watch([{ type: 'ADDED', object: object('a', 2) }])];
    const reflector = run({ idleTimeoutMs: 100 });
    await eventually('the watch after the silent one', () => reflector.size === 1);
    expect(server.watchVersions.slice(0, 2)).to.deep.equal(['1', '1']);
    expect(server.listCount).to.equal(1);
  });

  it('does not ask again and again when every watch ends at once', async () => {
    server.lists = [list(1, [])];
    server.watches = [watch([], 'end')];
    const reflector = run({ minBackoffMs: 1_000, maxBackoffMs: 1_000 });
    await eventually('a failure', () => reflector.failure !== undefined);
    expect(server.watchVersions.length).to.equal(1);
  });

  it('says since when the server is away, keeps the copy, and lists again when it is back', async () => {
    server.lists = [list(5, [object('a', 5)]), list(2, [object('b', 2)])];
    server.watches = [watch([])];
    const reflector = run();
    await eventually('the watch', () => server.watchVersions.length === 1);
    await server.close();
    await eventually('a failure', () => reflector.failure !== undefined);
    const { sinceMs } = reflector.failure ?? {};
    await eventually('failure after failure', () => performance.now() > (sinceMs ?? 0) + 200);
    expect(reflector.failure?.sinceMs, 'the first failure counts').to.equal(sinceMs);
    expect([...reflector.values()]).to.deep.equal(['a@5']);
    expect(reflector.synced).to.equal(true);

    await server.listen();
    await eventually('the new list', () => reflector.get('shop/b') !== undefined);
    expect(reflector.size, 'it came back with another history').to.equal(1);
    expect(reflector.failure).to.equal(undefined);
    await eventually('the watch from there', () => server.watchVersions.at(-1) === '2');
  });

  it('tries at once when told that the server is back', async () => {
    await server.close();
    const reflector = run({ minBackoffMs: 60_000, maxBackoffMs: 60_000 });
    await eventually('a failure', () => reflector.failure !== undefined);
    server.lists = [list(1, [])];
    server.watches = [watch([])];
    await server.listen();
    reflector.retryNow();
    await eventually('the list', () => reflector.synced);
  });

  it('leaves no connection behind', async () => {
    server.lists = [list(1, [])];
    server.watches = [watch([])];
    run();
    await eventually('the watch', () => server.watchVersions.length === 1);
    abort.abort();
    await running;
    transport.close();
    await eventually('every connection closed', () => server.connections === 0);
  });
});
