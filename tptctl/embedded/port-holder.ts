import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { commandLineOf } from './process-table.js';

const LISTEN = '0A';

/**
 * Who listens on a TCP port: `pid 123 (nginx: master)`. Undefined where that cannot be known: not
 * on Linux, or the process belongs to another user.
 */
export function holderOfPort(port: number): string | undefined {
  const inodes = new Set(
    ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listenersIn(table, port)),
  );
  if (inodes.size === 0) return undefined;
  for (const pid of readdirQuietly('/proc').filter((name) => /^\d+$/.test(name))) {
    for (const fd of readdirQuietly(`/proc/${pid}/fd`)) {
      if (!inodes.has(inodeOf(`/proc/${pid}/fd/${fd}`))) continue;
      const command = commandLineOf(Number(pid));
      return `pid ${pid}${command === undefined ? '' : ` (${command.slice(0, 80)})`}`;
    }
  }
  return undefined;
}

function listenersIn(table: string, port: number): string[] {
  let text: string;
  try {
    text = readFileSync(table, 'utf8');
  } catch {
    return [];
  }
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) === true && fields[3] === LISTEN)
    .map((fields) => `socket:[${fields[9]}]`);
}

function inodeOf(fd: string): string {
  try {
    return readlinkSync(fd);
  } catch {
    return '';
  }
}

function readdirQuietly(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
