import type { SeededRandom } from './seeded-random.js';
import { SimProcess } from './sim-process.js';
import { TaskHeap, type Task } from './task-heap.js';

/** Captured before anything replaces it. */
const realTurn = globalThis.setImmediate;
/** So many tasks are run in one real turn of the event loop; Node runs what each set going before the next. */
const TASKS_PER_TURN = 200;

/** Where virtual time begins: 2026-01-01T00:00:00Z. */
export const START_MS = Date.UTC(2026, 0, 1);

export interface ScheduledTask {
  cancel(): void;
}

/** Why a run came to its end. */
export type RunEnd = 'done' | 'out of time' | 'nothing left';

/**
 * The one thread of the simulated world: runs tasks one at a time, each to the point where it waits
 * for another. Time stands still while they run and jumps to the next one that is due. Of the
 * processes that have something to do at the same moment, chance decides which goes first; within a
 * process the order is that of a real event loop.
 */
export class Scheduler {
  readonly #random: SeededRandom;
  readonly #tasks = new TaskHeap();
  #nowMs = START_MS;
  #order = 0;
  /** What is not run by anybody else. */
  readonly world = new SimProcess('world');
  #current = this.world;

  constructor(random: SeededRandom) {
    this.#random = random;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** The process whose code runs. */
  get current(): SimProcess {
    return this.#current;
  }

  /** Runs `run` in a process, after a time; never when the process is dead by then. */
  after(delayMs: number, owner: SimProcess, run: () => void): ScheduledTask {
    const dueMs = this.#nowMs + Math.max(0, Number.isFinite(delayMs) ? delayMs : 0);
    const task: Task = { dueMs, order: this.#order++, owner, run, isCancelled: false };
    this.#tasks.push(task);
    return { cancel: () => (task.isCancelled = true) };
  }

  /** Runs tasks until `isDone`, `untilMs` or there are none. Rejects with what a task throws. */
  run(isDone: () => boolean, untilMs: number): Promise<RunEnd> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const step = (): void => {
        if (isOver) return;
        this.#current = this.world;
        try {
          const task = isDone() ? 'done' : this.#next(untilMs);
          if (typeof task === 'string') {
            isOver = true;
            resolve(task);
            return;
          }
          this.#nowMs = Math.max(this.#nowMs, task.dueMs);
          this.#current = task.owner;
          task.run();
        } catch (error) {
          isOver = true;
          reject(error as Error);
        }
      };
      const turn = (): void => {
        if (isOver) return;
        for (let i = 0; i < TASKS_PER_TURN; i++) realTurn(step);
        realTurn(turn);
      };
      realTurn(turn);
    });
  }

  #next(untilMs: number): Task | RunEnd {
    for (;;) {
      const due = this.#tasks.takeDue();
      const [first] = due;
      if (first === undefined) return 'nothing left';
      if (first.dueMs > untilMs) {
        this.#tasks.putBack(due);
        return 'out of time';
      }
      const ready = due.filter((task) => !this.#isPaused(task));
      if (ready.length === 0) {
        this.#defer(due);
        continue;
      }
      // The first of one of the processes that are due together.
      const owners = [...new Set(ready.map(({ owner }) => owner))];
      const owner = owners.length === 1 ? owners[0] : this.#random.pick(owners);
      const chosen = ready.find((task) => task.owner === owner) as Task;
      this.#tasks.putBack(due.filter((task) => task !== chosen));
      return chosen;
    }
  }

  #isPaused({ owner, dueMs }: Task): boolean {
    return owner.pausedUntilMs > Math.max(this.#nowMs, dueMs);
  }

  #defer(tasks: readonly Task[]): void {
    for (const task of tasks) task.dueMs = task.owner.pausedUntilMs;
    this.#tasks.putBack(tasks);
  }
}
