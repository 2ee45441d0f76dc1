import type { ConsumerMessages, JetStreamManager, JsMsg, NatsConnection } from 'nats';
import { AckPolicy, DiscardPolicy, NatsError, nanos, RetentionPolicy, StorageType } from 'nats';
import { consumerName, wakeSubject } from './wake-subject.js';

const STREAM = 'WAKE';
const STREAM_IS_DIFFERENT = 10058;
const REQUEST_TIMEOUT_MS = 2_000;

/** Makes the stream, or gives the one of an older version this configuration. Idempotent. */
export async function createWakeStream(connection: NatsConnection): Promise<void> {
  const manager = await managerOf(connection);
  const config = {
    subjects: ['wake.>'],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    discard_new_per_subject: true,
    max_msgs_per_subject: 1,
    // Nobody took it for an hour: the sweep will have, whenever there is a worker again.
    max_age: nanos(3_600_000),
  };
  try {
    await manager.streams.add({ name: STREAM, ...config });
  } catch (error) {
    if (apiErrorCode(error) !== STREAM_IS_DIFFERENT) throw error;
    await manager.streams.update(STREAM, config);
  }
}

/** Takes the hints of a resource from the stream, with all others that do; ends when it is gone. */
export async function consumeHints(
  connection: NatsConnection,
  resource: string,
  take: (message: JsMsg) => void,
): Promise<ConsumerMessages> {
  const name = consumerName(resource);
  const manager = await managerOf(connection);
  await manager.consumers.add(STREAM, {
    durable_name: name,
    filter_subject: wakeSubject(resource, '*'),
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(5_000),
    max_ack_pending: 10_000,
  });
  const jetstream = connection.jetstream({ timeout: REQUEST_TIMEOUT_MS });
  const consumer = await jetstream.consumers.get(STREAM, name);
  return consumer.consume({
    callback: take,
    max_messages: 500,
    expires: 30_000,
    idle_heartbeat: 5_000,
    abort_on_missing_resource: true,
  });
}

/** JetStream's own number for what went wrong. Its texts vary with the server. */
export function apiErrorCode(error: unknown): number | undefined {
  return error instanceof NatsError ? error.api_error?.err_code : undefined;
}

/** True when nobody answered a publish: the stream is gone, or JetStream is off. */
export function isNoStream(error: unknown): boolean {
  return error instanceof NatsError && error.code === '503' && error.api_error === undefined;
}

function managerOf(connection: NatsConnection): Promise<JetStreamManager> {
  return connection.jetstreamManager({ timeout: REQUEST_TIMEOUT_MS, checkAPI: false });
}
