import type { Client } from '../client/index.js';
import { errorChain } from '../sdk/error-chain.js';
import { failpoint } from '../sdk/failpoint.js';
import { createDiscovery } from '../sdk/kube/discovery.js';
import { createKubeTransport } from '../sdk/kube/kube-transport.js';
import type { KubeTransport } from '../sdk/kube/kube-transport.js';
import type { Change } from '../sdk/kube/reflector.js';
import { Reflector } from '../sdk/kube/reflector.js';
import type { Logger } from '../sdk/logger.js';
import type { Part } from '../sdk/process.js';
import { createApiListWatch } from './api-list-watch.js';
import type { ProbeResult } from './cluster-probe.js';
import { probeCluster } from './cluster-probe.js';
import { ClusterStreams } from './cluster-streams.js';
import { InstanceIndex } from './instance-index.js';
import { buildReport } from './report.js';
import type { SenderTimes } from './report-sender.js';
import { defaultSenderTimes, ReportSender } from './report-sender.js';
import type { TrackedInstance } from './tracked-instance.js';
import { toTrackedInstance } from './tracked-instance.js';

export interface ClusterAgentOptions {
  /** Name of the KubernetesRuntimeInstance that this cluster is. */
  readonly runtime: string;
  readonly kubeconfig: string;
  /** Runs the program that the kubeconfig names for its credential. Default false. */
  readonly allowCredentialPlugins?: boolean;
  readonly client: Pick<Client, 'list' | 'watch' | 'report'>;
  readonly logger: Logger;
  readonly times?: Partial<SenderTimes>;
  /** A cluster that does not answer for so long is not reported on any more. Default 10,000. */
  readonly graceMs?: number;
}

const INSTANCES = 'workloadinstances.workload.threeport.io';
/** So many probes without an answer, and the open watches are not to be trusted either. */
const DISTRUST_AFTER_FAILURES = 2;

/**
 * Watches one cluster and reports the health of every workload instance that is placed on it. It
 * reports only what it knows to be current: not before everything was read once, and not while the
 * cluster cannot be reached; the control plane then takes the missing heartbeat for what it is.
 */
export class ClusterAgent implements Part {
  readonly #options: ClusterAgentOptions;
  readonly #transport: KubeTransport;
  readonly #abort = new AbortController();
  readonly #index = new InstanceIndex();
  readonly #instances: Reflector<TrackedInstance>;
  readonly #streams: ClusterStreams;
  readonly #sender: ReportSender;
  #running: Promise<unknown> = Promise.resolve();
  #probe: ProbeResult = { failures: 0, recoveredAfter: 0, answeredAtMs: performance.now() };
  /** Everything was read once since the start, or since the connections were made anew. */
  #isComplete = false;
  #isLive = false;

  /** Does no I/O. @throws ApiError Invalid when the text is no usable kubeconfig. */
  constructor(options: ClusterAgentOptions) {
    const { runtime, kubeconfig, client, logger } = options;
    this.#options = options;
    const { allowCredentialPlugins = false } = options;
    this.#transport = createKubeTransport(kubeconfig, { allowCredentialPlugins });
    this.#instances = new Reflector({
      source: createApiListWatch(client, INSTANCES, `spec.runtime=${runtime}`),
      keep: toTrackedInstance,
      onChange: (changes) => this.#followInstances(changes),
      onState: () => this.#followInstances([]),
      maxBackoffMs: 2_000,
    });
    this.#sender = new ReportSender({
      runtime,
      logger,
      post: (request, call) => client.report(request, call),
      uids: () => this.#index.uids(),
      build: (uid) => {
        const instance = this.#index.get(uid);
        const inventory = instance?.inventory;
        if (instance === undefined || inventory === undefined) return undefined;
        // A moment later it can be said in full; until then what was said before is no worse.
        if (inventory.some((entry) => this.#streams.isReading(entry))) return undefined;
        return buildReport({ ...instance, inventory }, this.#streams);
      },
      ...(options.times !== undefined && { times: options.times }),
    });
    this.#streams = new ClusterStreams({
      transport: this.#transport,
      discovery: createDiscovery(this.#transport),
      instances: this.#index,
      onTouched: (uids) => {
        failpoint('before-observe');
        for (const uid of uids) this.#sender.changed(uid);
      },
      onState: () => this.#judge(),
    });
  }

  /** Resolves at once: a cluster that cannot be reached is no reason not to start. */
  start(signal: AbortSignal): Promise<void> {
    const work = this.#abort.signal;
    const { heartbeatMs } = { ...defaultSenderTimes, ...this.#options.times };
    const intervalMs = Math.min(heartbeatMs, 5_000);
    const onResult = (result: ProbeResult): void => this.#probed(result);
    const probe = { transport: this.#transport, onResult, intervalMs, timeoutMs: 5_000 };
    this.#running = Promise.all([
      this.#instances.run(work),
      this.#sender.run(work),
      probeCluster(probe, work),
      this.#judgeInTime(work),
    ]);
    signal.addEventListener('abort', () => void this.stop(), { once: true, signal: work });
    return Promise.resolve();
  }

  /** Idempotent. Resolves when every connection is closed. */
  async stop(): Promise<void> {
    this.#abort.abort();
    const stopped = this.#streams.stop();
    // First this, or calls to a cluster that hangs would be waited for.
    this.#transport.close();
    await Promise.all([this.#running, stopped]);
  }

  #followInstances(changes: readonly Change<TrackedInstance>[]): void {
    if (this.#abort.signal.aborted) return;
    for (const { before, after } of changes) {
      if (before !== undefined && before.uid !== after?.uid) {
        this.#index.delete(before.uid);
        this.#sender.forget(before.uid);
      }
      if (after !== undefined) {
        this.#index.set(after);
        this.#sender.changed(after.uid);
      }
    }
    if (this.#instances.synced) this.#streams.followKinds();
    this.#judge();
  }

  #probed(result: ProbeResult): void {
    this.#probe = result;
    if (result.recoveredAfter >= DISTRUST_AFTER_FAILURES) {
      this.#isComplete = false;
      if (this.#instances.synced) this.#streams.reset();
    } else if (result.recoveredAfter > 0) {
      this.#streams.retryNow();
    }
    this.#judge();
  }

  /** Failures become serious by lasting: nothing but time tells. */
  #judgeInTime(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setInterval(() => this.#judge(), 1_000);
      const end = (): void => {
        clearInterval(timer);
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }

  #judge(): void {
    if (this.#abort.signal.aborted) return;
    this.#isComplete ||= this.#instances.synced && this.#streams.settled;
    const { graceMs = 10_000, runtime, logger } = this.#options;
    const limitMs = performance.now() - graceMs;
    const isReachable =
      this.#probe.answeredAtMs > limitMs &&
      (this.#streams.unreachableSinceMs ?? Infinity) > limitMs;
    const isLive = this.#isComplete && isReachable;
    if (isLive === this.#isLive) return;
    this.#isLive = isLive;
    if (isLive) {
      logger.info('reporting on the cluster', { runtime, endpoint: this.#transport.endpoint });
      this.#sender.resume();
    } else {
      const error = errorChain(this.#probe.error ?? 'its watches fail');
      logger.warn('the cluster cannot be reached, reports are held back', { runtime, error });
      this.#sender.pause();
    }
  }
}
