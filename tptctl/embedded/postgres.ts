import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { lchown, lstat, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedError, fileError } from './embedded-error.js';
import { makeDir } from './make-dir.js';
import { removeStalePidFiles } from './postgres-pid-file.js';
import { startChild, type RunningChild } from './start-child.js';
import type { UnixUser } from './unprivileged-user.js';

/** The superuser of every embedded database. Whoever reaches the socket's folder is trusted. */
const DATABASE_USER = 'threeport';

export interface PostgresOptions {
  readonly binDir: string;
  /** Created by initdb if it does not exist. */
  readonly dataDir: string;
  /** Folder of the unix socket, the only way in. Made with mode 0700. At most 90 bytes. */
  readonly socketDir: string;
  /** The user to run as, from `unprivilegedUser()`: undefined unless this process is root. */
  readonly user: UnixUser | undefined;
  /** Created if they do not exist. */
  readonly databases: readonly string[];
  /** False trades safety against a power cut for speed: for tests only. Default true. */
  readonly durable?: boolean;
  readonly log: (line: string) => void;
  readonly logFile?: string;
  readonly env: NodeJS.ProcessEnv;
  readonly onPid?: (pid: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface RunningPostgres extends RunningChild {
  /** `postgres://threeport@/<database>?host=<socketDir>`. */
  url(database: string): string;
}

/**
 * Starts PostgreSQL on a unix socket; initialises the data folder and creates the databases if they
 * are not there. Resolves when it accepts connections. It stops when this process ends.
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  await makeOwnedDir(options.socketDir, options.user);
  const isNew = !existsSync(join(options.dataDir, 'PG_VERSION'));
  if (isNew) await initialise(options);
  removeStalePidFiles(options.dataDir, options.socketDir);

  const settings: Record<string, string> = {
    listen_addresses: '',
    unix_socket_directories: options.socketDir,
    shared_buffers: '32MB',
    max_connections: '40',
    max_wal_size: '256MB',
    wal_level: 'minimal',
    max_wal_senders: '0',
    synchronous_commit: 'on',
    log_checkpoints: 'off',
    ...(options.durable === false && { fsync: 'off', full_page_writes: 'off' }),
  };
  const child = await startChild({
    name: 'postgres',
    command: join(options.binDir, 'postgres'),
    args: [
      '-D',
      options.dataDir,
      ...Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]),
    ],
    env: { ...options.env, LC_ALL: 'C' },
    user: options.user,
    guardSignal: 'INT',
    isReady: (line) => line.includes('ready to accept connections'),
    log: options.log,
    logFile: options.logFile,
    onPid: options.onPid,
    signal: options.signal,
  });
  const url = (database: string): string => postgresUrl(options.socketDir, database);
  if (isNew && options.durable !== false) syncInBackground(options);
  try {
    await createDatabases(url('postgres'), options.databases);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { ...child, url };
}

/** What a client connects to. */
export function postgresUrl(socketDir: string, database: string): string {
  return `postgres://${DATABASE_USER}@/${database}?host=${encodeURIComponent(socketDir)}`;
}

async function initialise(options: PostgresOptions): Promise<void> {
  // Made aside and renamed, so that an initdb that was interrupted leaves no half data folder.
  const unfinished = `${options.dataDir}.initdb`;
  await rm(unfinished, { recursive: true, force: true });
  await makeOwnedDir(unfinished, options.user);
  const command = join(options.binDir, 'initdb');
  const args = [`--pgdata=${unfinished}`, `--username=${DATABASE_USER}`, '--auth=trust'];
  args.push('--no-sync', '--no-locale', '--encoding=UTF8', '--no-instructions');
  try {
    await promisify(execFile)(command, args, {
      cwd: '/',
      env: { ...options.env, LC_ALL: 'C' },
      timeout: 60_000,
      signal: options.signal,
      ...(options.user !== undefined && { uid: options.user.uid, gid: options.user.gid }),
    });
    await rename(unfinished, options.dataDir);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    options.signal?.throwIfAborted();
    const output = (error as { stderr?: string }).stderr ?? String(error);
    for (const line of output.split('\n')) options.log(line);
    const full = output.includes('No space left on device');
    const reason = full ? ': no space left on the device' : '';
    throw new EmbeddedError(`postgres: initdb could not create ${options.dataDir}${reason}`, {
      logLines: output.trim().split('\n').slice(-5),
      logFile: options.logFile,
      remedy: full
        ? 'free some space (about 200 MB are needed), or choose another folder with --home'
        : undefined,
      cause: error,
    });
  }
}

/** What `initdb --no-sync` left out, without anybody waiting for it. */
function syncInBackground(options: PostgresOptions): void {
  execFile(
    join(options.binDir, 'initdb'),
    ['--sync-only', `--pgdata=${options.dataDir}`],
    {
      cwd: '/',
      env: options.env,
      timeout: 60_000,
      ...(options.user !== undefined && { uid: options.user.uid, gid: options.user.gid }),
    },
    (error) => {
      if (error !== null) options.log(`initdb --sync-only: ${error.message}`);
    },
  );
}

async function createDatabases(url: string, databases: readonly string[]): Promise<void> {
  const { Client } = await import('pg');
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    const existing = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const names = new Set(existing.rows.map((row) => row.datname));
    for (const database of databases) {
      if (!names.has(database)) await client.query(`CREATE DATABASE "${database}"`);
    }
  } finally {
    await client.end();
  }
}

async function makeOwnedDir(path: string, user: UnixUser | undefined): Promise<void> {
  makeDir(path, 0o700);
  try {
    const { uid } = await lstat(path);
    if (uid === user?.uid) return;
    // In a folder such as /tmp another user may have been faster, to read what is sent there.
    if (uid !== process.getuid?.()) throw new Error(`it belongs to user id ${uid}`);
    if (user !== undefined) await lchown(path, user.uid, user.gid);
  } catch (error) {
    throw fileError('use the folder', path, error);
  }
}
