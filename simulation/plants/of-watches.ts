import type { Client, WatchOptions } from '../../client/index.js';
import { instead } from './instead.js';
import type { Plant } from './plant.js';

export const plantsOfWatches: readonly Plant[] = [
  {
    name: 'watch-skips',
    bug: 'a watch resumes after the version that follows',
    plant: () => ({ watcher: (client) => resumingAt(client, (version) => version + 1) }),
  },
  {
    name: 'watch-repeats',
    bug: 'a watch resumes before the version that was seen last',
    plant: () => ({
      watcher: (client) => resumingAt(client, (version) => Math.max(1, version - 1)),
    }),
  },
  {
    name: 'watch-jumps',
    bug: 'a watch that broke off begins with what is new',
    plant() {
      const begun = new Set<unknown>();
      return {
        watcher: (client) =>
          instead(client, {
            watch: (kind, options) => {
              const { resourceVersion: _forgotten, ...fromNow } = options ?? {};
              if (begun.has(kind)) return client.watch(kind, fromNow);
              begun.add(kind);
              return client.watch(kind, options);
            },
          }),
      };
    },
  },
];

function resumingAt(client: Client, shift: (version: number) => number): Client {
  const shifted = (options: WatchOptions | undefined): WatchOptions => ({
    ...options,
    resourceVersion: String(shift(Number(options?.resourceVersion ?? 0))),
  });
  return instead(client, { watch: (kind, options) => client.watch(kind, shifted(options)) });
}
