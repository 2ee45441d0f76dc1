import { performance } from 'node:perf_hooks';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { SchemaValidator } from '../schema/schema-validator.js';

export interface SchemaWarmUpOptions {
  readonly validator: Pick<SchemaValidator, 'prepare'>;
  /** In this order. */
  readonly kinds: readonly KindDefinition[];
  readonly logger: Logger;
  /** How long the process must have been idle before each kind. Default 250. */
  readonly idleMs?: number;
}

/** A process that was busy for less of the time than this counts as idle. */
const IDLE_UTILIZATION = 0.3;

/**
 * Compiles schemas that will be needed, one kind at a time, while the process has nothing better to
 * do: the first object of a kind then does not wait for it.
 */
export class SchemaWarmUp {
  readonly #options: SchemaWarmUpOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: SchemaWarmUpOptions) {
    this.#options = options;
  }

  async start(_signal: AbortSignal): Promise<void> {
    this.#lookLater([...this.#options.kinds]);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #lookLater(left: readonly KindDefinition[]): void {
    const [next, ...others] = left;
    if (this.#stopped || next === undefined) return;
    const since = performance.eventLoopUtilization();
    this.#timer = setTimeout(() => {
      const { utilization } = performance.eventLoopUtilization(since);
      if (utilization > IDLE_UTILIZATION) this.#lookLater(left);
      else this.#running = this.#prepare(next).then(() => this.#lookLater(others));
    }, this.#options.idleMs ?? 250).unref();
  }

  async #prepare(kind: KindDefinition): Promise<void> {
    try {
      await this.#options.validator.prepare(kind);
    } catch (error) {
      // Whoever writes such an object is told.
      this.#options.logger.debug('cannot prepare a schema', {
        kind: kind.kind,
        error: errorChain(error),
      });
    }
  }
}
