import { errorChain } from './error-chain.js';
import { armFailpoints } from './failpoint.js';
import type { Logger } from './logger.js';

/** One long-running part. `start` returns when it is ready to work; `stop` when nothing runs any more. */
export interface Part {
  start(signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 8_000;

/**
 * Runs a part as this process: start, say `{"ready":true}` on standard output, stop on SIGTERM,
 * SIGINT, or (with THREEPORT_EXIT_ON_STDIN_CLOSE=1) when the parent is gone. Exits 0 after a clean
 * stop, 1 when the start failed or the stop took over 8 s.
 */
export function runProcess(part: Part, logger: Logger): void {
  const abort = new AbortController();
  let stopping = false;

  const stop = (reason: string, code: number): void => {
    if (stopping) return;
    stopping = true;
    logger.info('stopping', { reason });
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    abort.abort(new Error(`stopping: ${reason}`));
    part.stop().then(
      () => process.exit(code),
      (error: unknown) => {
        logger.error('stop failed', { error: errorChain(error) });
        process.exit(1);
      },
    );
  };

  process.on('SIGTERM', () => stop('SIGTERM', 0));
  process.on('SIGINT', () => stop('SIGINT', 0));
  process.on('unhandledRejection', (error) => {
    logger.error('unhandled rejection', {
      error: errorChain(error),
      stack: error instanceof Error ? error.stack : undefined,
    });
  });
  if (process.env['THREEPORT_EXIT_ON_STDIN_CLOSE'] === '1') {
    process.stdin.on('end', () => stop('parent is gone', 0));
    process.stdin.on('error', () => stop('parent is gone', 0));
    process.stdin.resume();
  }

  // What a start does is no pass of any failpoint.
  const started = part.start(abort.signal).then(() => armFailpoints(process.env));
  started.then(
    () => {
      if (!stopping) process.stdout.write(`${JSON.stringify({ ready: true })}\n`);
    },
    (error: unknown) => {
      logger.error('cannot start', { error: errorChain(error) });
      stop('start failed', 1);
    },
  );
}
