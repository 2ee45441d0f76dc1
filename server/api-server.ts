import express from 'express';
import type { RequestHandler } from 'express';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isApiError } from '../sdk/api/errors.js';
import type { KindDefinition } from '../sdk/api/kind.js';
import type { KindRegistry } from '../sdk/api/registry.js';
import { virtualKinds } from '../sdk/api/zz_generated.kinds.js';
import { errorChain } from '../sdk/error-chain.js';
import type { Logger } from '../sdk/logger.js';
import type { Tracer } from '../sdk/tracing/tracer.js';
import { badRequest, unknownPath } from './api-errors.js';
import type { Authenticator } from './auth/authenticator.js';
import type { Authorizer } from './auth/authorizer.js';
import { DefaultServiceAccounts } from './background/default-service-accounts.js';
import { EventExpiry } from './background/event-expiry.js';
import { createDefinitionAdmission } from './custom-resources/definition-admission.js';
import { CustomResources } from './custom-resources/custom-resources.js';
import { ServedDefinitions } from './custom-resources/served-definitions.js';
import { GarbageCollector, GC_CURSOR } from './background/garbage-collector.js';
import { LogCompaction } from './background/log-compaction.js';
import { LogFollower } from './background/log-follower.js';
import { NamespaceLifecycle } from './background/namespace-lifecycle.js';
import { StoredVersions } from './background/stored-versions.js';
import { createConversionAdmission } from './conversion/conversion-admission.js';
import { RowMigration } from './custom-resources/row-migration.js';
import { SchemaWarmUp } from './background/schema-warm-up.js';
import { createDiscoveryRouter } from './discovery/discovery-router.js';
import { OpenApiV3 } from './discovery/openapi-v3.js';
import { createExplorerRouter } from './explorer/explorer-router.js';
import { HttpListener } from './http-listener.js';
import type { ListenOptions } from './http-listener.js';
import { RequestMetrics } from './metrics/request-metrics.js';
import type { MetricSource } from './metrics/server-metrics.js';
import { ServerMetrics } from './metrics/server-metrics.js';
import type { AdmissionHook } from './resource/admission.js';
import { absentKinds } from './resource/absent-kinds.js';
import { createCoreAdmission } from './resource/core-admission.js';
import { NamespaceGate } from './resource/namespace-gate.js';
import { ObjectCodec } from './resource/object-codec.js';
import { WritePipeline } from './resource/write-pipeline.js';
import { ResourceService } from './resource-service.js';
import { compactionCheck, pingCheck, shutdownCheck, storeChecks } from './routes/health-checks.js';
import { createHealthRouter } from './routes/health-router.js';
import { InFlightLimit } from './routes/in-flight-limit.js';
import { RequestDispatcher } from './routes/request-dispatcher.js';
import { ResourceRoute } from './routes/resource-route.js';
import { sendError } from './routes/response.js';
import { WatchRoute } from './routes/watch-route.js';
import { SchemaValidator } from './schema/schema-validator.js';
import type { ObjectStore } from './store/object-store.js';
import { coreTable } from './table/core-tables.js';
import type { TableCells } from './table/table.js';
import { RequestTraces } from './tracing/request-traces.js';
import { WatchTail } from './watch/watch-tail.js';
import type { WorkRoute } from './work/work-route.js';

/** A route beside the resources. The caller is authenticated and allowed: `userOf(request)`. */
export interface ExtraRoute {
  /** Where the handler is mounted, as by Express. */
  readonly path: string;
  /** A handler or a whole Router. Paths of resources come here only for unknown subresources. */
  readonly handler: RequestHandler;
}

export interface ApiServerOptions {
  readonly registry: KindRegistry;
  /** Started before and stopped after the server, by whoever made it. */
  readonly store: ObjectStore;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  /** Hooks for the kinds of the registry, run in this order after those of the core kinds. */
  readonly admission?: readonly AdmissionHook[];
  readonly logger: Logger;
  /** Threeport's version, such as `0.1.0`. */
  readonly version: string;
  /** Absent: requests come by `handle` alone. */
  readonly listen?: ListenOptions;
  readonly extraRoutes?: readonly ExtraRoute[];
  /** The protocol of those who work on objects. Default: none. */
  readonly work?: WorkRoute;
  /** Follows requests. Default: nobody does. */
  readonly tracer?: Tracer;
  /** Told by `/metrics` beside the server's own. */
  readonly metrics?: readonly MetricSource[];
  /** Store cursors of others that follow the log: it is not compacted past them. */
  readonly logReaders?: readonly string[];
  /** Encrypts sensitive fields at rest. Default: one that stores them as they are. */
  readonly codec?: ObjectCodec;
  /** Default: one of its own. Give one to share compiled schemas with other parts. */
  readonly validator?: SchemaValidator;
  /** Made at start, never deleted. Default: `default`, `kube-system`, `threeport-system`. */
  readonly permanentNamespaces?: readonly string[];
  readonly limits?: {
    /** Larger bodies get 413. Default 3 MiB. */
    readonly maxBodyBytes?: number;
    /** More requests at once than this, watches aside, get 429. Default 400. */
    readonly maxInFlight?: number;
  };
  /** Kinds whose schemas are compiled while nothing else is to be done. Default: none. */
  readonly hotKinds?: readonly KindDefinition[];
  /** How objects of some kinds are printed; see TableCells. Default: those of the core group. */
  readonly cells?: TableCells;
  /**
   * How long after a change of a kind's versions every server works by it. Default: 5,000 for
   * definitions, 60,000 for built-in kinds after a start.
   */
  readonly settledAfterMs?: number;
  /** Milliseconds since the epoch, for the times in objects. Default: the system's clock. */
  readonly now?: () => number;
}

export interface ApiServer {
  /** Resolves when requests are answered. @throws Error when the address cannot be had. */
  start(signal: AbortSignal): Promise<void>;
  /** Ends watches, waits for running requests (5 s at most), stops background work. Idempotent. */
  stop(): Promise<void>;
  /** `https://127.0.0.1:6443`, without a slash at the end; '' until started, or when nobody listens. */
  readonly address: string;
  /** Answers one request, wherever it came from. */
  readonly handle: RequestListener;
  /** The rules of the API without HTTP, for parts in the same process. */
  readonly service: ResourceService;
  /** Serves a kind as another server does since a moment ago; false when there is none. */
  catchUp(group: string, plural: string): Promise<boolean>;
  /**
   * Serves the kinds of the definitions that the store holds. `start` does it; earlier only for who
   * works on the registry's kinds before.
   */
  loadDefinitions(): Promise<void>;
}

const DEFAULT_NAMESPACES: readonly string[] = ['default', 'kube-system', 'threeport-system'];
const DEFAULT_MAX_BODY_BYTES = 3 * 1024 * 1024;
const DEFAULT_MAX_IN_FLIGHT = 400;

/** A server of Kubernetes' API for the kinds of a registry. See docs of each option. */
export function createApiServer(options: ApiServerOptions): ApiServer {
  const { registry, store, logger, authenticator, authorizer } = options;
  registerVirtualKinds(registry);
  const permanentNamespaces = options.permanentNamespaces ?? DEFAULT_NAMESPACES;
  const codec = options.codec ?? new ObjectCodec(registry);
  const validator = options.validator ?? new SchemaValidator();
  const isReconciling = options.work !== undefined;
  const definitions = new ServedDefinitions({ registry, store, isReconciling });
  const pipeline = new WritePipeline({
    validator,
    hooks: [
      createCoreAdmission(permanentNamespaces),
      createDefinitionAdmission({ checks: { validator }, definitions, isReconciling }),
      createConversionAdmission({ registry, validator }),
      ...(options.admission ?? []),
    ],
  });
  const namespaces = new NamespaceGate({ registry, store });
  const service = new ResourceService({
    registry,
    store,
    codec,
    pipeline,
    namespaces,
    ...(options.now !== undefined && { now: options.now }),
  });
  const tail = new WatchTail({ store, codec, logger });
  const requestMetrics = new RequestMetrics(registry);
  const inFlight = new InFlightLimit(options.limits?.maxInFlight ?? DEFAULT_MAX_IN_FLIGHT);
  const metrics = new ServerMetrics({
    requests: requestMetrics,
    inFlight,
    store,
    more: options.metrics ?? [],
  });
  const watches = new WatchRoute({ tail, service, metrics: requestMetrics });
  const resources = new ResourceRoute({
    service,
    watches,
    reviews: { registry, authenticator, authorizer },
    maxBodyBytes: options.limits?.maxBodyBytes ?? DEFAULT_MAX_BODY_BYTES,
    cells: options.cells ?? coreTable,
  });
  const now = options.now ?? Date.now;
  const settled =
    options.settledAfterMs === undefined ? {} : { settledAfterMs: options.settledAfterMs };
  const migration = new RowMigration({ store, codec, definitions, logger });
  const customResources = new CustomResources({
    registry,
    store,
    service,
    tail,
    definitions,
    migration,
    logger,
    now,
    ...settled,
  });
  const catchUp = (group: string, plural: string): Promise<boolean> =>
    customResources.catchUp(group, plural);
  const readers = [GC_CURSOR, ...(options.logReaders ?? [])];
  const compaction = new LogCompaction({ store, logger, readers });
  const background = [
    tail,
    new LogFollower({
      store,
      logger,
      follower: 'namespace gate',
      handle: async (revisions) => void namespaces.observe(revisions),
      resync: async () => namespaces.forgetAll(),
    }),
    // Before the kinds of definitions come: those here are built in.
    new StoredVersions({ registry, store, migration, logger, ...settled }),
    customResources,
    new NamespaceLifecycle({ registry, store, service, logger, permanentNamespaces }),
    new DefaultServiceAccounts({ registry, store, service, logger }),
    new GarbageCollector({ registry, store, service, logger }),
    compaction,
    new EventExpiry({ registry, store, service, logger, now }),
    new SchemaWarmUp({ validator, kinds: options.hotKinds ?? [], logger }),
    metrics,
  ];

  let isStopping = false;
  registry.onRetired((kinds) => watches.closeWatchesOf(kinds));
  const dispatcher = new RequestDispatcher({
    registry,
    catchUp,
    authenticator,
    authorizer,
    resources,
    ...(options.work !== undefined && { work: options.work }),
    shell: createShell(options, { metrics, compaction, isStopping: () => isStopping }),
    inFlight,
    metrics: requestMetrics,
    ...(options.tracer !== undefined && { traces: new RequestTraces(options.tracer) }),
    logger,
  });
  const handle: RequestListener = (request, response) =>
    void dispatcher.dispatch(request, response);
  const listener = options.listen && new HttpListener(handle, options.listen);

  return {
    service,
    handle,
    catchUp,
    loadDefinitions: async () => void (await definitions.load()),
    get address() {
      return listener?.address ?? '';
    },
    async start(signal) {
      for (const part of background) await part.start(signal);
      await listener?.start(signal);
    },
    async stop() {
      if (isStopping) return;
      isStopping = true;
      const closed = listener?.stop();
      watches.closeAll();
      await closed;
      for (const part of background.toReversed()) await part.stop();
    },
  };
}

/** What is not stored: questions about access, other forms of stored kinds, kinds without objects. */
function registerVirtualKinds(registry: KindRegistry): void {
  for (const kind of [...virtualKinds, ...absentKinds]) {
    const isKnown = registry.find(kind.group, kind.version, kind.plural) !== undefined;
    const base = kind.viewOf && registry.findResource(kind.viewOf.resource);
    if (!isKnown && (kind.viewOf === undefined || base !== undefined)) registry.add(kind);
  }
}

/** Express around the resources: health, discovery and the extra routes. */
function createShell(
  options: ApiServerOptions,
  own: {
    readonly metrics: ServerMetrics;
    readonly compaction: LogCompaction;
    readonly isStopping: () => boolean;
  },
): RequestListener {
  const { registry, store, logger, version } = options;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // The authorizer takes a path by the letter; so must what answers.
  app.enable('case sensitive routing');
  const readyChecks = [
    pingCheck,
    ...storeChecks(store, logger),
    compactionCheck(own.compaction),
    shutdownCheck(own.isStopping),
  ];
  app.use(createHealthRouter({ liveChecks: [pingCheck], readyChecks, version }));
  app.all('/metrics', own.metrics.handler);
  const openApiV3 = new OpenApiV3(registry, version);
  app.use(createDiscoveryRouter({ registry, openApiV3, version }));
  app.use(createExplorerRouter({ registry, openApiV3, version }));
  for (const { path, handler } of options.extraRoutes ?? []) app.use(path, handler);
  app.use((request: IncomingMessage, response: ServerResponse) => {
    sendError(request, response, unknownPath());
  });
  app.use(
    (error: unknown, request: IncomingMessage, response: ServerResponse, _next: unknown): void => {
      // Express decodes the names in a path, or cannot.
      const known =
        error instanceof URIError ? badRequest('the path is not valid percent-encoding') : error;
      if (!isApiError(known)) {
        logger.error('a route failed', { path: request.url, error: errorChain(error) });
      }
      sendError(request, response, known);
    },
  );
  return app;
}
