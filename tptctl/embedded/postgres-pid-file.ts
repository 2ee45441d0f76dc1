import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { commandLineOf, isAlive } from './process-table.js';

/** The pid of the postgres that runs on this data folder, or undefined. */
export function livePostmaster(dataDir: string): number | undefined {
  let pid: number;
  try {
    pid = Number(readFileSync(join(dataDir, 'postmaster.pid'), 'utf8').split('\n')[0]);
  } catch {
    return undefined;
  }
  const ours = pid > 0 && isAlive(pid) && commandLineOf(pid)?.includes(dataDir) === true;
  return ours ? pid : undefined;
}

/**
 * Removes what a crash or a reboot left of postgres' pid and socket files: postgres itself would
 * refuse to start if another process happens to have the old pid. Does nothing while it runs.
 */
export function removeStalePidFiles(dataDir: string, socketDir: string): void {
  if (livePostmaster(dataDir) !== undefined) return;
  rmSync(join(dataDir, 'postmaster.pid'), { force: true });
  rmSync(join(socketDir, '.s.PGSQL.5432'), { force: true });
  rmSync(join(socketDir, '.s.PGSQL.5432.lock'), { force: true });
}
