import { ApiError } from '../../sdk/api/errors.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import { ConnectionLostError, type Network } from '../kernel/network.js';
import type { Scheduler } from '../kernel/scheduler.js';
import type { SimProcess } from '../kernel/sim-process.js';

/** The store as its process keeps it. */
export interface Database {
  readonly process: SimProcess;
  readonly store: ObjectStore;
}

const NOTICE_MS = 1;

/**
 * The database seen from another process: every call is a call over the network, nothing is
 * remembered here, and commits are told of a little later.
 */
export function remoteStore(
  database: () => Database,
  network: Network,
  scheduler: Scheduler,
): ObjectStore {
  const { store } = database();
  return new Proxy(store, {
    get(target, name: keyof ObjectStore) {
      switch (name) {
        case 'start':
        case 'stop':
          return async () => undefined;
        case 'recall':
        case 'recallNamed':
          return () => undefined;
        case 'onCommit':
          return (listener: () => void) => {
            const owner = scheduler.current;
            return target.onCommit(() => scheduler.after(NOTICE_MS, owner, listener));
          };
        default:
          return async (...args: unknown[]): Promise<unknown> => {
            const method = target[name] as (...args: unknown[]) => Promise<unknown>;
            try {
              return await network.call(database().process, `store.${name}`, () =>
                method.apply(target, args),
              );
            } catch (error) {
              if (!(error instanceof ConnectionLostError)) throw error;
              throw new ApiError('ServiceUnavailable', 'the database is away', { cause: error });
            }
          };
      }
    },
  });
}
