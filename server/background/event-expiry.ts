import { isApiError } from '../../sdk/api/errors.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { KindRegistry } from '../../sdk/api/registry.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import { isJsonObject } from '../apply/json-object.js';
import { serverUser } from '../request-user.js';
import type { ResourceService } from '../resource-service.js';
import { objectPages } from '../store/object-pages.js';
import type { ObjectStore } from '../store/object-store.js';

const PAGE = 500;

export interface EventExpiryOptions {
  readonly registry: KindRegistry;
  readonly store: Pick<ObjectStore, 'list'>;
  readonly service: Pick<ResourceService, 'delete'>;
  readonly logger: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** An Event that did not happen again for this long goes. Default 1 hour, as in Kubernetes. */
  readonly maxAgeMs?: number;
  /** How often to look. Default 5 minutes. */
  readonly intervalMs?: number;
}

/**
 * Ends Events that are too old to explain anything. Looks at regular times; writes only when there
 * is one to end. Any number of servers may do so at once. Nothing to do without an Event kind.
 */
export class EventExpiry {
  readonly #options: EventExpiryOptions;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: EventExpiryOptions) {
    this.#options = options;
  }

  async start(_signal: AbortSignal): Promise<void> {
    this.#timer = setInterval(
      () => {
        this.#running ??= this.expire().finally(() => (this.#running = undefined));
      },
      this.#options.intervalMs ?? 5 * 60_000,
    ).unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** One look. Failures are logged; the next look tries again. */
  async expire(): Promise<void> {
    const { registry, logger } = this.#options;
    const kind = registry.findResource('events');
    if (kind === undefined) return;
    try {
      await this.#expireAll(kind);
    } catch (error) {
      logger.warn('cannot end old events yet', { error: errorChain(error) });
    }
  }

  async #expireAll(kind: KindDefinition): Promise<void> {
    const { store, now, maxAgeMs = 3_600_000 } = this.#options;
    for await (const { items } of objectPages(store, kind, { limit: PAGE })) {
      for (const { json } of items) {
        if (this.#stopped) return;
        const event = JSON.parse(json) as StoredApiObject;
        if (now() - lastSeenMs(event) > maxAgeMs) await this.#end(kind, event);
      }
    }
  }

  async #end(kind: KindDefinition, { metadata }: StoredApiObject): Promise<void> {
    const { namespace = '', name, uid, resourceVersion } = metadata;
    try {
      await this.#options.service.delete(
        { kind, namespace, name },
        {
          user: serverUser('event-expiry'),
          dryRun: false,
          propagationPolicy: 'Background',
          preconditions: { uid, resourceVersion },
        },
      );
    } catch (error) {
      // Ended by another server, or it happened again just now.
      if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
    }
  }
}

/** When the event happened last, by whichever of its times says so. */
function lastSeenMs(event: StoredApiObject): number {
  const { series } = event;
  const times = [
    event.metadata.creationTimestamp,
    event['lastTimestamp'],
    event['eventTime'],
    isJsonObject(series) ? series['lastObservedTime'] : undefined,
  ];
  const known = times.map((time) => Date.parse(String(time))).filter((ms) => !Number.isNaN(ms));
  return Math.max(...known, 0);
}
