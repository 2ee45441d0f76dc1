import { done } from '../../sdk/runtime/reconciler.js';
import type { Plant } from './plant.js';

export const plantsOfReconcilers: readonly Plant[] = [
  {
    name: 'edge-triggered',
    bug: 'a reconciler acts on a change once, whether it came through or not',
    plant: () => ({
      reconciler(reconciler) {
        const acted = new Set<string>();
        return {
          ...reconciler,
          reconcile: async (object, ctx) => {
            const change = `${object.metadata.uid} ${object.metadata.generation}`;
            if (acted.has(change)) return done;
            acted.add(change);
            return reconciler.reconcile(object, ctx);
          },
        };
      },
    }),
  },
  {
    name: 'busy-status',
    bug: 'the status says when it was looked at',
    plant: () => ({
      reconciler: (reconciler) => ({
        ...reconciler,
        reconcile: async (object, ctx) => {
          const message = `looked at ${ctx.clock.nowMs()}`;
          ctx.setCondition({ type: 'Looked', status: 'True', reason: 'Looked', message });
          return reconciler.reconcile(object, ctx);
        },
      }),
    }),
  },
  {
    name: 'failure-is-success',
    bug: 'a reconciler catches what went wrong, and says that it is done',
    plant: () => ({
      reconciler: (reconciler) => ({
        ...reconciler,
        reconcile: (object, ctx) => reconciler.reconcile(object, ctx).catch(() => done),
      }),
    }),
  },
  {
    name: 'clean-up-gives-up',
    bug: 'a clean-up that fails is taken for done',
    plant: () => ({
      reconciler: (reconciler) => ({
        ...reconciler,
        cleanUp: async (object, ctx) =>
          (await reconciler.cleanUp?.(object, ctx).catch(() => done)) ?? done,
      }),
    }),
  },
];
