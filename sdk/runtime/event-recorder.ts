import { createHash } from 'node:crypto';
import { isAlreadyExists, isApiError } from '../api/errors.js';
import type { ApiObject, StoredApiObject } from '../api/object.js';
import { errorChain } from '../error-chain.js';
import type { Logger } from '../logger.js';
import type { ClockPort } from '../ports/ports.js';
import { TokenBucket } from './token-bucket.js';

/** What happened to an object, in words for people. */
export interface ObjectEvent {
  readonly type: 'Normal' | 'Warning';
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
}

/** Where events go. Returns at once and never throws. */
export interface EventSink {
  record(object: StoredApiObject, event: ObjectEvent): void;
}

/** What the recorder needs of a REST client; `Client` of `client/` is one. */
export interface EventClient {
  find(
    resource: string,
    key: EventKey,
    options: { readonly timeoutMs: number },
  ): Promise<StoredApiObject | undefined>;
  create(object: ApiObject, options: EventWriteOptions): Promise<unknown>;
  patch(
    resource: string,
    key: EventKey,
    patch: { readonly type: 'merge'; readonly body: unknown },
    options: EventWriteOptions,
  ): Promise<unknown>;
}

export interface EventRecorderOptions {
  readonly client: EventClient;
  /** Who says so: `threeport-reconcilers`. */
  readonly component: string;
  readonly clock: ClockPort;
  readonly logger: Logger;
  /** Events wait this long, so that they come after the work they tell of. Default 250. */
  readonly delayMs?: number;
}

interface EventKey {
  readonly namespace: string;
  readonly name: string;
}

interface EventWriteOptions {
  readonly fieldManager: string;
  readonly timeoutMs: number;
}

/** One event of one object, and how often it happened since it was last written. */
interface Occurrence {
  readonly key: EventKey;
  readonly object: StoredApiObject;
  readonly event: ObjectEvent;
  readonly firstMs: number;
  lastMs: number;
  unwritten: number;
  writtenMs: number | undefined;
}

const EVENTS = 'events';
const DEFAULT_NAMESPACE = 'default';
/** An object that goes on failing in one way is written about this often at most. */
const REPEAT_MS = 3 * 60_000;
/** What did not happen for this long is forgotten here; its Event is found again by its name. */
const FORGET_MS = 10 * 60_000;
const MAX_REMEMBERED = 5_000;
const MAX_WAITING = 500;
const MAX_MESSAGE_CHARS = 1_024;
const MAX_NAME_CHARS = 253;
const CALL_TIMEOUT_MS = 5_000;
const STOP_TIMEOUT_MS = 1_000;
/** Of one object: so many writes at once, then one in five minutes, as Kubernetes' own recorder has it. */
const OBJECT_BURST = 25;
const OBJECT_PER_SECOND = 1 / 300;
const ALL_BURST = 500;
const ALL_PER_SECOND = 20;
const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;

/**
 * Writes Kubernetes Events about objects: what `describe` shows. The same event of the same object
 * is one Event, whose count goes up, at most every three minutes. One at a time, in their order, after
 * the work they tell of. While the server is away they wait; what is too much, for one object or in all,
 * is left out, as is what cannot be written. Events explain: nothing may depend on them.
 */
export class EventRecorder implements EventSink {
  readonly #options: EventRecorderOptions;
  /** By the name of the Event; the one that happened longest ago first. */
  readonly #occurrences = new Map<string, Occurrence>();
  readonly #waiting = new Set<Occurrence>();
  /** By uid; the one that was written about longest ago first. */
  readonly #ofObjects = new Map<string, TokenBucket>();
  readonly #ofAll: TokenBucket;
  #retryMs = FIRST_RETRY_MS;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #stopped = false;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#ofAll = new TokenBucket(ALL_BURST, ALL_PER_SECOND, options.clock.nowMs());
  }

  record(object: StoredApiObject, event: ObjectEvent): void {
    if (this.#stopped) return;
    const nowMs = this.#options.clock.nowMs();
    const occurrence = this.#occurrenceOf(object, event, nowMs);
    occurrence.lastMs = nowMs;
    occurrence.unwritten += 1;
    const { writtenMs } = occurrence;
    if (writtenMs !== undefined && nowMs - writtenMs < REPEAT_MS) return;
    if (this.#waiting.has(occurrence) || this.#waiting.size >= MAX_WAITING) return;
    if (!this.#mayWrite(object.metadata.uid, nowMs)) return;
    this.#waiting.add(occurrence);
    this.#timer ??= setTimeout(() => this.#flush(), this.#options.delayMs ?? 250);
  }

  /** Writes what waits, for a second at most. Nothing is recorded any more. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_TIMEOUT_MS);
    });
    await Promise.race([this.#writeAll(), limit]);
    clearTimeout(timer);
    this.#waiting.clear();
  }

  #mayWrite(uid: string, nowMs: number): boolean {
    const bucket =
      this.#ofObjects.get(uid) ?? new TokenBucket(OBJECT_BURST, OBJECT_PER_SECOND, nowMs);
    this.#ofObjects.delete(uid);
    this.#ofObjects.set(uid, bucket);
    for (const oldest of this.#ofObjects.keys()) {
      if (this.#ofObjects.size <= MAX_REMEMBERED) break;
      this.#ofObjects.delete(oldest);
    }
    return bucket.take(nowMs) && this.#ofAll.take(nowMs);
  }

  #occurrenceOf(object: StoredApiObject, event: ObjectEvent, nowMs: number): Occurrence {
    const message = event.message.slice(0, MAX_MESSAGE_CHARS);
    const key = keyOf(object, { ...event, message });
    const id = `${key.namespace}/${key.name}`;
    let occurrence = this.#occurrences.get(id);
    if (occurrence === undefined || nowMs - occurrence.lastMs > FORGET_MS) {
      occurrence = {
        key,
        object,
        event: { ...event, message },
        firstMs: nowMs,
        lastMs: nowMs,
        unwritten: 0,
        writtenMs: undefined,
      };
    }
    this.#occurrences.delete(id);
    this.#occurrences.set(id, occurrence);
    for (const [oldId, { lastMs }] of this.#occurrences) {
      if (nowMs - lastMs <= FORGET_MS && this.#occurrences.size <= MAX_REMEMBERED) break;
      this.#occurrences.delete(oldId);
    }
    return occurrence;
  }

  #flush(): void {
    this.#timer = undefined;
    void this.#writeAll();
  }

  #writeAll(): Promise<void> {
    this.#writing ??= this.#drain().finally(() => (this.#writing = undefined));
    return this.#writing;
  }

  async #drain(): Promise<void> {
    for (const occurrence of this.#waiting) {
      const { unwritten } = occurrence;
      try {
        await this.#write(occurrence);
        occurrence.unwritten -= unwritten;
        this.#retryMs = FIRST_RETRY_MS;
      } catch (error) {
        if (isAway(error) && !this.#stopped) {
          this.#retryLater();
          return;
        }
        // Most often the object's namespace is going.
        this.#options.logger.debug('cannot record an event', {
          reason: occurrence.event.reason,
          error: errorChain(error),
        });
      }
      this.#waiting.delete(occurrence);
      occurrence.writtenMs = this.#options.clock.nowMs();
    }
  }

  /** The same one first: those behind it would fare no better. */
  #retryLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#flush(), this.#retryMs);
    this.#retryMs = Math.min(this.#retryMs * 2, LONGEST_RETRY_MS);
  }

  async #write(occurrence: Occurrence): Promise<void> {
    const { client, component } = this.#options;
    const { key } = occurrence;
    const options = { fieldManager: component, timeoutMs: CALL_TIMEOUT_MS };
    try {
      await client.create(this.#eventObject(occurrence), options);
      return;
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
    const present = await client.find(EVENTS, key, { timeoutMs: CALL_TIMEOUT_MS });
    const before = typeof present?.['count'] === 'number' ? present['count'] : 0;
    const body = {
      count: before + occurrence.unwritten,
      lastTimestamp: timestamp(occurrence.lastMs),
    };
    await client.patch(EVENTS, key, { type: 'merge', body }, options);
  }

  #eventObject({ key, object, event, unwritten, firstMs, lastMs }: Occurrence): ApiObject {
    const { component } = this.#options;
    const { name, namespace, uid, resourceVersion } = object.metadata;
    return {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { ...key },
      involvedObject: {
        apiVersion: object.apiVersion,
        kind: object.kind,
        name,
        ...(namespace !== undefined && { namespace }),
        uid,
        resourceVersion,
      },
      ...event,
      source: { component },
      reportingComponent: component,
      reportingInstance: '',
      firstTimestamp: timestamp(firstMs),
      lastTimestamp: timestamp(lastMs),
      count: unwritten,
    };
  }
}

function isAway(error: unknown): boolean {
  return (
    isApiError(error) &&
    ['ServiceUnavailable', 'Timeout', 'TooManyRequests', 'InternalError'].includes(error.reason)
  );
}

/** The same for the same event, so that it is found again, whoever wrote it. */
function keyOf({ metadata }: StoredApiObject, { type, reason, message }: ObjectEvent): EventKey {
  const hash = createHash('sha256')
    .update(JSON.stringify([metadata.uid, type, reason, message]))
    .digest('hex')
    .slice(0, 16);
  const stem = metadata.name.slice(0, MAX_NAME_CHARS - hash.length - 1).replace(/[-.]+$/, '');
  return { namespace: metadata.namespace ?? DEFAULT_NAMESPACE, name: `${stem}.${hash}` };
}

function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
