import type { RequestListener } from 'node:http';
import { KindRegistry } from '../sdk/api/registry.js';
import { kinds } from '../sdk/api/zz_generated.kinds.js';
import type { Logger } from '../sdk/logger.js';
import type { Tracer } from '../sdk/tracing/tracer.js';
import type { Part } from '../sdk/process.js';
import type { WakeQueue } from '../sdk/queue/wake-queue.js';
import type { ApiServer } from './api-server.js';
import { createApiServer } from './api-server.js';
import type { Authenticator } from './auth/authenticator.js';
import { createControlPlaneAuthorizer } from './auth/control-plane-authorizer.js';
import type { FieldCipher } from './crypto/field-cipher.js';
import type { ListenOptions } from './http-listener.js';
import { JournalCompaction } from './background/journal-compaction.js';
import { createNotifier, NOTIFIER_CURSOR } from './notifier/notifier.js';
import { ObjectCodec } from './resource/object-codec.js';
import { SchemaValidator } from './schema/schema-validator.js';
import type { JournalLimits } from './store/journal-store.js';
import type { ObjectStore } from './store/object-store.js';
import { traceStore } from './tracing/trace-store.js';
import { createWhyRoute } from './why/why-route.js';
import { BacklogMetrics } from './metrics/backlog-metrics.js';
import { WorkMetrics } from './work/work-metrics.js';
import { WorkRoute } from './work/work-route.js';

export interface ControlPlaneOptions {
  /** Made for the registry's kinds; started first and stopped last. */
  readonly store: ObjectStore;
  /** Default: Threeport's own kinds. */
  readonly registry?: KindRegistry;
  /** Carries hints to workers; started and stopped with the rest. */
  readonly queue: WakeQueue;
  readonly authenticator: Authenticator;
  /** Absent: Secrets are stored as they are. For tests only. */
  readonly cipher?: FieldCipher;
  /** Default: one of its own. Give one to share compiled schemas with other parts. */
  readonly validator?: SchemaValidator;
  readonly logger: Logger;
  /** Follows requests. Default: nobody does. */
  readonly tracer?: Tracer;
  readonly version: string;
  /** As for an ApiServer. */
  readonly settledAfterMs?: number;
  /** What of the journal is kept. Default: that of JournalCompaction. */
  readonly journal?: JournalLimits;
  /** Absent: requests come by `handle` alone. */
  readonly listen?: ListenOptions;
}

/** Threeport's server as one part. */
export interface ControlPlane extends Part {
  /** `https://127.0.0.1:7443`; '' until started, or when nobody listens. */
  readonly address: string;
  /** Answers one request, wherever it came from. */
  readonly handle: RequestListener;
}

/** Threeport's own API: its kinds on a store, the notifier behind it, the worker protocol beside. */
export function createControlPlane(options: ControlPlaneOptions): ControlPlane {
  const { tracer, queue, authenticator, cipher, logger, version, listen } = options;
  const store = tracer === undefined ? options.store : traceStore(options.store, tracer);
  const registry = options.registry ?? new KindRegistry(kinds);
  const codec = new ObjectCodec(registry, cipher);
  const validator = options.validator ?? new SchemaValidator();
  const workMetrics = new WorkMetrics();
  const work = new WorkRoute(
    {
      registry,
      store,
      codec,
      validator,
      logger,
      nowMs: Date.now,
      catchUp: (group, plural) => server.catchUp(group, plural),
    },
    workMetrics,
  );
  const notifier = createNotifier({
    store,
    registry,
    queue,
    logger,
    ...(tracer !== undefined && { tracer }),
  });
  const backlog = new BacklogMetrics({ store, registry, notifier });
  const server: ApiServer = createApiServer({
    registry,
    store,
    authenticator,
    authorizer: createControlPlaneAuthorizer({ registry, store }),
    logger,
    version,
    ...(listen !== undefined && { listen }),
    ...(options.settledAfterMs !== undefined && { settledAfterMs: options.settledAfterMs }),
    work,
    extraRoutes: [createWhyRoute({ registry, store, codec })],
    codec,
    validator,
    logReaders: [NOTIFIER_CURSOR],
    metrics: [workMetrics, backlog],
    ...(tracer !== undefined && { tracer }),
  });
  const journal = new JournalCompaction({
    store,
    logger,
    ...(options.journal !== undefined && { limits: options.journal }),
  });

  return {
    handle: server.handle,
    get address() {
      return server.address;
    },
    async start(signal) {
      await store.start(signal);
      await queue.start(signal);
      await notifier.start(signal);
      await server.start(signal);
      await journal.start(signal);
    },
    async stop() {
      await journal.stop();
      await server.stop();
      await notifier.stop();
      await queue.stop();
      await store.stop();
    },
  };
}
