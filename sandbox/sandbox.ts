import { KindRegistry } from '../sdk/api/registry.js';
import type { Logger } from '../sdk/logger.js';
import type { Part } from '../sdk/process.js';
import { createApiServer } from '../server/api-server.js';
import type { ApiServer } from '../server/api-server.js';
import type { Authenticator } from '../server/auth/authenticator.js';
import { createGroupAuthorizer } from '../server/auth/authorizer.js';
import type { ListenOptions } from '../server/http-listener.js';
import { HttpListener } from '../server/http-listener.js';
import type { ObjectStore } from '../server/store/object-store.js';
import { SandboxAdmission } from './admission/sandbox-admission.js';
import { createBootstrapObjects } from './bootstrap-objects.js';
import { systemClock } from './clock.js';
import type { Clock } from './clock.js';
import { ClusterCache } from './cluster-cache.js';
import type { Controller, ControllerContext } from './controllers/controller.js';
import { ControlLoop } from './controllers/control-loop.js';
import { claimController } from './controllers/claim-controller.js';
import { daemonSetController } from './controllers/daemon-set-controller.js';
import { deploymentController } from './controllers/deployment-controller.js';
import { endpointsController } from './controllers/endpoints-controller.js';
import { EventRecorder } from './controllers/event-recorder.js';
import { jobController } from './controllers/job-controller.js';
import { Kubelet } from './controllers/kubelet.js';
import {
  ingressController,
  loadBalancerController,
} from './controllers/load-balancer-controller.js';
import { NamespaceContentController } from './controllers/namespace-content-controller.js';
import { quotaController } from './controllers/quota-controller.js';
import { replicaSetController } from './controllers/replica-set-controller.js';
import { statefulSetController } from './controllers/stateful-set-controller.js';
import { InProcessClient } from './in-process-client.js';
import { kubernetesKinds } from './kinds.js';
import { computedTable } from './printing/computed-tables.js';
import { POD_LOG_PATH, createPodLogHandler } from './pod-log-route.js';
import { RequestFaults } from './request-faults.js';

/** What most workloads consist of, or become. */
const HOT_KINDS = [
  'deployments.apps',
  'replicasets.apps',
  'pods',
  'services',
  'endpoints',
  'secrets',
  'events',
  'persistentvolumeclaims',
  'persistentvolumes',
  'statefulsets.apps',
  'jobs.batch',
  'daemonsets.apps',
  'ingresses.networking.k8s.io',
];
const PERMANENT_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export interface SandboxOptions {
  /** Started by the sandbox, and stopped after everything else. */
  readonly store: ObjectStore;
  readonly authenticator: Authenticator;
  readonly listen: ListenOptions;
  readonly logger: Logger;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** What goes wrong with requests on purpose. Default: nothing. */
  readonly faults?: RequestFaults;
}

/** A simulated Kubernetes cluster: an API server with Kubernetes' kinds, and its controllers. */
export interface Sandbox extends Part {
  /** `https://127.0.0.1:6443`; only once started. */
  readonly address: string;
}

/** Members of `system:masters` may do everything in it; it knows no other roles. */
export function createSandbox(options: SandboxOptions): Sandbox {
  const { store, logger, clock = systemClock } = options;
  const registry = new KindRegistry(kubernetesKinds());
  const cache = new ClusterCache(store, registry, logger);
  const server: ApiServer = createApiServer({
    registry,
    store,
    authenticator: options.authenticator,
    authorizer: createGroupAuthorizer(['system:masters']),
    admission: [new SandboxAdmission(cache, clock)],
    logger,
    version: 'sandbox',
    extraRoutes: [{ path: POD_LOG_PATH, handler: createPodLogHandler(cache) }],
    permanentNamespaces: PERMANENT_NAMESPACES,
    cells: computedTable,
    hotKinds: HOT_KINDS.map((resource) => registry.resource(resource)),
  });
  const faults = options.faults ?? new RequestFaults();
  const listener = new HttpListener(faults.around(server.handle), options.listen);
  const client = new InProcessClient(registry, server.service, cache);
  const events = new EventRecorder(cache, client, clock, logger);
  const context: ControllerContext = { cache, client, events, clock, logger };
  const controllers: readonly Controller[] = [
    new NamespaceContentController(String(options.listen.tls?.cert ?? '')),
    deploymentController,
    replicaSetController,
    statefulSetController,
    daemonSetController,
    jobController,
    new Kubelet(),
    endpointsController,
    loadBalancerController,
    ingressController,
    claimController,
    quotaController,
  ];
  const loops = controllers.map((controller) => new ControlLoop(controller, context));
  let stopped: Promise<void> | undefined;

  async function stop(): Promise<void> {
    const closed = listener.stop();
    await server.stop();
    await closed;
    await Promise.all(loops.map((loop) => loop.stop()));
    await cache.stop();
    await store.stop();
  }

  return {
    get address() {
      return listener.address;
    },
    async start(signal) {
      await store.start(signal);
      await store.addKind(...registry.list());
      await server.loadDefinitions();
      for (const loop of loops) loop.start();
      await cache.start();
      await createBootstrapObjects(cache, client, clock);
      await server.start(signal);
      await listener.start(signal);
    },
    stop: () => (stopped ??= stop()),
  };
}
