import { homePaths } from './home-paths.js';
import { writeRunState, type RunState } from './run-state.js';
import { acquireSupervisorLock, releaseSupervisorLock } from './supervisor-lock.js';
import { Supervisor, type SupervisorOptions } from './supervisor.js';

/**
 * The daemon behind `tptctl up`. Its one argument is `SupervisorOptions` as JSON. It tells its
 * state to the process that started it and to run/state.json, and stops cleanly on SIGTERM and
 * SIGINT. Exit code 0 after a clean stop, 1 if the start failed, 3 if another supervisor runs.
 */
async function main(): Promise<void> {
  // A log that cannot be written, for the disk is full, must not end what runs.
  process.stderr.on('error', () => undefined);
  const options = JSON.parse(process.argv[2] ?? '') as SupervisorOptions;
  const paths = homePaths(options.home);
  if (acquireSupervisorLock(paths) !== undefined) process.exit(3);

  const supervisor = new Supervisor(options, paths, process.env, (state) => {
    tellParent(state);
    try {
      writeRunState(paths, state);
    } catch (error) {
      // A full disk must not stop what runs.
      process.stderr.write(`${String(error)}\n`);
    }
  });
  const finish = (code: number): void => {
    releaseSupervisorLock(paths);
    process.exit(code);
  };
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    supervisor.stop().then(
      () => finish(0),
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        finish(1);
      },
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('SIGHUP', () => undefined);

  try {
    await supervisor.start();
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${new Date().toISOString()} ${text}\n`);
    if (!stopping) finish(1);
  }
}

function tellParent(state: RunState): void {
  if (process.connected !== true) return;
  // The parent may be gone by the time this is sent.
  process.send?.(state, undefined, undefined, () => undefined);
}

await main();
