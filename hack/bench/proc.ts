import { readFileSync, readdirSync } from 'node:fs';

/** USER_HZ, the unit of times in /proc: 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** Fields of /proc/<pid>/stat from the state on, as proc(5) counts them from the third. */
export function statFields(pid: number): string[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** CPU used so far by these processes, and by children of theirs that have ended, in ms. */
export function cpuMsOf(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = statFields(pid);
    for (const index of [11, 12, 13, 14]) ticks += Number(fields[index] ?? 0);
  }
  return ticks * MS_PER_TICK;
}

/** Memory of these processes, each shared page divided among those that share it, in bytes. */
export function pssBytesOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + kilobytes(pid, 'Pss') * 1_024, 0);
}

/** Memory of these processes, shared pages counted with each, in bytes. */
export function rssBytesOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + kilobytes(pid, 'Rss') * 1_024, 0);
}

/** The pid and those of its children that run now. */
export function withChildren(pid: number): number[] {
  const children = readdirSync('/proc')
    .map(Number)
    .filter((each) => Number.isInteger(each) && Number(statFields(each)[1]) === pid);
  return [pid, ...children];
}

/** The environment that the process was started with. */
export function environmentOf(pid: number): Record<string, string> {
  const text = readFileSync(`/proc/${pid}/environ`, 'utf8');
  return Object.fromEntries(
    text.split('\0').map((entry) => {
      const at = entry.indexOf('=');
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}

function kilobytes(pid: number, field: string): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(rollup)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
