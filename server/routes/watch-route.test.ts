import { createServer, get } from 'node:http';
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

describe('bookmarks of a watch', () => {
  it('come at regular times, each at a version that everything was told up to', async () => {
    const registry = new KindRegistry(kinds);
    const kind = registry.resource('configmaps');
    const store = new MemoryObjectStore({ kinds });
    const codec = new ObjectCodec(registry);
    const pipeline = new WritePipeline({ validator: new SchemaValidator(), hooks: [] });
    const service = new ResourceService({ registry, store, codec, pipeline });
    const tail = new WatchTail({ store, codec, logger: nopLogger });
    await tail.start(new AbortController().signal);
    const route = new WatchRoute({ tail, service, bookmarkIntervalMs: 20 });
    const filter = { kind, namespace: 'watched', labels: [], fields: [] };
    const server = createServer((request, response) => {
      const query = new URL(request.url ?? '/', 'http://localhost').searchParams;
      void route.serve(response, query, { filter, format: PLAIN_FORMAT });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;

    const lines: string[] = [];
    const path = '/?watch=1&allowWatchBookmarks=true&resourceVersion=1';
    const outgoing = get({ port, host: '127.0.0.1', path }, (response) => {
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
        const metadata = { name: `m-${i}`, namespace: 'other', uid: `u-${i}` };
        const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
        await store.write({ type: 'create', kind, object });
        await eventually(`a bookmark at ${i}`, () => bookmarks().includes(i));
      }
      expect(lines.filter((line) => line !== '' && !line.includes('BOOKMARK'))).to.deep.equal([]);
      expect(bookmarks()).to.deep.equal(bookmarks().toSorted((a, b) => a - b));
    } finally {
      outgoing.destroy();
      route.closeAll();
      await tail.stop();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
