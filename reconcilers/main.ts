import { createClient } from '../client/index.js';
import { errorChain } from '../sdk/error-chain.js';
import { createKubeClusters } from '../sdk/kube/kube-clusters.js';
import type { Logger } from '../sdk/logger.js';
import { createLogger } from '../sdk/logger.js';
import { watchEventLoop } from '../sdk/watchdog/watch-event-loop.js';
import type { Part } from '../sdk/process.js';
import { runProcess } from '../sdk/process.js';
import { loadTracer } from '../sdk/tracing/load-tracer.js';
import type { Tracer } from '../sdk/tracing/tracer.js';
import { createTelemetry } from '../sdk/run/telemetry.js';
import { InProcessQueue } from '../sdk/queue/in-process-queue.js';
import { JetStreamQueue } from '../sdk/queue/jetstream-queue.js';
import type { ReconcilersConfig } from './config.js';
import { readConfig } from './config.js';
import { createReconcilers } from './reconcilers.js';

const SWEEP_WITHOUT_HINTS_MS = 1_000;

/** The process: reconcilers with their connections. */
function createPart(config: ReconcilersConfig, logger: Logger, tracer?: Tracer): Part {
  const { server, token, ca, natsUrl, allowCredentialPlugins, leaseMs, resyncMs, metrics } = config;
  const client = createClient({
    server,
    token,
    ...(ca !== undefined && { ca }),
    ...(tracer !== undefined && { traceparent: () => tracer.current() }),
  });
  const clusters = createKubeClusters({ allowCredentialPlugins });
  const queue =
    natsUrl === undefined
      ? new InProcessQueue()
      : new JetStreamQueue({ url: natsUrl, name: 'threeport-reconcilers', logger });
  const telemetry = createTelemetry(metrics, tracer);
  const reconcilers = createReconcilers({
    client,
    queue,
    kube: ({ kubeconfig }) => clusters.kube(kubeconfig),
    logger,
    worker: {
      ...(natsUrl === undefined && { sweepMs: SWEEP_WITHOUT_HINTS_MS }),
      ...(leaseMs !== undefined && { leaseMs }),
      ...(resyncMs !== undefined && { resyncMs }),
      observers: telemetry.observers,
    },
  });
  return {
    start: async (signal) => {
      await telemetry.start(signal);
      if (telemetry.address !== '') logger.info('metrics', { address: telemetry.address });
      await queue.start(signal);
      await reconcilers.start(signal);
    },
    stop: async () => {
      await reconcilers.stop();
      await queue.stop();
      clusters.close();
      client.close();
      await telemetry.stop();
    },
  };
}

try {
  const config = readConfig(process.env);
  const logger = createLogger('reconcilers', config.logLevel);
  const tracer = await loadTracer(process.env, 'threeport-reconcilers');
  watchEventLoop({ part: 'reconcilers' });
  runProcess(createPart(config, logger, tracer), logger);
} catch (error) {
  createLogger('reconcilers').error('cannot start', { error: errorChain(error) });
  process.exitCode = 1;
}
