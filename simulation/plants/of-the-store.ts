import { setTimeout as delay } from 'node:timers/promises';
import { resourceName } from '../../sdk/api/kind.js';
import { instead } from './instead.js';
import type { Plant } from './plant.js';

const A_LITTLE_MS = 50;

export const plantsOfTheStore: readonly Plant[] = [
  {
    name: 'acknowledged-before-commit',
    bug: 'a write is acknowledged while it is still on its way to the disk',
    plant: () => ({
      store: (store) =>
        instead(store, {
          write: async (write) => {
            if (write.type !== 'update') return store.write(write);
            const { uid = '', namespace = '', name } = write.object.metadata;
            const resourceVersion = (await store.currentVersion()) + 1;
            delay(A_LITTLE_MS)
              .then(() => store.write(write))
              .catch(() => undefined);
            const metadata = { ...write.object.metadata, resourceVersion: `${resourceVersion}` };
            const json = JSON.stringify({ ...write.object, metadata });
            const resource = resourceName(write.kind);
            return { resource, uid, namespace, name, resourceVersion, json };
          },
        }),
    }),
  },
  {
    name: 'lost-update',
    bug: 'a write does not look whether another came between',
    plant: () => ({
      store: (store) =>
        instead(store, {
          write: async (write) => {
            if (write.type !== 'update') return store.write(write);
            const live = await store.getByUid(write.kind, write.object.metadata.uid ?? '');
            const expectedResourceVersion = live?.resourceVersion ?? write.expectedResourceVersion;
            return store.write({ ...write, expectedResourceVersion });
          },
        }),
    }),
  },
  {
    name: 'log-coalesced',
    bug: 'of several changes of one object a reader of the log gets the last',
    plant: () => ({
      store: (store) =>
        instead(store, {
          revisionsAfter: async (version, limit, options) => {
            const entries = await store.revisionsAfter(version, limit, options);
            return entries.filter(
              ({ object }, index) =>
                !entries.slice(index + 1).some((later) => later.object.uid === object.uid),
            );
          },
        }),
    }),
  },
  {
    name: 'stale-cache',
    bug: 'what was read once is not read again for a while',
    plant: () => ({
      client(client) {
        const cache = new Map<string, { readonly untilMs: number; readonly answer: unknown }>();
        const cached = async <T>(key: unknown, read: () => Promise<T>): Promise<T> => {
          const id = JSON.stringify(key);
          const known = cache.get(id);
          if (known !== undefined && known.untilMs > Date.now()) return known.answer as T;
          const answer = await read();
          cache.set(id, { untilMs: Date.now() + 5_000, answer });
          return answer;
        };
        return instead(client, {
          find: (kind, key, options) => cached([kind, key], () => client.find(kind, key, options)),
          read: (request) => cached(request, () => client.read(request)),
        });
      },
    }),
  },
];
