import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { ConditionType, findCondition, type Condition } from '../../sdk/api/condition.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { InProcessQueue } from '../../sdk/queue/in-process-queue.js';
import { eventually } from '../support/eventually.js';
import { startWorkPlane, type WorkPlane } from '../support/work-plane.js';

const WORKER = new URL('../support/poisonable-worker.js', import.meta.url).pathname;

describe('work: objects that end the process that works on them', function () {
  this.timeout(120_000);
  let plane: WorkPlane;
  let child: ChildProcess | undefined;
  let ends: number;
  let isOver: boolean;

  /** What a supervisor does. */
  const supervise = (): void => {
    if (isOver) return;
    child = spawn(process.execPath, [WORKER, plane.url], { stdio: 'ignore' });
    child.on('exit', () => {
      ends += 1;
      supervise();
    });
  };
  beforeEach(async () => {
    plane = await startWorkPlane({ queue: new InProcessQueue() });
    ends = 0;
    isOver = false;
  });
  afterEach(async () => {
    isOver = true;
    const before = ends;
    child?.kill('SIGKILL');
    await eventually('the process has ended', () => ends > before);
    await plane.stop();
  });

  const conditionOf = async (
    object: StoredApiObject,
    type: string,
  ): Promise<Condition | undefined> =>
    findCondition(
      ((await plane.get(object))?.status as { conditions?: Condition[] } | undefined)?.conditions,
      type,
    );
  const isReconciled = async (object: StoredApiObject): Promise<boolean> =>
    (await conditionOf(object, ConditionType.reconciled))?.status === 'True';

  for (const name of ['loops', 'dies']) {
    it(`one that ${name} is left alone after five times; the others are worked on`, async () => {
      const poison = await plane.create('Workload', { name });
      const names = Array.from({ length: 20 }, (_, i) => `good-${i}`);
      const good = await Promise.all(names.map((each) => plane.create('Workload', { name: each })));
      supervise();
      const stalled = await eventually(
        'it is left alone',
        () => conditionOf(poison, ConditionType.stalled),
        60_000,
      );
      expect(stalled).to.include({ reason: 'Quarantined', status: 'True' });
      expect(ends).to.equal(5);
      for (const object of good) await eventually('reconciled', () => isReconciled(object));
      // What wakes it finds it in quarantine.
      await plane.store.wake(plane.kind('Workload'), [{ uid: poison.metadata.uid }]);
      const late = await plane.create('Workload', { name: 'late' });
      await eventually('others are still worked on', () => isReconciled(late));
      expect(ends).to.equal(5);
    });
  }
});
