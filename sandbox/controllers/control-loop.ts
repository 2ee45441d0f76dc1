import { isConflict } from '../../sdk/api/errors.js';
import { formatKey } from '../../sdk/api/object.js';
import type { ObjectKey } from '../../sdk/api/object.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Controller, ControllerContext } from './controller.js';

const CONCURRENCY = 16;
const SETTLE_MS = 50;
const FIRST_RETRY_MS = 50;
const MAX_RETRY_MS = 30_000;

interface Item {
  readonly key: ObjectKey;
  failures: number;
  running: boolean;
  /** Asked for again while it ran. */
  dirty: boolean;
  timer?: NodeJS.Timeout;
}

/**
 * Runs one controller: collects the keys that changes ask for, each once, and reconciles up to 16
 * at a time. It looks 50 ms after the first change, as late as a cluster's controllers come round
 * to it: what changes together is looked at once. A failure is tried again after 50 ms, doubling up
 * to 30 s; a conflict at once.
 */
export class ControlLoop {
  readonly #controller: Controller;
  readonly #context: ControllerContext;
  readonly #items = new Map<string, Item>();
  readonly #collected: Item[] = [];
  readonly #ready: Item[] = [];
  #settling: NodeJS.Timeout | undefined;
  readonly #running = new Set<Promise<void>>();
  #unsubscribe: (() => void) | undefined;
  #stopped = false;

  constructor(controller: Controller, context: ControllerContext) {
    this.#controller = controller;
    this.#context = {
      ...context,
      logger: context.logger.with({ controller: controller.name }),
    };
  }

  /** Follows the cache from now; start the cache afterwards, so that nothing is missed. */
  start(): void {
    const { cache } = this.#context;
    this.#unsubscribe = cache.subscribe((change) => {
      for (const key of this.#controller.keysFor(change, cache)) this.#enqueue(key);
    });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    clearTimeout(this.#settling);
    for (const item of this.#items.values()) clearTimeout(item.timer);
    await Promise.all(this.#running);
  }

  #enqueue(key: ObjectKey): void {
    if (this.#stopped) return;
    const id = formatKey(key);
    let item = this.#items.get(id);
    if (item === undefined) {
      item = { key, failures: 0, running: false, dirty: false };
      this.#items.set(id, item);
    } else if (item.running || item.dirty) {
      item.dirty = true;
      return;
    }
    clearTimeout(item.timer);
    delete item.timer;
    item.dirty = true;
    this.#collected.push(item);
    this.#settling ??= setTimeout(() => {
      this.#settling = undefined;
      this.#ready.push(...this.#collected.splice(0));
      this.#fill();
    }, SETTLE_MS);
  }

  #fill(): void {
    while (this.#running.size < CONCURRENCY && !this.#stopped) {
      const item = this.#ready.shift();
      if (item === undefined) return;
      item.dirty = false;
      item.running = true;
      const run = this.#run(item).finally(() => {
        this.#running.delete(run);
        this.#fill();
      });
      this.#running.add(run);
    }
  }

  async #run(item: Item): Promise<void> {
    let againMs: number | undefined;
    try {
      againMs = await this.#controller.reconcile(item.key, this.#context);
      item.failures = 0;
    } catch (error) {
      item.failures++;
      againMs = isConflict(error)
        ? 0
        : Math.min(MAX_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(item.failures - 1, 20));
      this.#context.logger.debug('reconcile failed, trying again', {
        key: formatKey(item.key),
        error: errorChain(error),
        againMs,
      });
    }
    item.running = false;
    if (item.dirty) {
      item.dirty = false;
      this.#enqueue(item.key);
    } else if (againMs !== undefined && !this.#stopped) {
      item.timer = setTimeout(() => this.#enqueue(item.key), againMs);
    } else {
      this.#items.delete(formatKey(item.key));
    }
  }
}
