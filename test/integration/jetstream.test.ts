import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { connect, RetentionPolicy } from 'nats';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type { WorkKey } from '../../sdk/api/work.js';
import { nopLogger } from '../../sdk/logger.js';
import type { WakeHint } from '../../sdk/queue/wake-queue.js';
import { JetStreamQueue } from '../../sdk/queue/jetstream-queue.js';
import { parseNatsUrl } from '../../sdk/queue/nats-address.js';
import { done } from '../../sdk/runtime/reconciler.js';
import { natsServerBinary, testNatsServer, type TestNatsServer } from '../support/nats-server.js';
import { eventually } from '../support/eventually.js';
import { startWorkPlane } from '../support/work-plane.js';

const WORKLOADS = 'workloads.workload.threeport.io';

describe('hints through nats-server', function () {
  this.timeout(60_000);
  let server: TestNatsServer;
  const queues: JetStreamQueue[] = [];

  before(function () {
    if (natsServerBinary() === undefined) this.skip();
  });
  beforeEach(async () => {
    server = await testNatsServer();
  });
  afterEach(async () => {
    await Promise.all(queues.splice(0).map((queue) => queue.stop()));
    await server.remove();
  });

  const newQueue = (): JetStreamQueue => {
    const queue = new JetStreamQueue({ url: server.url, name: 'test', logger: nopLogger });
    queues.push(queue);
    return queue;
  };
  const startQueue = async (): Promise<JetStreamQueue> => {
    const queue = newQueue();
    await queue.start(new AbortController().signal);
    return queue;
  };
  const hintsOf = (queue: JetStreamQueue, resource = WORKLOADS): string[] => {
    const uids: string[] = [];
    queue.subscribe([resource], (keys: readonly WorkKey[]) =>
      uids.push(...keys.map(({ uid }) => uid)),
    );
    return uids;
  };
  const hint = (uid: string, resource = WORKLOADS): WorkKey[] => [{ resource, uid }];
  /** Publishes until it arrives: what comes before a subscription or connection may be lost. */
  const arrives = (queue: JetStreamQueue, uids: string[], uid: string): Promise<unknown> =>
    eventually(`hint ${uid} arrives`, async () => {
      await queue.publish(hint(uid));
      return uids.includes(uid);
    });

  it('brings hints to subscribers of their resource, of core kinds too', async () => {
    const [publisher, subscriber] = [await startQueue(), await startQueue()];
    const workloads = hintsOf(subscriber);
    const secrets = hintsOf(subscriber, 'secrets');
    await publisher.publish([...hint('one'), ...hint('two'), ...hint('three', 'secrets')]);
    await eventually('all are there', () => workloads.length >= 2 && secrets.length >= 1);
    expect(workloads.toSorted()).to.deep.equal(['one', 'two']);
    expect(secrets).to.deep.equal(['three']);
  });

  it('carries the trace of what a hint tells of', async () => {
    const [publisher, subscriber] = [await startQueue(), await startQueue()];
    const taken: WakeHint[] = [];
    subscriber.subscribe([WORKLOADS], (hints) => taken.push(...hints));
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const sent = [{ resource: WORKLOADS, uid: 'traced', traceparent }, ...hint('other')];
    await publisher.publish(sent);
    await eventually('both are there', () => taken.length >= 2);
    const byUid = (a: WakeHint, b: WakeHint): number => a.uid.localeCompare(b.uid);
    expect(taken.toSorted(byUid)).to.deep.equal(sent.toSorted(byUid));
  });

  it('keeps one hint for each object until it is taken, then the next', async () => {
    const queue = await startQueue();
    for (let times = 0; times < 5; times++) await queue.publish(hint('one'));
    const uids = hintsOf(queue);
    await arrives(queue, uids, 'two');
    expect(uids.filter((uid) => uid === 'one')).to.have.length(1);
    uids.length = 0;
    await arrives(queue, uids, 'one');
  });

  it('gives each hint to one of two workers', async () => {
    const [publisher, one, two] = [await startQueue(), await startQueue(), await startQueue()];
    const [first, second] = [hintsOf(one), hintsOf(two)];
    await arrives(publisher, first, 'warm-1');
    await eventually('the other subscribes', async () => {
      await publisher.publish(hint('warm-2'));
      return second.includes('warm-2');
    });
    const sent = Array.from({ length: 100 }, (_, index) => `uid-${index}`);
    await publisher.publish(sent.flatMap((uid) => hint(uid)));
    const got = (): string[] => [...first, ...second].filter((uid) => uid.startsWith('uid-'));
    await eventually('all are there', () => got().length >= 100);
    expect(got().toSorted()).to.deep.equal(sent.toSorted());
  });

  it('blocks nobody while the server is away, and goes on when it returns', async () => {
    const queue = await startQueue();
    const uids = hintsOf(queue);
    await arrives(queue, uids, 'before');
    await server.stop();
    await eventually('it is noticed', () => queue.status === 'disconnected');
    const began = Date.now();
    await queue.publish(hint('away'));
    expect(Date.now() - began).to.be.below(200);
    await server.start();
    await arrives(queue, uids, 'after');
    expect(queue.status).to.equal('connected');
  });

  it('blocks nobody while the server hangs', async () => {
    const queue = await startQueue();
    const uids = hintsOf(queue);
    await arrives(queue, uids, 'before');
    process.kill(server.pid, 'SIGSTOP');
    try {
      // The signal takes effect a little later than it is sent.
      const waitedMs = await eventually('a publish meets the hanging server', async () => {
        const began = Date.now();
        await queue.publish(hint('hanging'));
        return Date.now() - began >= 90 && Date.now() - began;
      });
      expect(waitedMs).to.be.below(1_000);
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
    await arrives(queue, uids, 'after');
  });

  it('gives the stream of an older version its configuration', async () => {
    const connection = await connect(parseNatsUrl(server.url));
    const manager = await connection.jetstreamManager();
    await manager.streams.add({
      name: 'WAKE',
      subjects: ['wake.>'],
      retention: RetentionPolicy.Workqueue,
    });
    await connection.close();
    const queue = await startQueue();
    const uids = hintsOf(queue);
    await arrives(queue, uids, 'one');
    expect(queue.status).to.equal('connected');
  });

  it('makes its stream again when the store was wiped', async () => {
    const queue = await startQueue();
    const uids = hintsOf(queue);
    await arrives(queue, uids, 'before');
    await server.stop();
    rmSync(join(server.dir, 'jetstream'), { recursive: true });
    await server.start();
    await arrives(queue, uids, 'after');
  });

  it('starts without a server and finds it later', async () => {
    await server.stop();
    const queue = newQueue();
    const uids = hintsOf(queue);
    await queue.start(new AbortController().signal);
    expect(queue.status).to.equal('disconnected');
    await queue.publish(hint('nobody'));
    await server.start();
    await arrives(queue, uids, 'found');
  });

  it('work goes on by the sweep without the server, and by hints when it is back', async () => {
    const plane = await startWorkPlane({ queue: newQueue() });
    try {
      await plane.work([{ resource: WORKLOADS, reconcile: async () => done }]);
      const status = async (object: StoredApiObject): Promise<unknown> =>
        (await plane.get(object))?.status;
      const first = await plane.create('Workload', { name: 'first' });
      await eventually('done by a hint', () => status(first));
      await server.stop();
      const second = await plane.create('Workload', { name: 'second' });
      await eventually('done by the sweep', () => status(second));
      await server.start();
      await eventually('connected again', () => queues[0]?.status === 'connected');
      await eventually('hints work again', async () => {
        const object = await plane.create('Workload', { name: `again-${Date.now()}` });
        const began = Date.now();
        await eventually('done', () => status(object));
        return Date.now() - began < 200;
      });
    } finally {
      await plane.stop();
    }
  });
});
