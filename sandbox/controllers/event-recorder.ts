import type { StoredApiObject } from '../../sdk/api/object.js';
import { errorChain } from '../../sdk/error-chain.js';
import type { Logger } from '../../sdk/logger.js';
import type { Clock } from '../clock.js';
import { formatTime } from '../clock.js';
import type { ClusterCache } from '../cluster-cache.js';
import type { ClusterClient } from '../cluster-client.js';
import { randomSuffix } from './names.js';

/** Oldest events above this many in a namespace are dropped when another is recorded. */
const MAX_EVENTS_PER_NAMESPACE = 1_000;

export interface EventText {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

type EventObject = StoredApiObject & { count?: number; involvedObject?: { uid?: string } };

/**
 * Writes Kubernetes Events. The same event of the same object again raises its count. Never throws:
 * an event that cannot be written is only logged.
 */
export class EventRecorder {
  readonly #cache: ClusterCache;
  readonly #client: ClusterClient;
  readonly #clock: Clock;
  readonly #logger: Logger;

  constructor(cache: ClusterCache, client: ClusterClient, clock: Clock, logger: Logger) {
    this.#cache = cache;
    this.#client = client;
    this.#clock = clock;
    this.#logger = logger;
  }

  async record(object: StoredApiObject, component: string, event: EventText): Promise<void> {
    const namespace = object.metadata.namespace ?? 'default';
    const now = formatTime(this.#clock.nowMs());
    try {
      const events = this.#cache.list<EventObject>('events', namespace);
      const same = events.find(
        (candidate) =>
          candidate.involvedObject?.uid === object.metadata.uid &&
          candidate['reason'] === event.reason &&
          candidate['message'] === event.message,
      );
      if (same !== undefined) {
        await this.#client.update({ ...same, count: (same.count ?? 1) + 1, lastTimestamp: now });
        return;
      }
      await this.#client.create({
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: `${object.metadata.name}.${randomSuffix(this.#clock, 16)}`, namespace },
        involvedObject: {
          apiVersion: object.apiVersion,
          kind: object.kind,
          name: object.metadata.name,
          ...(object.metadata.namespace !== undefined && { namespace }),
          uid: object.metadata.uid,
          resourceVersion: object.metadata.resourceVersion,
        },
        ...event,
        source: { component },
        reportingComponent: component,
        reportingInstance: '',
        firstTimestamp: now,
        lastTimestamp: now,
        count: 1,
      });
      await this.#dropOldest(events);
    } catch (error) {
      this.#logger.debug('cannot record an event', {
        reason: event.reason,
        error: errorChain(error),
      });
    }
  }

  async #dropOldest(events: EventObject[]): Promise<void> {
    if (events.length < MAX_EVENTS_PER_NAMESPACE) return;
    const time = (event: EventObject): string => String(event['lastTimestamp'] ?? '');
    const oldest = events.sort((a, b) => (time(a) < time(b) ? -1 : 1))[0];
    if (oldest === undefined) return;
    await this.#client.delete({
      resource: 'events',
      namespace: oldest.metadata.namespace ?? '',
      name: oldest.metadata.name,
      uid: oldest.metadata.uid,
    });
  }
}
