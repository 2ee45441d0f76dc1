import { ApiError } from '../../sdk/api/errors.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import { ConnectionLostError, type Network } from '../kernel/network.js';
import type { Scheduler } from '../kernel/scheduler.js';
import { RecalledObjects } from './recalled-objects.js';
import type { SimProcess } from '../kernel/sim-process.js';

/** The store as its process keeps it. */
export interface Database {
  readonly process: SimProcess;
  readonly store: ObjectStore;
}

const NOTICE_MS = 1;
const COMMITS = new Set<string>(['write', 'complete']);

/** Tells every process that there was a commit, a little later. */
export class CommitBell {
  readonly #listeners = new Set<() => void>();

  ring(): void {
    for (const listener of this.#listeners) listener();
  }

  onRing(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/**
 * The database seen from another process: every call is a call over the network, commits are
 * told of a little later, and what is remembered here may be old.
 */
export function remoteStore(
  database: () => Database,
  world: { readonly network: Network; readonly scheduler: Scheduler; readonly bell: CommitBell },
): ObjectStore {
  const { network, scheduler, bell } = world;
  const { store } = database();
  const memory = new RecalledObjects();
  return new Proxy(store, {
    get(target, name: keyof ObjectStore) {
      switch (name) {
        case 'start':
        case 'stop':
          return async () => undefined;
        case 'recall':
          return (uid: string) => memory.recall(uid);
        case 'recallNamed':
          return (...key: Parameters<ObjectStore['recallNamed']>) => memory.recallNamed(...key);
        case 'onCommit':
          return (listener: () => void) => {
            const owner = scheduler.current;
            const stop = bell.onRing(() => void scheduler.after(NOTICE_MS, owner, listener));
            owner.onDeath(stop);
            return stop;
          };
        default:
          return async (...args: unknown[]): Promise<unknown> => {
            const method = target[name] as (...args: unknown[]) => Promise<unknown>;
            try {
              const answer = await network.call(database().process, `store.${name}`, async () => {
                const done = await method.apply(target, args);
                if (COMMITS.has(name)) bell.ring();
                return done;
              });
              memory.learn(name, answer, args);
              return answer;
            } catch (error) {
              if (!(error instanceof ConnectionLostError)) throw error;
              throw new ApiError('ServiceUnavailable', 'the database is away', { cause: error });
            }
          };
      }
    },
  });
}
