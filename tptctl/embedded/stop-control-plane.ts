import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedError, fileError } from './embedded-error.js';
import { homePaths, HOME_ENTRIES } from './home-paths.js';
import { stopLeftovers } from './leftovers.js';
import { killProcess, identityOf } from './process-table.js';
import { readRunState, type RunState } from './run-state.js';
import { readSettings, type Settings } from './settings.js';
import { runningSupervisor } from './supervisor-lock.js';

/** Longer than its parts, one after the other, may take. */
const SUPERVISOR_TIMEOUT_MS = 45_000;

export interface StopResult {
  /** A supervisor ran and has ended. */
  readonly wasRunning: boolean;
  /** Parts that a dead supervisor had left running, and that were stopped. */
  readonly leftovers: readonly string[];
}

/**
 * Stops the control plane of a home; resolves when every one of its processes is gone. With no
 * supervisor, it stops what a killed one may have left. Idempotent.
 */
export async function stopControlPlane(home: string): Promise<StopResult> {
  const paths = homePaths(home);
  const supervisor = runningSupervisor(paths);
  const before = lenient(() => readRunState(paths));
  if (supervisor !== undefined) {
    killProcess(supervisor.pid, 'SIGTERM');
    const deadline = Date.now() + SUPERVISOR_TIMEOUT_MS;
    while (identityOf(supervisor.pid) === supervisor.identity) {
      // Its parts stop by themselves once it is gone.
      if (Date.now() > deadline) killProcess(supervisor.pid);
      await delay(20);
    }
  }
  const settings = lenient(() => readSettings(paths));
  const leftovers = new Set<string>();
  // The state before covers a supervisor that had to be killed, the one after parts started since.
  for (const state of [before, lenient(() => readRunState(paths))]) {
    for (const name of await stopLeftovers(paths, state, settings)) leftovers.add(name);
  }
  for (const file of [paths.state, paths.lock]) {
    await rm(file, { force: true }).catch((error: unknown) => {
      throw fileError('remove', file, error);
    });
  }
  return { wasRunning: supervisor !== undefined, leftovers: [...leftovers] };
}

/**
 * Removes the state of a home whose control plane has been stopped: only what `up` made there, and
 * the folder itself if nothing else is in it. Resolves with what was removed. Idempotent.
 */
export async function purgeControlPlane(home: string): Promise<string[]> {
  const paths = homePaths(home);
  if (runningSupervisor(paths) !== undefined) {
    throw new EmbeddedError(`the control plane of ${home} is running`, {
      remedy: 'stop it first: `tptctl down`',
    });
  }
  const settings = lenient(() => readSettings(paths));
  const ours = [
    ...(settings?.outsideDirs ?? []).filter(isOurs),
    ...HOME_ENTRIES.map((entry) => join(home, entry)),
  ].filter((path) => existsSync(path));
  for (const path of ours) {
    try {
      await rm(path, { recursive: true, force: true, maxRetries: 3 });
    } catch (error) {
      throw fileError('remove', path, error);
    }
  }
  for (const dir of [home, ...ours.filter((path) => !path.startsWith(home)).map(dirname)]) {
    removeIfEmpty(dir, ours);
  }
  return ours;
}

/** A settings file that somebody edited must not make us remove anything else. */
function isOurs(dir: string): boolean {
  return /^(threeport-\d+-)?[0-9a-f]{12}$/.test(basename(dir));
}

function removeIfEmpty(dir: string, removed: string[]): void {
  try {
    if (readdirSync(dir).length > 0) return;
    rmdirSync(dir);
    removed.push(dir);
  } catch {
    // It was never there, or is a mount point: nothing of ours is in it.
  }
}

function lenient<T extends RunState | Settings>(read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch {
    // A damaged file must not keep anybody from stopping or purging.
    return undefined;
  }
}
