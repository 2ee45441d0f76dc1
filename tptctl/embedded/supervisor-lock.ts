import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileError, systemCodeOf } from './embedded-error.js';
import type { HomePaths } from './home-paths.js';
import { identityOf } from './process-table.js';
import type { ProcessRecord } from './run-state.js';

/** The running supervisor of this home, or undefined. A lock left by a dead one counts for nothing. */
export function runningSupervisor(paths: HomePaths): ProcessRecord | undefined {
  return liveHolderOf(paths.lock);
}

/**
 * Makes this process the one supervisor of the home. Returns undefined on success, else the process
 * that is the supervisor already. A stale lock (crash, reboot) is replaced.
 */
export function acquireSupervisorLock(paths: HomePaths): ProcessRecord | undefined {
  const mine = `${paths.lock}.${process.pid}`;
  const record = JSON.stringify({ pid: process.pid, identity: identityOf(process.pid) });
  try {
    writeFileSync(mine, record, { mode: 0o600 });
    for (;;) {
      try {
        // A link fails if the name is taken, so that of two racing processes one wins.
        linkSync(mine, paths.lock);
        return undefined;
      } catch (error) {
        if (systemCodeOf(error) !== 'EEXIST') throw error;
      }
      const holder = liveHolderOf(paths.lock);
      if (holder !== undefined) return holder;
      removeStale(paths.lock);
    }
  } catch (error) {
    throw fileError('lock', paths.lock, error);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Gives the lock up, if it is this process' own. */
export function releaseSupervisorLock(paths: HomePaths): void {
  if (liveHolderOf(paths.lock)?.pid === process.pid) rmSync(paths.lock, { force: true });
}

function liveHolderOf(lock: string): ProcessRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(lock, 'utf8')) as ProcessRecord;
    return identityOf(record.pid) === record.identity ? record : undefined;
  } catch {
    return undefined;
  }
}

function removeStale(lock: string): void {
  const aside = `${lock}.stale.${process.pid}`;
  try {
    renameSync(lock, aside);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  // Between the look and the rename another process may have put its own, live lock there.
  if (liveHolderOf(aside) !== undefined) {
    try {
      linkSync(aside, lock);
    } catch (error) {
      if (systemCodeOf(error) !== 'EEXIST') throw error;
    }
  }
  rmSync(aside, { force: true });
}
