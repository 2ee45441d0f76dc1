import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { SeedOrder, SeedReport } from './seed-worker.js';

const WORKER = fileURLToPath(new URL('seed-worker.js', import.meta.url));
/** Most of what a story makes is garbage at its end. */
const NODE_FLAGS = ['--max-semi-space-size=32'];

/**
 * Plays seeds in several processes. Reports come as they are ready; ends when the orders do, when
 * `signal` aborts, or when whoever iterates leaves.
 *
 * @throws Error when a process of it dies.
 */
export async function* playSeeds(
  orders: Iterable<SeedOrder>,
  options: { readonly jobs: number; readonly signal: AbortSignal },
): AsyncGenerator<SeedReport> {
  const next = orders[Symbol.iterator]();
  const reports: SeedReport[] = [];
  let busy = 0;
  let isOver = false;
  let failure: Error | undefined;
  let wake: () => void = () => undefined;
  const give = (child: ChildProcess): void => {
    const { value, done } = next.next();
    if (done === true) return;
    busy += 1;
    child.send(value);
  };
  const children = Array.from({ length: options.jobs }, () => {
    const child = fork(WORKER, { execArgv: NODE_FLAGS });
    child.on('message', (report: SeedReport) => {
      busy -= 1;
      reports.push(report);
      if (!isOver && !options.signal.aborted) give(child);
      wake();
    });
    child.on('error', (error) => {
      failure ??= error;
      wake();
    });
    child.on('exit', (code, signal) => {
      failure ??= new Error(`a process of the simulation ended with ${code ?? signal}`);
      wake();
    });
    give(child);
    return child;
  });
  const abort = (): void => wake();
  options.signal.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      const report = reports.shift();
      if (report !== undefined) yield report;
      else if (options.signal.aborted || busy === 0) return;
      else if (failure !== undefined) throw failure;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    isOver = true;
    options.signal.removeEventListener('abort', abort);
    for (const child of children) child.kill('SIGKILL');
  }
}
