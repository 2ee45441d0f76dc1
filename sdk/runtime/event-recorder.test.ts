import { expect } from 'chai';
import { ApiError } from '../api/errors.js';
import type { ApiObject, StoredApiObject } from '../api/object.js';
import { nopLogger } from '../logger.js';
import { eventually } from '../../test/support/eventually.js';
import type { EventClient } from './event-recorder.js';
import { EventRecorder } from './event-recorder.js';

const MINUTE_MS = 60_000;
const object = {
  apiVersion: 'workload.threeport.io/v1alpha1',
  kind: 'Workload',
  metadata: { name: 'web', namespace: 'team', uid: 'u1', resourceVersion: '7' },
} as StoredApiObject;
const failed = { type: 'Warning', reason: 'Unreachable', message: 'no route' } as const;

/** Events as a server keeps them, and how often it was written to. */
class EventServer implements EventClient {
  readonly events = new Map<string, Record<string, unknown>>();
  writes = 0;
  refusal: Error | undefined;

  async find(_resource: string, { name }: { name: string }) {
    return this.events.get(name) as StoredApiObject | undefined;
  }

  async create(event: ApiObject): Promise<void> {
    if (this.refusal !== undefined) {
      this.writes += 1;
      throw this.refusal;
    }
    const { name } = event.metadata;
    if (this.events.has(name)) throw new ApiError('AlreadyExists', name);
    this.writes += 1;
    this.events.set(name, event);
  }

  async patch(
    _resource: string,
    { name }: { name: string },
    { body }: { body: unknown },
  ): Promise<void> {
    this.writes += 1;
    this.events.set(name, { ...this.events.get(name), ...(body as object) });
  }
}

describe('EventRecorder', () => {
  let server: EventServer;
  let nowMs: number;
  let recorder: EventRecorder;

  const start = (): EventRecorder =>
    new EventRecorder({
      client: server,
      component: 'test',
      clock: { nowMs: () => nowMs },
      logger: nopLogger,
      delayMs: 0,
    });

  beforeEach(() => {
    server = new EventServer();
    nowMs = Date.parse('2026-01-01T00:00:00Z');
    recorder = start();
  });
  afterEach(() => recorder.stop());

  const written = (writes: number): Promise<unknown> =>
    eventually(`${writes} writes`, async () => server.writes >= writes);

  it('writes an Event that names the object', async () => {
    recorder.record(object, failed);
    await written(1);
    const [event] = [...server.events.values()];
    expect(event).to.deep.include({
      ...failed,
      count: 1,
      lastTimestamp: '2026-01-01T00:00:00Z',
      source: { component: 'test' },
    });
    expect(event?.['involvedObject']).to.deep.equal({
      apiVersion: 'workload.threeport.io/v1alpha1',
      kind: 'Workload',
      namespace: 'team',
      name: 'web',
      uid: 'u1',
      resourceVersion: '7',
    });
    expect(event?.['metadata']).to.include({ namespace: 'team' });
  });

  it('counts what happens again, and writes that seldom', async () => {
    for (let minute = 0; minute < 8; minute++) {
      recorder.record(object, failed);
      await new Promise(setImmediate);
      if (minute === 0) await written(1);
      if (minute === 3) await written(2);
      if (minute === 6) await written(3);
      nowMs += MINUTE_MS;
    }
    await recorder.stop();
    expect(server.writes).to.equal(3);
    expect([...server.events.values()].map(({ count }) => count)).to.deep.equal([7]);
  });

  it('keeps different messages and objects apart', async () => {
    recorder.record(object, failed);
    recorder.record(object, { ...failed, message: 'another' });
    recorder.record({ ...object, metadata: { ...object.metadata, uid: 'u2' } }, failed);
    await written(3);
    expect(server.events.size).to.equal(3);
  });

  it('goes on counting after a restart, and after it forgot', async () => {
    recorder.record(object, failed);
    await written(1);
    await recorder.stop();
    recorder = start();
    recorder.record(object, failed);
    await written(2);
    nowMs += 20 * MINUTE_MS;
    recorder.record(object, failed);
    await written(3);
    expect([...server.events.values()]).to.have.length(1);
    expect([...server.events.values()][0]).to.include({
      count: 3,
      lastTimestamp: '2026-01-01T00:20:00Z',
    });
  });

  it('neither throws nor insists when an event cannot be written', async () => {
    server.refusal = new ApiError('Forbidden', 'the namespace is being terminated');
    recorder.record(object, failed);
    await written(1);
    recorder.record(object, failed);
    await recorder.stop();
    expect(server.writes).to.equal(1);
  });

  it('keeps the order while the server is away, and goes on when it is back', async () => {
    server.refusal = new ApiError('ServiceUnavailable', 'away');
    const messages = ['first', 'second', 'third'];
    for (const message of messages) recorder.record(object, { ...failed, message });
    await written(1);
    expect(server.writes, 'the others are not tried').to.equal(1);
    server.refusal = undefined;
    recorder.record(object, { ...failed, message: 'first' });
    await eventually('all are there', () => server.events.size === 3);
    const events = [...server.events.values()];
    expect(events.map(({ message }) => message)).to.deep.equal(messages);
    expect(events.map(({ count }) => count)).to.deep.equal([2, 1, 1]);
  });

  it('does not hold more than so many while the server is away', async () => {
    server.refusal = new ApiError('ServiceUnavailable', 'away');
    for (let i = 0; i < 2_000; i++) {
      recorder.record({ ...object, metadata: { ...object.metadata, uid: `u${i}` } }, failed);
    }
    server.refusal = undefined;
    await recorder.stop();
    expect(server.events.size).to.equal(500);
  });

  it('leaves out what one object says too often, and lets others speak', async () => {
    for (let i = 0; i < 100; i++) recorder.record(object, { ...failed, message: `error ${i}` });
    recorder.record({ ...object, metadata: { ...object.metadata, uid: 'u2' } }, failed);
    await written(26);
    await recorder.stop();
    expect(server.writes).to.equal(26);
    recorder = start();
    nowMs += 10 * MINUTE_MS;
    recorder.record(object, { ...failed, message: 'later' });
    await written(27);
  });

  it('writes what waits when it stops, and nothing after', async () => {
    recorder.record(object, failed);
    await recorder.stop();
    recorder.record(object, { ...failed, message: 'too late' });
    expect(server.events.size).to.equal(1);
  });
});
