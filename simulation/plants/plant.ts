import type { Client } from '../../client/index.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import type { WakeQueue } from '../../sdk/queue/wake-queue.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import type { CloudPort } from '../cloud/cloud-port.js';

/**
 * A bug, put in on purpose between two parts: what the part behind answers comes out wrong, or the
 * part does what it should not. The simulation must find it. Each method gives what stands in place
 * of what it gets; made anew for each process that starts.
 */
export interface Plant {
  readonly name: string;
  /** What would be wrong in the code. */
  readonly bug: string;
  /** The database, as a server sees it. */
  store?(store: ObjectStore): ObjectStore;
  queue?(queue: WakeQueue): WakeQueue;
  /** The API, as a worker sees it. */
  client?(client: Client): Client;
  /** The API, as one who watches sees it. */
  watcher?(client: Client): Client;
  kube?(port: KubePort): KubePort;
  cloud?(port: CloudPort): CloudPort;
  reconciler?(reconciler: Reconciler): Reconciler;
  /** A kind, as the workers know it. */
  kind?(kind: KindDefinition): KindDefinition;
}

/** `object` with some methods in place of its own. */
export function instead<T extends object>(object: T, methods: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      const own = Reflect.get(methods, name) as unknown;
      if (own !== undefined) return own;
      const value = Reflect.get(target, name) as unknown;
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
