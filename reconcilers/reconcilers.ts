import type { Client } from '../client/index.js';
import { KindRegistry } from '../sdk/api/registry.js';
import { kinds } from '../sdk/api/zz_generated.kinds.js';
import { kubeconfigAfterRuntime } from '../sdk/kube/runtime-kubeconfig.js';
import type { Logger } from '../sdk/logger.js';
import { createClientApi, systemClock } from '../sdk/ports/client-api-port.js';
import type { Ports } from '../sdk/ports/ports.js';
import { systemRandom } from '../sdk/ports/random-port.js';
import { ReadAhead } from '../sdk/ports/read-ahead.js';
import { createSecrets } from '../sdk/ports/secrets-port.js';
import type { Part } from '../sdk/process.js';
import type { WakeQueue } from '../sdk/queue/wake-queue.js';
import type { ControllerOptions } from '../sdk/runtime/controller.js';
import { EventRecorder } from '../sdk/runtime/event-recorder.js';
import type { Reconciler } from '../sdk/runtime/reconciler.js';
import type { WorkerOptions } from '../sdk/runtime/worker.js';
import { createWorker } from '../sdk/runtime/worker.js';
import { reconcilers } from './registry.js';

const FIELD_MANAGER = 'threeport-reconcilers';

export interface ReconcilersOptions {
  readonly client: Client;
  /** Started before and stopped after this part, by whoever made it. */
  readonly queue: WakeQueue;
  readonly kube: Ports['kube'];
  readonly logger: Logger;
  /** Default: the built-in kinds. */
  readonly registry?: KindRegistry;
  /** One for each kind. Default: the built-in ones. */
  readonly reconcilers?: readonly Reconciler[];
  /** Default: that of a worker, and no resync. */
  readonly worker?: Pick<WorkerOptions, 'name' | 'sweepMs' | 'leaseMs'> &
    Pick<ControllerOptions, 'resyncMs'>;
}

/** Runs every reconciler of the registry over a client. */
export function createReconcilers(options: ReconcilersOptions): Part {
  const { client, queue, kube, logger } = options;
  const registry = options.registry ?? new KindRegistry(kinds);
  const { resyncMs, ...ofWorker } = options.worker ?? {};
  const api = createClientApi(client, FIELD_MANAGER);
  const readAhead = new ReadAhead(kubeconfigAfterRuntime);
  const events = new EventRecorder({
    client,
    component: FIELD_MANAGER,
    clock: systemClock,
    logger,
  });
  const worker = createWorker({
    ...ofWorker,
    api: client,
    events,
    queue,
    clock: systemClock,
    logger,
    controllers: (options.reconcilers ?? reconcilers).map((reconciler) => ({
      reconciler,
      ...(resyncMs !== undefined && { resyncMs }),
      kind: registry.resource(reconciler.resource),
      ports: ({ resource, object, fence }) => {
        const { uid, namespace, name } = object.metadata;
        const port = readAhead.port(api({ uid, fence }));
        return {
          api: port,
          kube,
          secrets: createSecrets(port),
          clock: systemClock,
          random: systemRandom,
          log: logger.with({ resource, namespace, name }),
        };
      },
    })),
  });
  return {
    start: (signal) => worker.start(signal),
    async stop() {
      await worker.stop();
      await events.stop();
    },
  };
}
