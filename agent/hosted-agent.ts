import { setTimeout as delay } from 'node:timers/promises';

import type { Client } from '../client/index.js';
import type { ApiObject } from '../sdk/api/object.js';
import type { KubernetesRuntimeInstanceSpec } from '../sdk/api/zz_generated.types.js';
import type { Change } from '../sdk/kube/reflector.js';
import { Reflector } from '../sdk/kube/reflector.js';
import { readRuntimeKubeconfig } from '../sdk/kube/runtime-kubeconfig.js';
import { createSecrets } from '../sdk/ports/secrets-port.js';
import type { Logger } from '../sdk/logger.js';
import type { Part } from '../sdk/process.js';
import { createApiListWatch } from './api-list-watch.js';
import type { SenderTimes } from './report-sender.js';
import { ClusterAgent } from './cluster-agent.js';
import { RuntimeSlot } from './runtime-slot.js';

export interface HostedAgentOptions {
  readonly client: Pick<Client, 'list' | 'watch' | 'report' | 'find'>;
  readonly logger: Logger;
  readonly times?: Partial<SenderTimes>;
  /** Runs the programs that kubeconfigs name for their credential. Default false. */
  readonly allowCredentialPlugins?: boolean;
  /** Between two looks at the Secrets with the kubeconfigs. Default 10,000. */
  readonly secretIntervalMs?: number;
}

const RUNTIMES = 'kubernetesruntimeinstances.kubernetes.threeport.io';

/**
 * Runs the agents of all registered clusters in this process, beside the control plane: one per
 * KubernetesRuntimeInstance, with the kubeconfig of the Secret that its spec names.
 */
export class HostedAgent implements Part {
  readonly #options: HostedAgentOptions;
  readonly #abort = new AbortController();
  readonly #slots = new Map<string, RuntimeSlot>();
  readonly #stopping = new Set<Promise<void>>();
  readonly #runtimes: Reflector<KubernetesRuntimeInstanceSpec>;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: HostedAgentOptions) {
    this.#options = options;
    this.#runtimes = new Reflector({
      maxBackoffMs: 2_000,
      source: createApiListWatch(options.client, RUNTIMES),
      keep: (object: ApiObject) => object.spec as KubernetesRuntimeInstanceSpec,
      onChange: (changes) => this.#followRuntimes(changes),
    });
  }

  /** Resolves at once; the runtimes are read as soon as the API answers. */
  start(signal: AbortSignal): Promise<void> {
    const work = this.#abort.signal;
    this.#running = Promise.all([this.#runtimes.run(work), this.#refreshInTime(work)]);
    signal.addEventListener('abort', () => void this.stop(), { once: true, signal: work });
    return Promise.resolve();
  }

  /** Idempotent. Resolves when the agents of all clusters have stopped. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#running;
    await Promise.all([...this.#stopping, ...[...this.#slots.values()].map((slot) => slot.stop())]);
  }

  #followRuntimes(changes: readonly Change<KubernetesRuntimeInstanceSpec>[]): void {
    if (this.#abort.signal.aborted) return;
    for (const { key, after } of changes) {
      const slot = this.#slots.get(key);
      if (after !== undefined) {
        (slot ?? this.#open(key)).refresh();
      } else if (slot !== undefined) {
        this.#slots.delete(key);
        const stopped = slot.stop().finally(() => this.#stopping.delete(stopped));
        this.#stopping.add(stopped);
      }
    }
  }

  /** An agent may read the Secrets that runtimes name, but not watch Secrets: so it looks again. */
  async #refreshInTime(signal: AbortSignal): Promise<void> {
    const { secretIntervalMs = 10_000 } = this.#options;
    while (!signal.aborted) {
      await delay(secretIntervalMs, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) for (const slot of this.#slots.values()) slot.refresh();
    }
  }

  #open(runtime: string): RuntimeSlot {
    const { client, times, allowCredentialPlugins = false } = this.#options;
    const logger = this.#options.logger.with({ runtime });
    const slot = new RuntimeSlot({
      logger,
      read: () => this.#readKubeconfig(runtime),
      create: (kubeconfig) =>
        new ClusterAgent({
          runtime,
          kubeconfig,
          allowCredentialPlugins,
          client,
          logger,
          ...(times !== undefined && { times }),
        }),
    });
    this.#slots.set(runtime, slot);
    return slot;
  }

  async #readKubeconfig(runtime: string): Promise<string | undefined> {
    const spec = this.#runtimes.get(runtime);
    if (spec === undefined) return undefined;
    const kubeconfig = await readRuntimeKubeconfig(createSecrets(this.#options.client), spec);
    // What is missing is said by the runtime's own conditions.
    return 'text' in kubeconfig ? kubeconfig.text : undefined;
  }
}
