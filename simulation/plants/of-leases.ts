import type { WorkCompletion } from '../../server/store/object-store.js';
import { instead } from './instead.js';
import type { Plant } from './plant.js';

type Holder = Pick<WorkCompletion, 'worker' | 'fence' | 'kind'>;

export const plantsOfLeases: readonly Plant[] = [
  {
    name: 'fence-ignored',
    bug: 'whoever had the lease once may hand the object back',
    plant() {
      const holders = new Map<string, Holder>();
      return {
        database: (store) =>
          instead(store, {
            claim: async (kind, options) => {
              const claims = await store.claim(kind, options);
              for (const { object, fence } of claims) {
                holders.set(object.uid, { kind, worker: options.worker, fence });
              }
              return claims;
            },
            complete: (completions) =>
              store.complete(completions.map((each) => ({ ...each, ...holders.get(each.uid) }))),
          }),
      };
    },
  },
  {
    name: 'lease-stolen',
    bug: 'a claim does not look whether another holds the lease',
    plant() {
      const holders = new Map<string, Holder>();
      return {
        database: (store) =>
          instead(store, {
            claim: async (kind, options) => {
              for (const uid of options.uids ?? []) {
                const holder = holders.get(uid);
                if (holder === undefined) continue;
                await store.complete([{ uid, failures: 0, requeueAfterMs: 0, ...holder }]);
              }
              const claims = await store.claim(kind, options);
              for (const { object, fence } of claims) {
                holders.set(object.uid, { kind, worker: options.worker, fence });
              }
              return claims;
            },
          }),
      };
    },
  },
  {
    name: 'status-without-fence',
    bug: 'a status that comes after the lease is written all the same',
    plant: () => ({
      store: (store) =>
        instead(store, {
          complete: async (completions) => {
            const outcomes = await store.complete(completions);
            for (const [index, { write, kind }] of completions.entries()) {
              if (outcomes[index]?.outcome !== 'fenced' || write?.type !== 'update') continue;
              await store.write({ ...write, kind }).catch(() => undefined);
            }
            return outcomes;
          },
        }),
    }),
  },
  {
    name: 'lease-not-renewed',
    bug: 'a worker believes that its lease goes on and asks nobody',
    plant: () => ({
      client: (client) => instead(client, { renew: async () => ({ lost: [] }) }),
    }),
  },
];
