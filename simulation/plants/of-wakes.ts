import { setTimeout as delay } from 'node:timers/promises';
import { instead } from './instead.js';
import type { Plant } from './plant.js';
import { takeTheDueAway } from './take-the-due-away.js';

const A_LITTLE_MS = 50;

export const plantsOfWakes: readonly Plant[] = [
  {
    name: 'no-sweep',
    bug: 'only hints lead to work: nobody looks for what is due',
    plant: () => ({
      client: (client) =>
        instead(client, {
          claim: (request, options) => client.claim({ ...request, due: [] }, options),
        }),
    }),
  },
  {
    name: 'notify-before-commit',
    bug: 'a change is told of before it is committed, and the commit itself wakes nobody',
    plant: () => ({
      store: (store) =>
        instead(store, {
          write: async (write) => {
            if (write.kind.reconciled === undefined) return store.write(write);
            const uid = write.type === 'delete' ? write.uid : (write.object.metadata.uid ?? '');
            await store.wake(write.kind, [{ uid }]);
            await delay(A_LITTLE_MS);
            const written = await store.write(write);
            if (write.type === 'update') await takeTheDueAway(store, write.kind, uid);
            return written;
          },
        }),
    }),
  },
  {
    name: 'notify-after-commit',
    bug: 'commit and wake are two steps: who dies between them wakes nobody',
    plant: () => ({
      store: (store) =>
        instead(store, {
          write: async (write) => {
            const written = await store.write(write);
            if (write.kind.reconciled === undefined || write.type === 'delete') return written;
            await takeTheDueAway(store, write.kind, written.uid);
            await store.wake(write.kind, [{ uid: written.uid }]);
            return written;
          },
        }),
    }),
  },
  {
    name: 'wakes-not-awaited',
    bug: 'the notifier moves on in the log before dependants are awake',
    plant: () => ({
      store: (store) =>
        instead(store, {
          wake: async (kind, wakes) => {
            delay(A_LITTLE_MS)
              .then(() => store.wake(kind, wakes))
              .catch(() => undefined);
            return wakes.map(({ uid }) => uid);
          },
        }),
    }),
  },
  {
    name: 'old-labels-forgotten',
    bug: 'who selected an object before its labels changed is not woken',
    plant: () => ({
      store: (store) =>
        instead(store, {
          selectorsOf: (target, { namespace, labels }) =>
            store.selectorsOf(target, { namespace, labels: labels?.slice(-1) ?? [] }),
        }),
    }),
  },
  {
    name: 'dirty-ignored',
    bug: 'what changed while an object was worked on is forgotten at its end',
    plant: () => ({
      database: (store) =>
        instead(store, {
          complete: async (completions) => {
            const outcomes = await store.complete(completions);
            for (const [index, { kind, uid }] of completions.entries()) {
              if (outcomes[index]?.outcome === 'dirty') await takeTheDueAway(store, kind, uid);
            }
            return outcomes.map((each) =>
              each.outcome === 'dirty' ? { ...each, outcome: 'done' } : each,
            );
          },
        }),
    }),
  },
  {
    name: 'failure-not-retried',
    bug: 'an object that failed is looked at again only when it changes',
    plant: () => ({
      client: (client) =>
        instead(client, {
          complete: (request, options) =>
            client.complete(
              {
                ...request,
                completions: request.completions.map(({ requeueAfterMs, ...rest }) =>
                  rest.failures > 0 || requeueAfterMs === undefined
                    ? rest
                    : { ...rest, requeueAfterMs },
                ),
              },
              options,
            ),
        }),
    }),
  },
];
