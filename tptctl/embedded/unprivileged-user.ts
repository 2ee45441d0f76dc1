import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { EmbeddedError } from './embedded-error.js';

/** A user of the operating system. */
export interface UnixUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * The user that postgres, which refuses to run as root, must run as: undefined when this process is
 * not root; else `postgres` where /etc/passwd has it, else `nobody`.
 */
export function unprivilegedUser(
  passwdFile = '/etc/passwd',
  ownUid: number | undefined = process.getuid?.(),
): UnixUser | undefined {
  if (ownUid !== 0) return undefined;
  const users = readFileSync(passwdFile, 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const user = ['postgres', 'nobody']
    .map((name) => users.find((candidate) => candidate.name === name && candidate.uid > 0))
    .find((candidate) => candidate !== undefined);
  if (user === undefined) {
    throw new EmbeddedError(
      `PostgreSQL refuses to run as root, and ${passwdFile} has neither a user "postgres" nor "nobody" to run it as`,
      { remedy: 'run tptctl as an ordinary user' },
    );
  }
  return user;
}

/**
 * True if `user` can enter `path` and every folder above it (asked of the kernel, as that user, so
 * that modes, ACLs and mounts all count). A file is tested for being executable. With no user, the
 * user of this process is asked.
 */
export function canTraverse(user: UnixUser | undefined, path: string): boolean {
  const components: string[] = [];
  for (let part = path; part !== dirname(part); part = dirname(part)) components.unshift(part);
  const test = spawnSync(
    '/bin/sh',
    ['-c', 'for part; do [ -x "$part" ] || exit 1; done', 'sh', ...components],
    {
      cwd: '/',
      stdio: 'ignore',
      timeout: 5_000,
      ...(user !== undefined && { uid: user.uid, gid: user.gid }),
    },
  );
  return test.status === 0;
}
