import type { Client } from '../../client/index.js';
import type { KindDefinition } from '../api/kind.js';
import { kubeconfigAfterRuntime } from '../kube/runtime-kubeconfig.js';
import type { Logger } from '../logger.js';
import { createClientApi, systemClock } from '../ports/client-api-port.js';
import type { Ports } from '../ports/ports.js';
import { systemRandom } from '../ports/random-port.js';
import { ReadAhead } from '../ports/read-ahead.js';
import { createSecrets } from '../ports/secrets-port.js';
import type { Part } from '../process.js';
import type { WakeQueue } from '../queue/wake-queue.js';
import type { ControllerOptions } from '../runtime/controller.js';
import { EventRecorder } from '../runtime/event-recorder.js';
import type { Reconciler } from '../runtime/reconciler.js';
import type { WorkerOptions } from '../runtime/worker.js';
import { createWorker } from '../runtime/worker.js';

export interface ReconcilerPartOptions {
  /** Each with the kind that it is for, as the server has it. */
  readonly reconcilers: readonly {
    readonly reconciler: Reconciler;
    readonly kind: KindDefinition;
  }[];
  readonly client: Client;
  /** Started before and stopped after this part, by whoever made it. */
  readonly queue: WakeQueue;
  readonly kube: Ports['kube'];
  /** Owns the fields that the reconcilers apply, and is the source of their events. */
  readonly fieldManager: string;
  readonly logger: Logger;
  /** Default: that of a worker, and no resync. */
  readonly worker?: Pick<WorkerOptions, 'name' | 'sweepMs' | 'leaseMs' | 'observers'> &
    Pick<ControllerOptions, 'resyncMs'>;
}

/** Runs reconcilers over a client: their ports, their events and the worker that claims for them. */
export function createReconcilerPart(options: ReconcilerPartOptions): Part {
  const { reconcilers, client, queue, kube, fieldManager, logger } = options;
  const api = createClientApi(client, fieldManager);
  const readAhead = new ReadAhead(kubeconfigAfterRuntime);
  const clock = systemClock;
  const events = new EventRecorder({ client, component: fieldManager, clock, logger });
  const { resyncMs, ...ofWorker } = options.worker ?? {};
  const worker = createWorker({
    ...ofWorker,
    api: client,
    events,
    queue,
    clock,
    logger,
    controllers: reconcilers.map(({ reconciler, kind }) => ({
      reconciler,
      kind,
      ...(resyncMs !== undefined && { resyncMs }),
      ports: ({ resource, object, fence }) => {
        const { uid, namespace, name } = object.metadata;
        const port = readAhead.port(api({ uid, fence }));
        return {
          api: port,
          kube,
          secrets: createSecrets(port),
          clock,
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
