import { createServer, get } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import { eventually } from '../../test/support/eventually.js';
import { ObjectCodec } from '../resource/object-codec.js';
import { WritePipeline } from '../resource/write-pipeline.js';
import { ResourceService } from '../resource-service.js';
import { SchemaValidator } from '../schema/schema-validator.js';
import { MemoryObjectStore } from '../store/memory/memory-object-store.js';
import { PLAIN_FORMAT } from '../watch/watch-event.js';
import { WatchTail } from '../watch/watch-tail.js';
import { WatchRoute } from './watch-route.js';

const registry = new KindRegistry(kinds);
const kind = registry.resource('configmaps');

/** A server of nothing but the watch of ConfigMaps in the namespace `watched`. */
async function startRoute(options: { bookmarkIntervalMs?: number; stallTimeoutMs?: number }) {
  const store = new MemoryObjectStore({ kinds });
  const codec = new ObjectCodec(registry);
  const pipeline = new WritePipeline({ validator: new SchemaValidator(), hooks: [] });
  const service = new ResourceService({ registry, store, codec, pipeline });
  const tail = new WatchTail({ store, codec, logger: nopLogger });
  await tail.start(new AbortController().signal);
  const route = new WatchRoute({ tail, service, ...options });
  const filter = { kind, namespace: 'watched', labels: [], fields: [] };
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
    void route.serve(response, query, { filter, format: PLAIN_FORMAT });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let made = 0;
  return {
    port: (server.address() as AddressInfo).port,
    async create(namespace: string, data: Record<string, string> = {}): Promise<void> {
      made += 1;
      const metadata = { name: `m-${made}`, namespace, uid: `u-${made}` };
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
      await store.write({ type: 'create', kind, object });
    },
    connections: () =>
      new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count))),
    async stop(): Promise<void> {
      route.closeAll();
      await tail.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('bookmarks of a watch', () => {
  it('come at regular times, each at a version that everything was told up to', async () => {
    const world = await startRoute({ bookmarkIntervalMs: 20 });
    const lines: string[] = [];
    const path = '/?watch=1&allowWatchBookmarks=true&resourceVersion=1';
    const outgoing = get({ port: world.port, host: '127.0.0.1', path }, (response) => {
      response.setEncoding('utf8').on('data', (text: string) => lines.push(...text.split('\n')));
      response.on('error', () => undefined);
    });
    outgoing.on('error', () => undefined);
    const bookmarks = (): number[] =>
      lines
        .filter((line) => line.includes('BOOKMARK'))
        .map((line) => Number(/"resourceVersion":"(\d+)"/.exec(line)?.[1]));
    try {
      for (let i = 1; i <= 4; i++) {
        // Of another namespace: the client gets nothing but the bookmark.
        await world.create('other');
        await eventually(`a bookmark at ${i}`, () => bookmarks().includes(i));
      }
      expect(lines.filter((line) => line !== '' && !line.includes('BOOKMARK'))).to.deep.equal([]);
      expect(bookmarks()).to.deep.equal(bookmarks().toSorted((a, b) => a - b));
    } finally {
      outgoing.destroy();
      await world.stop();
    }
  });
});

describe('a watch over plain sockets', () => {
  const BEGINNING = 'HTTP/1.1 200 OK';
  const FILLING = /x{3,}/g;
  const watchBy = (port: number, request: string) => {
    const socket = connect({ port, host: '127.0.0.1' });
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => (text += part.replace(FILLING, '')));
    socket.on('error', () => undefined);
    socket.write(`${request}\r\nHost: localhost\r\n\r\n`);
    return { socket, text: () => text };
  };

  it('cuts who takes nothing for too long, and nobody else', async () => {
    const world = await startRoute({ stallTimeoutMs: 2_000 });
    const slow = watchBy(world.port, 'GET /?watch=1 HTTP/1.1');
    const prompt = watchBy(world.port, 'GET /?watch=1 HTTP/1.1');
    try {
      await eventually('both began', () =>
        [slow, prompt].every(({ text }) => text().startsWith(BEGINNING)),
      );
      slow.socket.pause();
      const data = { text: 'x'.repeat(500_000) };
      for (let i = 0; i < 60; i++) await world.create('watched', data);
      await eventually('the other has it all', () => prompt.text().includes('"m-60"'));
      await eventually('it is cut', async () => (await world.connections()) === 1);
      slow.socket.resume();
      await eventually('it has read what was on its way', () => slow.socket.closed);
      expect(slow.text()).to.include('"m-1"').and.not.include('"m-60"');
      await world.create('watched');
      await eventually('the other goes on', () => prompt.text().includes('"m-61"'));
    } finally {
      slow.socket.destroy();
      prompt.socket.destroy();
      await world.stop();
    }
  });

  it('is a chunked answer that ends as one', async () => {
    const world = await startRoute({});
    await world.create('watched');
    const { socket, text } = watchBy(world.port, 'GET /?watch=1 HTTP/1.1');
    try {
      await eventually('the first came', () => text().includes('"m-1"'));
      await world.create('watched');
      await eventually('the second came', () => text().includes('"m-2"'));
      await world.stop();
      await eventually('it ended', () => text().endsWith('\r\n0\r\n\r\n'));
      const chunks = [...text().matchAll(/\r\n([0-9a-f]+)\r\n(\{.*\}\n)/g)];
      expect(
        chunks.map(([, length, line]) => [Number.parseInt(length ?? '', 16), line]),
      ).to.deep.equal(chunks.map(([, , line]) => [Buffer.byteLength(line ?? ''), line]));
      expect(chunks).to.have.length(2);
    } finally {
      socket.destroy();
    }
  });

  it('is not chunked for a client of HTTP/1.0, and empty for HEAD', async () => {
    const world = await startRoute({});
    await world.create('watched');
    const old = watchBy(world.port, 'GET /?watch=1 HTTP/1.0');
    const head = watchBy(world.port, 'HEAD /?watch=1 HTTP/1.1');
    try {
      await eventually('the old one has it', () => old.text().includes('"m-1"'));
      expect(old.text()).to.match(/\r\n\r\n\{"type":"ADDED".*\}\n$/);
      await eventually('the other began', () => head.text().startsWith(BEGINNING));
      await world.create('watched');
      await eventually('the old one has the next', () => old.text().includes('"m-2"'));
      expect(head.text()).to.match(/\r\n\r\n$/);
    } finally {
      old.socket.destroy();
      head.socket.destroy();
      await world.stop();
    }
  });
});
