import { createClient } from '../client/index.js';
import { KindRegistry } from '../sdk/api/registry.js';
import { kinds } from '../sdk/api/zz_generated.kinds.js';
import { errorChain } from '../sdk/error-chain.js';
import { createKubeClusters } from '../sdk/kube/kube-clusters.js';
import { kubeconfigAfterRuntime } from '../sdk/kube/runtime-kubeconfig.js';
import type { Logger } from '../sdk/logger.js';
import { createLogger } from '../sdk/logger.js';
import { createClientApi, systemClock } from '../sdk/ports/client-api-port.js';
import { ReadAhead } from '../sdk/ports/read-ahead.js';
import type { Part } from '../sdk/process.js';
import { runProcess } from '../sdk/process.js';
import { InProcessQueue } from '../sdk/queue/in-process-queue.js';
import { JetStreamQueue } from '../sdk/queue/jetstream-queue.js';
import { EventRecorder } from '../sdk/runtime/event-recorder.js';
import { createWorker } from '../sdk/runtime/worker.js';
import type { ReconcilersConfig } from './config.js';
import { readConfig } from './config.js';
import { reconcilers } from './registry.js';

const FIELD_MANAGER = 'threeport-reconcilers';
const SWEEP_WITHOUT_HINTS_MS = 1_000;

/** The part that runs every reconciler of the registry. */
function createReconcilers(config: ReconcilersConfig, logger: Logger): Part {
  const { server, token, ca, natsUrl, allowCredentialPlugins } = config;
  const client = createClient({ server, token, ...(ca !== undefined && { ca }) });
  const clusters = createKubeClusters({ allowCredentialPlugins });
  const registry = new KindRegistry(kinds);
  const queue =
    natsUrl === undefined
      ? new InProcessQueue()
      : new JetStreamQueue({ url: natsUrl, name: 'threeport-reconcilers', logger });
  const api = createClientApi(client, FIELD_MANAGER);
  const readAhead = new ReadAhead(kubeconfigAfterRuntime);
  const events = new EventRecorder({
    client,
    component: FIELD_MANAGER,
    clock: systemClock,
    logger,
  });
  const worker = createWorker({
    api: client,
    events,
    queue,
    clock: systemClock,
    logger,
    ...(natsUrl === undefined && { sweepMs: SWEEP_WITHOUT_HINTS_MS }),
    controllers: reconcilers.map((reconciler) => ({
      reconciler,
      kind: registry.resource(reconciler.resource),
      ports: ({ resource, object, fence }) => ({
        api: readAhead.port(api({ uid: object.metadata.uid, fence })),
        kube: clusters.kube,
        clock: systemClock,
        log: logger.with({
          resource,
          namespace: object.metadata.namespace,
          name: object.metadata.name,
        }),
      }),
    })),
  });
  return {
    start: async (signal) => {
      await queue.start(signal);
      await worker.start(signal);
    },
    stop: async () => {
      await worker.stop();
      await events.stop();
      await queue.stop();
      clusters.close();
      client.close();
    },
  };
}

try {
  const config = readConfig(process.env);
  const logger = createLogger('reconcilers', config.logLevel);
  runProcess(createReconcilers(config, logger), logger);
} catch (error) {
  createLogger('reconcilers').error('cannot start', { error: errorChain(error) });
  process.exitCode = 1;
}
