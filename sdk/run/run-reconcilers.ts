import type { Client } from '../../client/index.js';
import { createClient } from '../../client/index.js';
import { isApiError } from '../api/errors.js';
import { KindRegistry } from '../api/registry.js';
import { kinds } from '../api/zz_generated.kinds.js';
import { errorChain } from '../error-chain.js';
import { createKubeClusters } from '../kube/kube-clusters.js';
import type { Logger } from '../logger.js';
import { createLogger } from '../logger.js';
import type { Part } from '../process.js';
import { runProcess } from '../process.js';
import { InProcessQueue } from '../queue/in-process-queue.js';
import { JetStreamQueue } from '../queue/jetstream-queue.js';
import type { Reconciler } from '../runtime/reconciler.js';
import type { ConnectionChoice, RunConfig } from './config.js';
import { readConfig, tracerOf } from './config.js';
import { loadKinds, reconciledKind } from './load-kinds.js';
import { createReconcilerPart } from './reconciler-part.js';
import type { Tracer } from '../tracing/tracer.js';
import { watchEventLoop } from '../watchdog/watch-event-loop.js';
import { createTelemetry } from './telemetry.js';

export interface RunReconcilersOptions extends ConnectionChoice {
  readonly reconcilers: readonly Reconciler[];
  /** Names the process: in its log, as source of its events, as owner of the fields it applies. */
  readonly name: string;
  /** Further resources of CustomResourceDefinitions that the reconcilers read or apply. */
  readonly uses?: readonly string[];
}

const SWEEP_WITHOUT_HINTS_MS = 1_000;
/** Kubernetes' limit for the name of a field manager. */
const NAME = /^[a-z0-9]([-a-z0-9.]{0,126}[a-z0-9])?$/;

/**
 * Runs reconcilers as this process until SIGTERM or SIGINT: connects as `readConfig` says, takes the
 * kinds from the server, claims and reconciles. Says `{"ready":true}` when it works. Any number of such
 * processes share the work. It ends with code 1, and says what to do, when it cannot start.
 */
export function runReconcilers(options: RunReconcilersOptions): void {
  const logger = createLogger(options.name);
  let part: Part | undefined;
  watchEventLoop({ part: options.name });
  runProcess(
    {
      async start(signal) {
        if (!NAME.test(options.name)) throw new Error(`"${options.name}" cannot be a name`);
        const config = await readConfig(options);
        const tracer = await tracerOf(options.name);
        part = createAuthorPart(
          options,
          { ...config, ...(tracer !== undefined && { tracer }) },
          createLogger(options.name, config.logLevel),
        );
        await part.start(signal);
      },
      stop: async () => part?.stop(),
    },
    logger,
  );
}

function createAuthorPart(
  { reconcilers, name, uses = [] }: RunReconcilersOptions,
  {
    connection,
    natsUrl,
    allowCredentialPlugins,
    metrics,
    resyncMs,
    tracer,
  }: RunConfig & { readonly tracer?: Tracer },
  logger: Logger,
): Part {
  const registry = new KindRegistry(kinds);
  const client = createClient({
    ...connection,
    registry,
    ...(tracer !== undefined && { traceparent: () => tracer.current() }),
  });
  const clusters = createKubeClusters({ allowCredentialPlugins });
  const queue =
    natsUrl === undefined
      ? new InProcessQueue()
      : new JetStreamQueue({ url: natsUrl, name, logger });
  const telemetry = createTelemetry(metrics, tracer);
  let work: Part | undefined;
  return {
    async start(signal) {
      await telemetry.start(signal);
      const resources = reconcilers.map(({ resource }) => resource);
      await reachable(client, () => loadKinds(client, registry, [...resources, ...uses]));
      work = createReconcilerPart({
        reconcilers: reconcilers.map((reconciler) => ({
          reconciler,
          kind: reconciledKind(registry, reconciler.resource),
        })),
        client,
        queue,
        kube: ({ kubeconfig }) => clusters.kube(kubeconfig),
        fieldManager: name,
        logger,
        worker: {
          ...(natsUrl === undefined && { sweepMs: SWEEP_WITHOUT_HINTS_MS }),
          ...(resyncMs !== undefined && { resyncMs }),
          observers: telemetry.observers,
        },
      });
      await queue.start(signal);
      await work.start(signal);
      logger.info('reconciling', { resources, server: client.server });
    },
    async stop() {
      await work?.stop();
      await queue.stop();
      clusters.close();
      client.close();
      await telemetry.stop();
    },
  };
}

/** Says what to do about a server that is not there, or does not let this process in. */
async function reachable(client: Client, call: () => Promise<void>): Promise<void> {
  try {
    await call();
  } catch (error) {
    const because = (what: string): Error => new Error(`${what} (${errorChain(error)})`);
    if (isApiError(error, 'ServiceUnavailable')) {
      throw because(`nobody answers at ${client.server}: start the control plane with tptctl up`);
    }
    if (isApiError(error, 'Unauthorized') || isApiError(error, 'Forbidden')) {
      throw because(
        `${client.server} refuses this user: reconcilers need a token of the group ` +
          `threeport:reconcilers, or an administrator's`,
      );
    }
    throw error;
  }
}
