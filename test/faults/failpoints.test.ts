import { setTimeout as delay } from 'node:timers/promises';
import { failpoints, type Failpoint } from '../../sdk/failpoint.js';
import { eventually } from '../support/eventually.js';
import { MainJob } from '../support/main-job.js';
import type { ProcessPlane } from '../support/process-plane.js';
import { startProcessPlane } from '../support/process-plane.js';
import type { TestProcess } from '../support/test-process.js';

const LEASE_MS = 1_000;
/** The agent is taken for lost after this long without a heartbeat. */
const HEARTBEAT_VALID_MS = 5_000;
const REACHED_WITHIN_MS = 20_000;
const SILENCE_MS = 2_500;

/**
 * THREEPORT_FAULT_PASSES=1,2,5: each failpoint alone, at these passes, rather than one of each process
 * at a time (minutes rather than one and a half). THREEPORT_FAULTS: only cases with this in their name.
 */
const passes = process.env['THREEPORT_FAULT_PASSES']?.split(',').map(Number);
const only = process.env['THREEPORT_FAULTS'] ?? '';

type Part = (typeof failpoints)[Failpoint];

interface Case {
  readonly title: string;
  readonly action: 'kill' | 'stop';
  readonly pass: number;
  readonly names: readonly Failpoint[];
}

describe('processes that die or stand still at a failpoint', function () {
  this.timeout(90_000);
  // What is left of a case that failed would fail all that follow.
  this.bail(true);
  let plane: ProcessPlane;
  let job: MainJob;
  let cases = 0;

  before(async () => {
    plane = await startProcessPlane({ agent: true, leaseMs: LEASE_MS, balance: 'first' });
    job = new MainJob(plane.client, plane.clusters);
    await job.once('first');
  });
  after(async () => plane?.stop());

  for (const each of passes === undefined ? together() : oneByOne(passes)) {
    if (each.title.includes(only)) it(each.title, () => fail(each).catch(withOutput));
  }

  it('nothing is written once all is at rest', async () => {
    await Promise.all(allOf(plane).map((each) => (each.isRunning ? undefined : each.start())));
    await job.allReady();
    const versions = async (): Promise<string> => {
      const { resourceVersion } = await plane.client.list('namespaces');
      const inClusters = await Promise.all(plane.clusters.map((each) => each.version()));
      return [resourceVersion, ...inClusters].join(' ');
    };
    let last = '';
    let since = 0;
    await eventually(
      `silence for ${SILENCE_MS} ms`,
      async () => {
        const now = await versions();
        if (now !== last) [last, since] = [now, performance.now()];
        return performance.now() - since > SILENCE_MS;
      },
      30_000,
    );
  });

  it('nothing is left when all is deleted', async () => {
    await job.endAll();
    await job.verify();
  });

  function withOutput(error: Error): never {
    throw new Error(`${error.message}\n${plane.output}`, { cause: error });
  }

  /** The first of its kind is the one that fails; the agent is one alone. */
  function victimOf(part: Part): TestProcess {
    const victim = { server: plane.servers[0], worker: plane.workers[0], agent: plane.agent }[part];
    if (victim === undefined) throw new Error(`no ${part}`);
    return victim;
  }

  async function fail({ names, action, pass }: Case): Promise<void> {
    // A lease is renewed only where work takes long.
    const isLong = names.some((name) => name.includes('renew'));
    const slow = { action: 'slow', methods: ['PATCH'], path: '/configmaps' } as const;
    plane.clusters[0]?.faults.set(isLong ? [{ ...slow, delayMs: LEASE_MS }] : []);
    const armed = names.map((name) => ({ name, victim: victimOf(failpoints[name]) }));
    const others = allOf(plane).filter(({ isRunning }) => !isRunning);
    await Promise.all([
      ...armed.map(({ name, victim }) => victim.start(`${name}=${action}:${pass}`)),
      ...others
        .filter((other) => armed.every(({ victim }) => victim !== other))
        .map((each) => each.start()),
    ]);
    // Whoever turned to another server comes back to the one that is to fail.
    plane.reconnect();
    const done = new AbortController();
    const running = job.run(`f${cases++}`, done.signal);
    const failing = armed.map(async ({ name, victim }) => {
      await reached(name, victim, running);
      if (action === 'stop') {
        await delay((victim === plane.agent ? HEARTBEAT_VALID_MS : LEASE_MS) + 300);
        victim.signal('SIGCONT');
      } else if (victim === plane.agent) await victim.start();
    });
    try {
      await Promise.all(failing);
    } finally {
      done.abort();
      await running;
    }
    await job.verify();
  }
});

async function reached(name: Failpoint, victim: TestProcess, job: Promise<void>): Promise<void> {
  const given = new AbortController();
  const late = delay(REACHED_WITHIN_MS, undefined, { signal: given.signal });
  await Promise.race([
    victim.failed(),
    job,
    late.then(() => Promise.reject(new Error(`the main job does not pass ${name}`))),
  ]).finally(() => given.abort());
  late.catch(() => undefined);
}

/** One failpoint of each process at once, until each had its turn. */
function together(): Case[] {
  const lanes = (['server', 'worker', 'agent'] as const).map(namesOf);
  const rounds = Math.max(...lanes.map(({ length }) => length));
  return (['kill', 'stop'] as const).flatMap((action) =>
    Array.from({ length: rounds }, (_, i) => {
      const names = lanes.flatMap((lane) => lane[i] ?? []);
      return { title: `${action}: ${names.join(', ')}`, action, pass: 2, names };
    }),
  );
}

function oneByOne(at: readonly number[]): Case[] {
  return (['server', 'worker', 'agent'] as const).flatMap(namesOf).flatMap((name) =>
    (['kill', 'stop'] as const).flatMap((action) =>
      at.map((pass) => ({
        title: `${action}: ${name}, pass ${pass}`,
        action,
        pass,
        names: [name],
      })),
    ),
  );
}

function namesOf(part: Part): Failpoint[] {
  return (Object.keys(failpoints) as Failpoint[]).filter((name) => failpoints[name] === part);
}

function allOf({ servers, workers, agent }: ProcessPlane): TestProcess[] {
  return [...servers, ...workers, ...(agent === undefined ? [] : [agent])];
}
