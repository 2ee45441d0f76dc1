import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** True while a process with this pid exists and is not a zombie. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  return statFields(pid)?.[0] !== 'Z';
}

/** Sends SIGKILL; a process that is gone already is no error. */
export function killProcess(pid: number, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Resolves true once the process is gone; after `timeoutMs` kills it, and says false. */
export async function waitUntilGone(pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      killProcess(pid);
      return false;
    }
    await delay(20);
  }
  return true;
}

/**
 * What tells a process from a later one with the same pid: its start time (and, on Linux, the boot
 * it happened in). Undefined if there is no such process.
 */
export function identityOf(pid: number): string | undefined {
  if (process.platform === 'linux') {
    const startTicks = statFields(pid)?.[19];
    return startTicks === undefined || !isAlive(pid) ? undefined : `${bootId()}/${startTicks}`;
  }
  try {
    const output = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
    return output.trim() === '' ? undefined : output.trim();
  } catch {
    return undefined;
  }
}

/** The command line, its arguments joined by spaces; undefined if it cannot be read. */
export function commandLineOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined;
  }
}

/**
 * Resident memory in bytes of a process and, if asked, all its descendants; what they share (the
 * buffers of postgres) counts once then. Undefined where it cannot be read.
 */
export function residentBytesOf(pid: number, withDescendants: boolean): number | undefined {
  if (process.platform !== 'linux') {
    try {
      const kib = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
      return Number(kib) * 1024;
    } catch {
      return undefined;
    }
  }
  let privateBytes = 0;
  let sharedBytes = 0;
  for (const member of [pid, ...(withDescendants ? descendantsOf(pid) : [])]) {
    const status = readQuietly(`/proc/${member}/status`);
    if (status === undefined) continue;
    const kibOf = (field: string): number =>
      Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1] ?? 0);
    privateBytes += kibOf('RssAnon') * 1024;
    sharedBytes = Math.max(sharedBytes, (kibOf('RssFile') + kibOf('RssShmem')) * 1024);
  }
  return privateBytes + sharedBytes === 0 ? undefined : privateBytes + sharedBytes;
}

function descendantsOf(pid: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const child = Number(name);
    const parent = Number.isNaN(child) ? undefined : statFields(child)?.[1];
    if (parent === undefined) continue;
    childrenOf.set(Number(parent), [...(childrenOf.get(Number(parent)) ?? []), child]);
  }
  const found: number[] = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const children = childrenOf.get(next) ?? [];
    found.push(...children);
    open.push(...children);
  }
  return found;
}

/** The fields of /proc/<pid>/stat after the command's name: [0] state, [1] parent, [19] start. */
function statFields(pid: number): string[] | undefined {
  const stat = readQuietly(`/proc/${pid}/stat`);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function bootId(): string {
  return readQuietly('/proc/sys/kernel/random/boot_id')?.trim() ?? 'unknown-boot';
}

function readQuietly(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
