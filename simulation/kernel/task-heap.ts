import type { SimProcess } from './sim-process.js';

/** Something to be run at a time, by a process. */
export interface Task {
  /** Changed only while it is not in a heap. */
  dueMs: number;
  /** Of two at the same time the lower one was asked for first. */
  readonly order: number;
  readonly owner: SimProcess;
  run(): void;
  isCancelled: boolean;
}

/** Tasks by time. What is cancelled, or belongs to the dead, is never given out. */
export class TaskHeap {
  readonly #heap: Task[] = [];

  push(task: Task): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(task);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Task;
      if (!isBefore(task, above)) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = task;
  }

  /** All that are due at the time of the first one, in order. */
  takeDue(): Task[] {
    const due: Task[] = [];
    for (let task = this.#live(); task !== undefined; task = this.#live()) {
      const [first] = due;
      if (first !== undefined && task.dueMs > first.dueMs) break;
      this.#pop();
      due.push(task);
    }
    return due;
  }

  putBack(tasks: readonly Task[]): void {
    for (const task of tasks) this.push(task);
  }

  #live(): Task | undefined {
    for (;;) {
      const [first] = this.#heap;
      if (first === undefined || (!first.isCancelled && first.owner.isAlive)) return first;
      this.#pop();
    }
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Task;
    if (heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Task, heap[child] as Task)) {
        child += 1;
      }
      if (!isBefore(heap[child] as Task, last)) break;
      heap[at] = heap[child] as Task;
      at = child;
    }
    heap[at] = last;
  }
}

function isBefore(left: Task, right: Task): boolean {
  return left.dueMs < right.dueMs || (left.dueMs === right.dueMs && left.order < right.order);
}
