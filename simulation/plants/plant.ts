import type { Client } from '../../client/index.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import type { Reconciler } from '../../sdk/runtime/reconciler.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import type { CloudPort } from '../cloud/cloud-port.js';

/**
 * What stands in place of parts of the world: each method gives it for what it gets. Made anew for
 * each run, asked again for each process that starts.
 */
export interface Substitutes {
  /** The database itself. */
  database?(store: ObjectStore): ObjectStore;
  /** The database, as a server sees it. */
  store?(store: ObjectStore): ObjectStore;
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

/** A bug, put in on purpose between two parts of the world. The simulation must find it. */
export interface Plant {
  readonly name: string;
  /** What would be wrong in the code. */
  readonly bug: string;
  plant(): Substitutes;
}
