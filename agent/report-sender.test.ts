import { expect } from 'chai';

import { ApiError } from '../sdk/api/errors.js';
import type { ReportedWorkload, ReportRequest, ReportResponse } from '../sdk/api/work.js';
import { nopLogger } from '../sdk/logger.js';
import { eventually } from '../test/support/eventually.js';
import type { SenderTimes } from './report-sender.js';
import { ReportSender } from './report-sender.js';

/** What one call carried: health by instance. */
type Sent = Readonly<Record<string, string>>;

const QUIET: SenderTimes = {
  heartbeatMs: 60_000,
  heartbeatValidMs: 15_000,
  settleMs: 10,
  minIntervalMs: 30,
  minBackoffMs: 5,
  maxBackoffMs: 20,
};

describe('ReportSender', () => {
  let world: Map<string, string>;
  let sent: Sent[];
  let answer: (request: ReportRequest) => Promise<ReportResponse>;
  let abort: AbortController;
  let running: Promise<void>;

  beforeEach(() => {
    world = new Map([
      ['a', 'Healthy'],
      ['b', 'Healthy'],
    ]);
    sent = [];
    answer = () => Promise.resolve({ refused: [] });
    abort = new AbortController();
  });

  afterEach(async () => {
    abort.abort();
    await running;
  });

  function report(uid: string): ReportedWorkload | undefined {
    const health = world.get(uid);
    if (health === undefined) return undefined;
    const owner = { apiVersion: 'v1', kind: 'WorkloadInstance', name: uid, uid };
    return { namespace: 'default', name: uid, owner, status: { health } };
  }

  function start(times: Partial<SenderTimes> = {}): ReportSender {
    const sender = new ReportSender({
      runtime: 'dev',
      logger: nopLogger,
      uids: () => [...world.keys()],
      build: report,
      post: (request) => {
        expect(request).to.include({ runtime: 'dev', heartbeatMs: 15_000 });
        sent.push(
          Object.fromEntries(
            request.reports.map(({ name, status }) => [name, status['health']]),
          ) as Sent,
        );
        return answer(request);
      },
      times: { ...QUIET, ...times },
    });
    running = sender.run(abort.signal);
    return sender;
  }

  function change(sender: ReportSender, uid: string, health: string): void {
    world.set(uid, health);
    sender.changed(uid);
  }

  it('is silent until what it says is current', async () => {
    const sender = start({ heartbeatMs: 10 });
    change(sender, 'a', 'Degraded');
    const before = sent.length;
    sender.resume();
    await eventually('the first call', () => sent.length > 0);
    expect(before).to.equal(0);
    expect(sent[0], 'the first heartbeat carries everything').to.deep.equal({
      a: 'Degraded',
      b: 'Healthy',
    });
  });

  it('sends what changes together in one call, as it is when it is sent', async () => {
    const sender = start();
    sender.resume();
    await eventually('the first call', () => sent.length === 1);
    change(sender, 'a', 'Progressing');
    change(sender, 'b', 'Progressing');
    change(sender, 'a', 'Healthy');
    change(sender, 'a', 'Degraded');
    await eventually('the changes', () => sent.length === 2);
    expect(sent[1]).to.deep.equal({ a: 'Degraded', b: 'Progressing' });
  });

  it('sends nothing when a change changes nothing', async () => {
    const sender = start();
    sender.resume();
    await eventually('the first call', () => sent.length === 1);
    change(sender, 'a', 'Healthy');
    change(sender, 'b', 'Degraded');
    await eventually('the change', () => sent.length === 2);
    expect(sent[1]).to.deep.equal({ b: 'Degraded' });
  });

  it('gathers changes that follow each other within the least interval', async () => {
    const sender = start({ minIntervalMs: 150 });
    sender.resume();
    await eventually('the first call', () => sent.length === 1);
    const startedAtMs = performance.now();
    for (const health of ['1', '2', '3', '4', '5']) {
      change(sender, 'a', health);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await eventually('the last change', () => sent.at(-1)?.['a'] === '5');
    expect(sent.length).to.equal(2);
    expect(performance.now() - startedAtMs).to.be.greaterThan(100);
  });

  it('sends empty heartbeats when nothing changes', async () => {
    start({ heartbeatMs: 20 }).resume();
    await eventually('three calls', () => sent.length >= 3);
    expect(sent.slice(1, 3)).to.deep.equal([{}, {}]);
  });

  it('stops heartbeats while paused and says everything when it goes on', async () => {
    const sender = start({ heartbeatMs: 20 });
    sender.resume();
    await eventually('a heartbeat', () => sent.length >= 2);
    sender.pause();
    const pausedAt = sent.length;
    change(sender, 'a', 'Degraded');
    sender.resume();
    await eventually('the next call', () => sent.length > pausedAt);
    expect(sent[pausedAt]).to.deep.equal({ a: 'Degraded', b: 'Healthy' });
  });

  it('keeps only the newest while the API is away, and says everything when it is back', async () => {
    const sender = start();
    sender.resume();
    await eventually('the first call', () => sent.length === 1);
    answer = () => Promise.reject(new ApiError('ServiceUnavailable', 'away'));
    for (let i = 0; i < 50; i++) change(sender, 'a', `state ${i}`);
    await eventually('three failed calls', () => sent.length >= 4);
    const failed = sent.length;
    answer = () => Promise.resolve({ refused: [] });
    await eventually('the call after them', () => sent.length > failed);
    expect(sent[failed]).to.deep.equal({ a: 'state 49', b: 'Healthy' });
  });

  it('does not repeat a refused report until it changes', async () => {
    answer = () => Promise.resolve({ refused: [{ index: 0, message: 'no such instance' }] });
    const sender = start();
    sender.resume();
    await eventually('the first call', () => sent.length === 1);
    sender.changed('a');
    change(sender, 'b', 'Degraded');
    await eventually('the second call', () => sent.length === 2);
    expect(sent[1]).to.deep.equal({ b: 'Degraded' });
  });

  it('says nothing of an instance that is gone', async () => {
    const sender = start();
    sender.resume();
    await eventually('the first call', () => sent.length === 1);
    sender.changed('a');
    sender.forget('a');
    world.delete('a');
    change(sender, 'b', 'Degraded');
    await eventually('the second call', () => sent.length === 2);
    expect(sent[1]).to.deep.equal({ b: 'Degraded' });
  });

  it('does not wait for a call that hangs when it is stopped', async () => {
    let stopped = false;
    answer = () => new Promise((_, reject) => abort.signal.addEventListener('abort', reject));
    start().resume();
    await eventually('the call', () => sent.length === 1);
    abort.abort();
    await running;
    stopped = true;
    expect(stopped).to.equal(true);
  });
});
