import { Worker } from 'node:worker_threads';

export interface LoopWatchdogOptions {
  /** How long the event loop may stand still. Default 30,000: two leases. */
  readonly stuckMs?: number;
  /** Named in the line that is written before the end. */
  readonly part: string;
}

const BEAT_MS = 500;
const DEFAULT_STUCK_MS = 30_000;

/** What the thread is given; its beats are one 32-bit number that changes while the loop turns. */
export interface WatchedLoop {
  readonly beats: SharedArrayBuffer;
  readonly beatMs: number;
  readonly stuckMs: number;
  readonly part: string;
}

/**
 * Ends this process (SIGKILL) when its event loop stands still, as in a loop without end: nothing in
 * the thread itself can. It is started again by whoever supervises it, and the leases that it leaves
 * say at which objects it was at work. Time in which the whole process stood still (SIGSTOP) does not
 * count. Returns what ends the watch.
 */
export function watchEventLoop(options: LoopWatchdogOptions): () => Promise<void> {
  const { part, stuckMs = DEFAULT_STUCK_MS } = options;
  const beats = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const count = new Int32Array(beats);
  const timer = setInterval(() => Atomics.add(count, 0, 1), BEAT_MS);
  timer.unref();
  const workerData: WatchedLoop = { beats, beatMs: BEAT_MS, stuckMs, part };
  const program = new URL('./watchdog-thread.js', import.meta.url);
  // The flags of the process are its own: some have no meaning for a thread.
  const thread = new Worker(program, { workerData, execArgv: [] });
  thread.unref();
  return async () => {
    clearInterval(timer);
    await thread.terminate();
  };
}
