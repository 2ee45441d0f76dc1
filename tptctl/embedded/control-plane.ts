import { fork, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeExit } from './child-exit.js';
import { EmbeddedError, fileError } from './embedded-error.js';
import { homePaths, type HomePaths } from './home-paths.js';
import { lastLinesOf, rotateLog } from './log-file.js';
import { makeDir } from './make-dir.js';
import { identityOf } from './process-table.js';
import { readRunState, type ProcessRecord, type RunState } from './run-state.js';
import { runningSupervisor } from './supervisor-lock.js';
import type { SupervisorOptions } from './supervisor.js';

const POLL_MS = 50;
const START_TIMEOUT_MS = 150_000;
/** What supervisor-main.ts ends with where another supervisor has the lock. */
const LOCKED_EXIT_CODE = 3;

export interface StartOptions extends SupervisorOptions {
  /** Called with each new state while the parts start. */
  readonly onState?: (state: RunState) => void;
  /** Aborting it stops what was started, then rejects with the signal's reason. */
  readonly signal?: AbortSignal;
}

export interface StartResult {
  readonly state: RunState;
  readonly paths: HomePaths;
  /** It ran, or was being started, before this call. */
  readonly alreadyRunning: boolean;
}

/**
 * Starts the embedded control plane of `options.home` and resolves when all of it is ready. It goes
 * on running after this process ends. Where it runs already, it is left as it is; where another
 * call is starting it, this one waits for that. Rejects with an `EmbeddedError`; nothing that this
 * call started is left running then.
 */
export async function startControlPlane(options: StartOptions): Promise<StartResult> {
  const paths = homePaths(options.home);
  const running = runningSupervisor(paths);
  const joined = running && (await joinRunning(options, paths, running));
  if (joined !== undefined) return joined;

  makeHome(paths);
  const supervisor = spawnSupervisor(options, paths);
  const { onState, signal } = options;
  let state: RunState | undefined;
  const stop = (): void => void supervisor.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });
  const timer = setTimeout(stop, START_TIMEOUT_MS);
  try {
    const outcome = await new Promise<string>((resolve) => {
      supervisor.on('message', (message) => {
        state = message as RunState;
        onState?.(state);
        if (state.phase === 'ready') resolve('ready');
      });
      supervisor.once('error', (error) => resolve(`not started: ${error.message}`));
      supervisor.once('exit', (code, exitSignal) =>
        resolve(code === LOCKED_EXIT_CODE ? 'locked' : describeExit({ code, signal: exitSignal })),
      );
    });
    signal?.throwIfAborted();
    if (outcome === 'ready' && state !== undefined) return { state, paths, alreadyRunning: false };
    // Another call was faster: that one's supervisor is the one to wait for.
    if (outcome === 'locked') return await startControlPlane(options);
    throw startError(paths, state, outcome);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', stop);
    if (supervisor.connected) supervisor.disconnect();
    supervisor.unref();
  }
}

/** The state of a home's control plane: `running` is false when there is no live supervisor. */
export function inspectControlPlane(home: string): {
  running: boolean;
  state: RunState | undefined;
  paths: HomePaths;
} {
  const paths = homePaths(home);
  const supervisor = runningSupervisor(paths);
  const state = readRunState(paths);
  const running = supervisor !== undefined && state?.supervisor.pid === supervisor.pid;
  return { running, state, paths };
}

/**
 * Waits until the control plane that `supervisor` runs is ready. Resolves with undefined if that
 * process turns out to be gone, killed by somebody: the way is free to start anew.
 */
async function joinRunning(
  options: StartOptions,
  paths: HomePaths,
  supervisor: ProcessRecord,
): Promise<StartResult | undefined> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  let wasStarting = false;
  while (Date.now() < deadline) {
    options.signal?.throwIfAborted();
    const state = readRunState(paths);
    if (state?.supervisor.pid === supervisor.pid) {
      options.onState?.(state);
      if (state.phase === 'ready') return { state, paths, alreadyRunning: true };
      if (state.phase === 'failed') throw startError(paths, state, 'exit code 1');
      const isStopping = state.phase === 'stopping' || state.phase === 'stopped';
      if (state.phase === 'starting') wasStarting = true;
      // One that is on its way down is waited for; one that somebody stops meanwhile is not undone.
      if (isStopping && wasStarting) {
        throw new EmbeddedError(`the control plane of ${paths.home} is being stopped`, {
          remedy: 'run `tptctl up` again when it has stopped',
        });
      }
    }
    if (identityOf(supervisor.pid) !== supervisor.identity) return undefined;
    await delay(POLL_MS, undefined, { signal: options.signal });
  }
  throw new EmbeddedError(`another \`tptctl up\` (pid ${supervisor.pid}) is not ready yet`, {
    remedy: `look at ${paths.logFile('supervisor')}, or stop it: \`tptctl down\``,
  });
}

function makeHome(paths: HomePaths): void {
  makeDir(paths.home, 0o755);
  makeDir(paths.logsDir, 0o700);
  makeDir(paths.runDir, 0o700);
}

function spawnSupervisor(options: StartOptions, paths: HomePaths): ChildProcess {
  const logFile = paths.logFile('supervisor');
  let log: number;
  try {
    rotateLog(logFile);
    log = openSync(logFile, 'a', 0o600);
  } catch (error) {
    throw fileError('write the log', logFile, error);
  }
  const { onState: _, signal: __, ...supervisorOptions } = options;
  try {
    return fork(
      join(import.meta.dirname, 'supervisor-main.js'),
      [JSON.stringify(supervisorOptions)],
      // A session of its own: neither Ctrl-C nor the end of the terminal reaches it.
      { detached: true, cwd: '/', stdio: ['ignore', log, log, 'ipc'], execArgv: [] },
    );
  } finally {
    closeSync(log);
  }
}

function startError(paths: HomePaths, state: RunState | undefined, how: string): EmbeddedError {
  if (state?.error !== undefined) return new EmbeddedError(state.error);
  if (state?.phase === 'stopped') {
    return new EmbeddedError('the control plane was stopped (`tptctl down`) while it was starting');
  }
  const logFile = paths.logFile('supervisor');
  return new EmbeddedError(`the supervisor ended before all was ready (${how})`, {
    logLines: lastLinesOf(logFile),
    logFile,
    remedy: 'run `tptctl up` again; `tptctl down` stops what may be left',
  });
}
