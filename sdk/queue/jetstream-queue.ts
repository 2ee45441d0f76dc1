import { setTimeout as delay } from 'node:timers/promises';
import type { JetStreamClient, JsMsg, MsgHdrs, NatsConnection } from 'nats';
import { connect, headers as createHeaders } from 'nats';
import { errorChain } from '../error-chain.js';
import type { Logger } from '../logger.js';
import { parseNatsUrl } from './nats-address.js';
import type { WakeHandler, WakeHint, WakeQueue } from './wake-queue.js';
import { keyOfSubject, wakeSubject } from './wake-subject.js';
import { apiErrorCode, consumeHints, createWakeStream, isNoStream } from './wake-stream.js';

export interface JetStreamQueueOptions {
  /** `nats://user:password@host:port`. */
  readonly url: string;
  /** Name of the connection, as `nats` tools list it. */
  readonly name: string;
  readonly logger: Logger;
}

/** Header of a hint: W3C Trace Context. */
const TRACEPARENT = 'traceparent';
const PUBLISH_TIMEOUT_MS = 100;
const RETRY_MS = 500;
const STOP_TIMEOUT_MS = 2_000;
/** "maximum messages per subject exceeded": a hint for the object is pending already. */
const HINT_PENDING = 10077;

/**
 * Hints through NATS JetStream (nats-server 2.9 or newer): a work queue that keeps at most one
 * message per object. A message is acknowledged as it is handed over, so a worker that dies with it
 * loses a hint, never work. The stream and its consumers are made again should they be gone.
 */
export class JetStreamQueue implements WakeQueue {
  readonly #options: JetStreamQueueOptions;
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #connection: NatsConnection | undefined;
  #jetstream: JetStreamClient | undefined;
  #connected = false;
  #started = false;
  /** Subscriptions wait here for the first connection. */
  readonly #firstConnection: Promise<NatsConnection | undefined>;
  #announceConnection: (connection: NatsConnection | undefined) => void = () => undefined;
  #creatingStream: Promise<void> | undefined;

  /** Does no I/O. @throws Error when `url` is no nats or tls URL. */
  constructor(options: JetStreamQueueOptions) {
    parseNatsUrl(options.url);
    this.#options = options;
    this.#firstConnection = new Promise((resolve) => (this.#announceConnection = resolve));
  }

  get status(): 'connected' | 'disconnected' {
    return this.#connected ? 'connected' : 'disconnected';
  }

  async publish(keys: readonly WakeHint[]): Promise<void> {
    const jetstream = this.#jetstream;
    if (jetstream === undefined || !this.#connected || keys.length === 0) return;
    const answers = await Promise.all(keys.map((hint) => this.#publishOne(jetstream, hint)));
    if (answers.includes('no stream')) {
      // The hints are lost, which the sweep makes good; the next ones shall not be.
      this.#ensureStream().catch((error: unknown) => this.#warn('cannot create stream', error));
    }
  }

  subscribe(resources: readonly string[], handler: WakeHandler): () => void {
    const abort = new AbortController();
    const signal = AbortSignal.any([abort.signal, this.#stopping.signal]);
    for (const resource of resources) this.#run(this.#consume(resource, handler, signal));
    return () => abort.abort();
  }

  async start(signal: AbortSignal): Promise<void> {
    if (this.#started) return;
    this.#started = true;
    signal.addEventListener('abort', () => this.#stopping.abort(), { once: true });
    const connecting = this.#connectForever();
    this.#run(connecting);
    // Usually there at once; nobody waits for a broker that is not.
    await Promise.race([this.#firstConnection, delay(1_000, undefined, { ref: false })]);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#announceConnection(undefined);
    const ended = Promise.allSettled(this.#running).then(() => this.#connection?.close());
    await Promise.race([ended, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    this.#connected = false;
  }

  async #connectForever(): Promise<void> {
    const { name, url } = this.#options;
    for (let tries = 0; !this.#stopping.signal.aborted; tries++) {
      try {
        const connection = await connect({
          ...parseNatsUrl(url),
          name,
          maxReconnectAttempts: -1,
          reconnectTimeWait: RETRY_MS,
          reconnectJitter: 100,
          timeout: 2_000,
          pingInterval: 10_000,
          maxPingOut: 2,
        });
        return await this.#attach(connection);
      } catch (error) {
        if (tries === 0) this.#warn('message broker is away; work goes on by the sweep', error);
        await delay(RETRY_MS, undefined, { signal: this.#stopping.signal }).catch(() => undefined);
      }
    }
  }

  async #attach(connection: NatsConnection): Promise<void> {
    if (this.#stopping.signal.aborted) return connection.close();
    this.#connection = connection;
    this.#jetstream = connection.jetstream({ timeout: 2_000 });
    // Ends when the connection is closed, so `stop` must not wait for it before.
    void this.#followStatus(connection);
    await this.#ensureStream().catch((error: unknown) => this.#warn('cannot create stream', error));
    this.#connected = true;
    this.#announceConnection(connection);
  }

  async #followStatus(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        this.#connected = false;
        this.#options.logger.warn('message broker is away; work goes on by the sweep');
      } else if (status.type === 'reconnect') {
        this.#connected = true;
        this.#options.logger.info('message broker is back');
      }
    }
  }

  async #publishOne(
    jetstream: JetStreamClient,
    { resource, uid, traceparent }: WakeHint,
  ): Promise<'ok' | 'no stream'> {
    const subject = wakeSubject(resource, uid);
    const ack = jetstream.publish(subject, '', {
      timeout: PUBLISH_TIMEOUT_MS,
      ...(traceparent !== undefined && { headers: headersOf(traceparent) }),
    });
    try {
      await ack;
    } catch (error) {
      if (isNoStream(error)) return 'no stream';
      if (apiErrorCode(error) !== HINT_PENDING) {
        this.#options.logger.debug('hint lost', { subject, error: errorChain(error) });
      }
    }
    return 'ok';
  }

  /** One resource's hints, from whatever stream there is, until the signal. */
  async #consume(resource: string, handler: WakeHandler, signal: AbortSignal): Promise<void> {
    const connection = await Promise.race([this.#firstConnection, aborted(signal)]);
    if (connection === undefined) return;
    while (!signal.aborted && !connection.isClosed()) {
      try {
        await this.#ensureStream();
        const messages = await consumeHints(connection, resource, batched(handler));
        // closed() may never resolve once stopped, hence the race.
        await Promise.race([messages.closed(), aborted(signal)]);
        messages.stop();
      } catch (error) {
        if (!this.#connected) await this.#pause(signal);
        else this.#warn('cannot take hints', error, { resource });
      }
      await this.#pause(signal);
    }
  }

  #ensureStream(): Promise<void> {
    const connection = this.#connection;
    if (connection === undefined) return Promise.resolve();
    this.#creatingStream ??= createWakeStream(connection).finally(() => {
      this.#creatingStream = undefined;
    });
    return this.#creatingStream;
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await delay(RETRY_MS, undefined, { signal }).catch(() => undefined);
  }

  #run(task: Promise<void>): void {
    const tracked = task
      .catch((error: unknown) => this.#warn('queue task failed', error))
      .finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  #warn(message: string, error: unknown, fields: Record<string, unknown> = {}): void {
    if (this.#stopping.signal.aborted) return;
    this.#options.logger.warn(message, { ...fields, error: errorChain(error) });
  }
}

function headersOf(traceparent: string): MsgHdrs {
  const headers = createHeaders();
  headers.set(TRACEPARENT, traceparent);
  return headers;
}

/** Collects what arrives in one turn of the event loop into one call. */
function batched(handler: WakeHandler): (message: JsMsg) => void {
  let keys: WakeHint[] = [];
  return (message) => {
    message.ack();
    const key = keyOfSubject(message.subject);
    if (key === undefined) return;
    if (keys.length === 0) {
      setImmediate(() => {
        const batch = keys;
        keys = [];
        handler(batch);
      });
    }
    const traceparent = message.headers?.get(TRACEPARENT) ?? '';
    keys.push(traceparent === '' ? key : { ...key, traceparent });
  };
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
