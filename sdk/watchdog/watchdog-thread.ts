import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import type { WatchedLoop } from './watch-event-loop.js';

/** The thread of `watchEventLoop`: all it does is to count beats, and to end the process. */
const { beats, beatMs, stuckMs, part } = workerData as WatchedLoop;
const count = new Int32Array(beats);
const clock = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
const STANDARD_OUTPUT = 1;

let seen = Atomics.load(count, 0);
// Turns, not time: while the process is stopped as a whole there are none.
for (let silentMs = 0; silentMs < stuckMs; silentMs += beatMs) {
  Atomics.wait(clock, 0, 0, beatMs);
  const now = Atomics.load(count, 0);
  if (now !== seen) silentMs = -beatMs;
  seen = now;
}
const message = 'the event loop stands still: the process ends, to be started again';
writeSync(
  STANDARD_OUTPUT,
  `${JSON.stringify({ level: 'error', message, part, stuckMs, time: new Date().toISOString() })}\n`,
);
process.kill(process.pid, 'SIGKILL');
