import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { describeExit, type ChildExit } from './child-exit.js';
import { EmbeddedError } from './embedded-error.js';
import { GUARD_SCRIPT } from './guard-script.js';
import { isAlive, killProcess, waitUntilGone } from './process-table.js';
import type { UnixUser } from './unprivileged-user.js';

const KEPT_LINES = 5;
const STOP_TIMEOUT_MS = 10_000;
/** Longer than the guard's own 10 s, so that the guard is the one to send SIGKILL. */
const GUARD_STOP_TIMEOUT_MS = 12_000;

export interface ChildSpec {
  /** What messages call it: `postgres`, `server`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Default `/`. */
  readonly cwd?: string;
  /** Default: the user of this process. */
  readonly user?: UnixUser | undefined;
  /** Set for programs that cannot watch their stdin themselves: the signal that stops them. */
  readonly guardSignal?: 'INT' | 'TERM';
  /** True for the line of output that says the child is ready. */
  readonly isReady: (line: string) => boolean;
  /** Receives every line of stdout and stderr. */
  readonly log: (line: string) => void;
  readonly logFile?: string | undefined;
  /** Default 60 000. */
  readonly readyTimeoutMs?: number;
  /** Called as soon as the program's pid is known, before it is ready. */
  readonly onPid?: ((pid: number) => void) | undefined;
  /** Aborting it before the child is ready stops the child and rejects. */
  readonly signal?: AbortSignal | undefined;
}

/** A child that said it is ready. */
export interface RunningChild {
  /** The program's pid (not the guard's). */
  readonly pid: number;
  /** Settles when the child and, if any, its guard have ended. Never rejects. */
  readonly exited: Promise<ChildExit>;
  /** Asks it to stop, kills it after 10 s, resolves once it is gone. Idempotent. */
  stop(): Promise<ChildExit>;
}

/**
 * Starts a child and resolves when it is ready. Its stdin is a pipe held open by this process: when
 * this process ends, in whatever way, the child sees end of file and stops by itself. Rejects with
 * an `EmbeddedError` that holds the last lines of output if the child ends first, cannot be
 * started, or is not ready in time; nothing is left running then.
 */
export async function startChild(spec: ChildSpec): Promise<RunningChild> {
  spec.signal?.throwIfAborted();
  const lastLines: string[] = [];
  const child = spawnChild(spec);
  let stopping: Promise<ChildExit> | undefined;
  let pid = spec.guardSignal === undefined ? child.pid : undefined;

  const exited = new Promise<ChildExit>((resolve) => {
    child.once('error', (error) => {
      lastLines.push(error.message);
      // `exit` never comes for a program that could not be started.
      if (child.pid === undefined) resolve({ code: 127, signal: null });
    });
    child.once('exit', (code, signal) => {
      void settle(child, spec, pid).then(() => resolve({ code, signal }));
    });
  });
  const stop = (): Promise<ChildExit> => (stopping ??= stopChild(child, spec, () => pid, exited));

  let markReady: () => void = () => undefined;
  const ready = new Promise<void>((resolve) => (markReady = resolve));
  let saidReady = false;
  const onLine = (line: string): void => {
    if (spec.guardSignal !== undefined && pid === undefined) {
      const guarded = /^\{"guardedPid":(\d+)\}$/.exec(line);
      if (guarded !== null) {
        pid = Number(guarded[1]);
        spec.onPid?.(pid);
        // The program's first words may come before the guard's.
        if (saidReady) markReady();
        return;
      }
    }
    if (!isNoise(line)) lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    spec.log(line);
    if (!spec.isReady(line)) return;
    saidReady = true;
    if (pid !== undefined) markReady();
  };
  for (const stream of [child.stdout, child.stderr]) {
    if (stream !== null) createInterface({ input: stream }).on('line', onLine);
  }
  if (pid !== undefined) spec.onPid?.(pid);

  const outcome = await firstOf(spec, ready, exited);
  if (outcome === 'ready' && pid !== undefined) return { pid, exited, stop };
  await stop();
  spec.signal?.throwIfAborted();
  throw new EmbeddedError(`${spec.name} ${outcome}`, {
    logLines: lastLines,
    logFile: spec.logFile,
  });
}

/** Lines that crowd out what a program died of: empty ones, and Node's stack and version. */
function isNoise(line: string): boolean {
  return line.trim() === '' || /^\s+at |^Node\.js v/.test(line);
}

function spawnChild(spec: ChildSpec): ChildProcess {
  const [command, args] =
    spec.guardSignal === undefined
      ? [spec.command, spec.args]
      : ['/bin/sh', ['-c', GUARD_SCRIPT, 'guard', spec.guardSignal, spec.command, ...spec.args]];
  const child = spawn(command, args, {
    cwd: spec.cwd ?? '/',
    env: spec.env,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(spec.user !== undefined && { uid: spec.user.uid, gid: spec.user.gid }),
  });
  // A child that ends first breaks the pipe; `close` tells of that.
  child.stdin?.on('error', () => undefined);
  return child;
}

async function firstOf(
  spec: ChildSpec,
  ready: Promise<void>,
  exited: Promise<ChildExit>,
): Promise<string> {
  const timeoutMs = spec.readyTimeoutMs ?? 60_000;
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    return await Promise.race([
      ready.then(() => 'ready'),
      exited.then((exit) => `ended before it was ready (${describeExit(exit)})`),
      new Promise<string>((resolve) => {
        timer = setTimeout(() => resolve(`was not ready within ${timeoutMs / 1000} s`), timeoutMs);
      }),
      new Promise<string>((resolve) => {
        onAbort = () => resolve('was interrupted');
        spec.signal?.addEventListener('abort', onAbort, { once: true });
      }),
    ]);
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) spec.signal?.removeEventListener('abort', onAbort);
  }
}

/**
 * What remains to be done once the process has exited: reading its last output and, if it was a
 * guard that somebody killed, ending the program it guarded.
 */
async function settle(child: ChildProcess, spec: ChildSpec, pid: number | undefined) {
  if (spec.guardSignal !== undefined && pid !== undefined && isAlive(pid)) {
    process.kill(pid, `SIG${spec.guardSignal}`);
    await waitUntilGone(pid, STOP_TIMEOUT_MS);
  }
  const closed = new Promise<void>((resolve) => {
    if (child.stdout?.closed === true && child.stderr?.closed === true) resolve();
    child.once('close', () => resolve());
  });
  // A grandchild that kept the pipe open must not hide that the child is gone.
  await Promise.race([closed, delay(500, undefined, { ref: false })]);
}

async function stopChild(
  child: ChildProcess,
  spec: ChildSpec,
  pid: () => number | undefined,
  exited: Promise<ChildExit>,
): Promise<ChildExit> {
  const guarded = spec.guardSignal !== undefined;
  if (guarded) child.stdin?.end();
  else child.kill('SIGTERM');
  const timer = setTimeout(
    () => {
      const program = pid();
      if (guarded && program !== undefined) killProcess(program);
      child.kill('SIGKILL');
    },
    guarded ? GUARD_STOP_TIMEOUT_MS : STOP_TIMEOUT_MS,
  );
  const exit = await exited;
  clearTimeout(timer);
  return exit;
}
