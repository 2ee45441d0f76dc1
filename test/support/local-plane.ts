import type { Client } from '../../client/index.js';
import { createClient } from '../../client/index.js';
import { createReconcilers } from '../../reconcilers/reconcilers.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { createKubeClusters } from '../../sdk/kube/kube-clusters.js';
import { nopLogger } from '../../sdk/logger.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import type { WakeQueue } from '../../sdk/queue/wake-queue.js';
import type { WorkerOptions } from '../../sdk/runtime/worker.js';
import { createControlPlane } from '../../server/control-plane.js';
import { SqlObjectStore } from '../../server/store/sql/sql-object-store.js';

/** Server and worker in this process on a real database, talking HTTP; no agent. */
export interface LocalPlane {
  readonly client: Client;
  stop(): Promise<void>;
}

const everybody = { name: 'admin', groups: ['system:masters'] };

export async function startLocalPlane(options: {
  readonly databaseUrl: string;
  /** Default: one within the process. */
  readonly queue?: WakeQueue;
  readonly worker?: Pick<WorkerOptions, 'leaseMs' | 'sweepMs'>;
}): Promise<LocalPlane> {
  const { databaseUrl, queue = new InProcessQueue() } = options;
  const abort = new AbortController();
  const server = createControlPlane({
    store: new SqlObjectStore({ connectionString: databaseUrl, kinds }),
    queue,
    authenticator: { authenticate: () => everybody },
    logger: nopLogger,
    version: 'test',
    listen: { host: '127.0.0.1', port: 0 },
  });
  await server.start(abort.signal);
  const client = createClient({ server: server.address, timeoutMs: 10_000 });
  const clusters = createKubeClusters();
  const reconcilers = createReconcilers({
    client,
    queue,
    kube: ({ kubeconfig }) => clusters.kube(kubeconfig),
    logger: nopLogger,
    ...(options.worker !== undefined && { worker: options.worker }),
  });
  await reconcilers.start(abort.signal);
  return {
    client,
    async stop() {
      abort.abort();
      await reconcilers.stop();
      clusters.close();
      client.close();
      await server.stop();
    },
  };
}
