/**
 * What 2,000 CustomResourceDefinitions cost one server: `node dist/hack/bench/crds.js [count]`.
 * Prints, as it goes: the time to add, change and delete them, that of a write to another kind
 * meanwhile and without, that of discovery and OpenAPI, the memory of the server process, and the
 * time to start it again.
 */
import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { stopTestPostgres, testDatabase } from '../../test/support/postgres.js';
import { cpuMsOf, rssBytesOf } from './proc.js';

const TOKEN = 'x'.repeat(32);
const AT_ONCE = 8;
const WRITER = 'writer';
const PORT = 17_443;
const ADDRESS = `http://127.0.0.1:${PORT}`;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

async function main(): Promise<void> {
  const count = Number(process.argv[2] ?? 2_000);
  const folder = await mkdtemp(join(tmpdir(), 'threeport-crds-'));
  const database = await testDatabase();
  let server = await startServer(folder, database.url);
  const cpuOf = (): string => `${Math.round(cpuMsOf([server.pid ?? 0]))} ms`;
  try {
    await report('memory at the beginning', async () => `${memoryOf(server)} MB`);
    await measureWrites('warm');
    await report('write to another kind', () => measureWrites('before'));
    const writing = startWriter('during');
    await report(`${count} definitions, ${AT_ONCE} at once`, () => timed(() => addAll(count)));
    await report('until all are established', () => timed(() => allEstablished(count)));
    await report('CPU of the server for that', async () => cpuOf());
    await report('write to another kind meanwhile', () => writing.stop());
    await report('memory with them', async () => `${memoryOf(server)} MB`);
    const discover = (): Promise<string> =>
      timed(() => call('GET', '/apis', undefined, AGGREGATED));
    await report('discovery, the first', discover);
    await report('discovery, again', discover);
    await report('index of OpenAPI', () => timed(() => call('GET', '/openapi/v3')));
    const openDocument = (): Promise<string> =>
      timed(() => call('GET', '/openapi/v3/apis/g0.bench.example.com/v1'));
    await report('one document of OpenAPI', openDocument);
    await report('OpenAPI v2', () => timed(() => call('GET', '/openapi/v2')));
    await report('memory after that', async () => `${memoryOf(server)} MB`);
    await report('first object of a kind', () => timed(() => createThing(7)));
    await report('second object of it', () => timed(() => createThing(7)));
    await report('an update of one of them', () => timed(() => relabel(7)));
    await report('discovery after that', discover);
    await report('its document of OpenAPI', openDocument);
    await stop(server);
    await report('start with them', () =>
      timed(async () => {
        server = await startServer(folder, database.url);
      }),
    );
    await report('discovery, the first', discover);
    await report('memory after the start', async () => `${memoryOf(server)} MB`);
    await report('an object of each', () => timed(() => inTurns(count, createThing)));
    await measureWrites('warm-again');
    const alsoWriting = startWriter('deleting');
    await report('deletion of all', () => timed(() => deleteAll(count)));
    await report('write to another kind meanwhile', () => alsoWriting.stop());
    await report('CPU of the server since its start', async () => cpuOf());
    await report('memory in the end', async () => `${memoryOf(server)} MB`);
  } finally {
    await stop(server);
    await database.drop();
    await stopTestPostgres();
    await rm(folder, { recursive: true });
  }
}

async function startServer(folder: string, databaseUrl: string): Promise<ChildProcess> {
  const tokensFile = join(folder, 'tokens.json');
  const keyFile = join(folder, 'key');
  await writeFile(
    tokensFile,
    JSON.stringify([{ token: TOKEN, user: 'bench', groups: ['system:masters'] }]),
  );
  await writeFile(keyFile, Buffer.alloc(32, 7).toString('base64'));
  const child = fork('dist/server/main.js', {
    silent: true,
    env: {
      ...process.env,
      THREEPORT_LISTEN_PORT: String(PORT),
      THREEPORT_TOKENS_FILE: tokensFile,
      THREEPORT_DATABASE_URL: databaseUrl,
      THREEPORT_ENCRYPTION_KEY_FILE: keyFile,
      THREEPORT_LOG_LEVEL: 'error',
      // Ends with this process, however that ends.
      THREEPORT_EXIT_ON_STDIN_CLOSE: '1',
    },
  });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    const response = await fetch(`${ADDRESS}/readyz`).catch(() => undefined);
    if (response?.ok === true) return child;
    await delay(20);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
}

function memoryOf(child: ChildProcess): number {
  return Math.round(rssBytesOf([child.pid ?? 0]) / 1_000_000);
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  accept = 'application/json',
): Promise<unknown> {
  const response = await fetch(ADDRESS + path, {
    method,
    headers: {
      Authorization: `Bearer ${TOKEN}`,
      'Content-Type': 'application/json',
      Accept: accept,
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text) as unknown;
}

async function inTurns(count: number, work: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const loop = async (): Promise<void> => {
    for (let i = next++; i < count; i = next++) await work(i);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, loop));
}

function addAll(count: number): Promise<void> {
  return inTurns(count, (index) => call('POST', DEFINITIONS, definition(index)));
}

/** Asks for one after the other: a list of all would be work of another sort. */
async function allEstablished(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const path = `${DEFINITIONS}/${definition(i).metadata.name}`;
    for (;;) {
      const { status } = (await call('GET', path)) as {
        status?: { conditions?: { type: string; status: string }[] };
      };
      const isTrue = (one: { type: string; status: string }): boolean =>
        one.type === 'Established' && one.status === 'True';
      if (status?.conditions?.some(isTrue) === true) break;
      await delay(50);
    }
  }
}

/** Adds a category and waits until discovery shows it. */
async function relabel(index: number): Promise<void> {
  const { metadata, spec } = definition(index);
  const path = `${DEFINITIONS}/${metadata.name}`;
  const live = (await call('GET', path)) as ReturnType<typeof definition>;
  const names = { ...live.spec.names, categories: ['things', 'changed'] };
  await call('PUT', path, { ...live, spec: { ...live.spec, names } });
  for (;;) {
    const found = JSON.stringify(await call('GET', `/apis/${spec.group}/v1`));
    if (found.includes('changed')) return;
    await delay(1);
  }
}

async function deleteAll(count: number): Promise<void> {
  await inTurns(count, (index) => {
    return call('DELETE', `${DEFINITIONS}/${definition(index).metadata.name}`);
  });
  for (;;) {
    const { items } = (await call('GET', `${DEFINITIONS}?limit=1`)) as { items: unknown[] };
    if (items.length === 0) return;
    await delay(50);
  }
}

let things = 0;

function createThing(index: number): Promise<unknown> {
  const { group, names } = definition(index).spec;
  return call('POST', `/apis/${group}/v1/namespaces/default/${names.plural}`, {
    apiVersion: `${group}/v1`,
    kind: names.kind,
    metadata: { name: `thing-${things++}` },
    spec: { name: 'a', ports: [{ name: 'http', port: 80 }] },
  });
}

/** A definition of some twenty fields, 50 to a group. */
function definition(index: number) {
  const group = `g${Math.floor(index / 50)}.bench.example.com`;
  const plural = `things${index}`;
  const text = { type: 'string', description: 'A text of the thing, as its author wrote it.' };
  const fields = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`field${i}`, text]));
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind: `Thing${index}`, categories: ['things'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          additionalPrinterColumns: [{ name: 'Name', type: 'string', jsonPath: '.spec.name' }],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              description: `Thing number ${index}.`,
              properties: {
                spec: {
                  type: 'object',
                  required: ['name'],
                  properties: {
                    ...fields,
                    name: { ...text, pattern: '^[a-z]([-a-z0-9]*[a-z0-9])?$', maxLength: 63 },
                    replicas: { type: 'integer', minimum: 0, default: 1 },
                    ports: {
                      type: 'array',
                      'x-kubernetes-list-type': 'map',
                      'x-kubernetes-list-map-keys': ['name'],
                      items: {
                        type: 'object',
                        required: ['name'],
                        properties: { name: text, port: { 'x-kubernetes-int-or-string': true } },
                      },
                    },
                  },
                },
                status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          },
        },
      ],
    },
  };
}

interface Writer {
  /** Ends it, and says how long its writes took. */
  stop(): Promise<string>;
}

/** Creates ConfigMaps from a process of its own: what this one is busy with is not the server's time. */
function startWriter(name: string): Writer {
  const child = fork(import.meta.filename, [WRITER, name]);
  const times = once(child, 'message') as Promise<[readonly number[]]>;
  return {
    async stop() {
      child.send('stop');
      const [measured] = await times;
      return median(measured);
    },
  };
}

async function measureWrites(name: string): Promise<string> {
  const writer = startWriter(name);
  await delay(5_000);
  return writer.stop();
}

async function write(name: string): Promise<void> {
  const times: number[] = [];
  const stopping = new AbortController();
  process.once('message', () => stopping.abort());
  for (let i = 0; !stopping.signal.aborted; i++) {
    const sinceMs = performance.now();
    await call('POST', CONFIG_MAPS, { metadata: { name: `${name}-${i}` }, data: { a: 'b' } });
    times.push(performance.now() - sinceMs);
    await delay(10);
  }
  process.send?.(times);
  process.disconnect();
}

function median(times: readonly number[]): string {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): string =>
    (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  return `${at(0.5)} ms (p90 ${at(0.9)}, p99 ${at(0.99)}, worst ${at(1)}, of ${sorted.length})`;
}

async function timed(work: () => Promise<unknown>): Promise<string> {
  const sinceMs = performance.now();
  await work();
  return `${Math.round(performance.now() - sinceMs)} ms`;
}

async function report(what: string, measure: () => Promise<string>): Promise<void> {
  console.log(`${what.padEnd(36)} ${await measure()}`);
}

if (process.argv[2] === WRITER) await write(process.argv[3] ?? '');
else await main();
