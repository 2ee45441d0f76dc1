import type { ApiObject } from '../../sdk/api/object.js';
import { done } from '../../sdk/runtime/reconciler.js';
import { instead } from './instead.js';
import type { Plant } from './plant.js';

export const plantsOfFinalizers: readonly Plant[] = [
  {
    name: 'finalizer-forgotten',
    bug: 'no finalizer is put on what has something outside to be removed',
    plant: () => ({
      kind: (kind) => (kind.reconciled === undefined ? kind : { ...kind, reconciled: {} }),
    }),
  },
  {
    name: 'finalizer-before-clean-up',
    bug: 'the finalizer goes when clean-up has begun, not when it is done',
    plant: () => ({
      reconciler: (reconciler) => ({
        ...reconciler,
        cleanUp: async (object, ctx) => {
          reconciler.cleanUp?.(object, ctx).catch(() => undefined);
          return done;
        },
      }),
    }),
  },
  {
    name: 'owner-forgotten',
    bug: 'what is made for an object does not name it as its owner',
    plant: () => ({
      client: (client) =>
        instead(client, {
          apply: (object, options) => {
            const { ownerReferences: _forgotten, ...metadata } = object.metadata;
            return client.apply({ ...(object as ApiObject), metadata } as typeof object, options);
          },
        }),
    }),
  },
];
