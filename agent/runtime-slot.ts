import { setTimeout as delay } from 'node:timers/promises';

import { isApiError } from '../sdk/api/errors.js';
import { errorChain } from '../sdk/error-chain.js';
import type { Logger } from '../sdk/logger.js';
import type { Part } from '../sdk/process.js';

export interface RuntimeSlotOptions {
  /** The kubeconfig as of now; undefined when there is none. */
  readonly read: () => Promise<string | undefined>;
  /** Makes the agent of the cluster that the kubeconfig reaches. */
  readonly create: (kubeconfig: string) => Part;
  readonly logger: Logger;
  /** Pause after a failed read. Default 2,000. */
  readonly retryMs?: number;
}

/**
 * Keeps one cluster's agent running with the newest kubeconfig: none while there is none, another
 * one when it has changed. What fails here stays here.
 */
export class RuntimeSlot {
  readonly #options: RuntimeSlotOptions;
  readonly #abort = new AbortController();
  #isStale = false;
  /** What was logged last, so that a fault that stays is not said at every look. */
  #said: string | undefined;
  #working: Promise<void> | undefined;
  #current: { readonly kubeconfig: string; readonly agent: Part } | undefined;

  constructor(options: RuntimeSlotOptions) {
    this.#options = options;
  }

  /** The kubeconfig may have changed: it is read again. Returns at once. */
  refresh(): void {
    this.#isStale = true;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#isStale && !this.#abort.signal.aborted) this.refresh();
    });
  }

  /** Idempotent. Resolves when the agent has stopped. */
  async stop(): Promise<void> {
    this.#abort.abort();
    await this.#working;
    await this.#end();
  }

  async #work(): Promise<void> {
    const { read, logger, retryMs = 2_000 } = this.#options;
    const { signal } = this.#abort;
    while (this.#isStale && !signal.aborted) {
      this.#isStale = false;
      try {
        await this.#use(await read());
        this.#said = undefined;
      } catch (error) {
        const text = errorChain(error);
        if (text !== this.#said)
          logger.warn('cannot start the agent of a cluster', { error: text });
        this.#said = text;
        // An unusable kubeconfig stays so until it is replaced.
        if (isApiError(error, 'Invalid')) continue;
        this.#isStale = true;
        await delay(retryMs, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  async #use(kubeconfig: string | undefined): Promise<void> {
    if (kubeconfig === this.#current?.kubeconfig || this.#abort.signal.aborted) return;
    await this.#end();
    if (kubeconfig === undefined) return;
    const agent = this.#options.create(kubeconfig);
    this.#current = { kubeconfig, agent };
    await agent.start(this.#abort.signal);
  }

  async #end(): Promise<void> {
    const agent = this.#current?.agent;
    this.#current = undefined;
    await agent?.stop();
  }
}
