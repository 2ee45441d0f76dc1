import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { cp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { EmbeddedError, fileError } from './embedded-error.js';
import { makeDir } from './make-dir.js';
import {
  findPostgresBinaries,
  restoreSymlinks,
  type PostgresBinaries,
} from './postgres-binaries.js';
import { canTraverse, unprivilegedUser, type UnixUser } from './unprivileged-user.js';

/** A unix socket's path may hold 107 bytes; postgres appends `/.s.PGSQL.5432.lock`. */
const MAX_SOCKET_DIR_BYTES = 80;

/** Where postgres' files are and who runs it. Everything in it can be reached by `user`. */
export interface PostgresPlace {
  readonly user: UnixUser | undefined;
  readonly binDir: string;
  readonly dataDir: string;
  readonly socketDir: string;
  /** The folders outside the home that hold our state, to be removed by a purge. */
  readonly outsideDirs: readonly string[];
}

export interface PostgresPlaceOptions {
  /** The folder that postgres' files should be in. */
  readonly homeDir: string;
  /** Where they go if postgres' user cannot enter `homeDir`. Default /var/lib/threeport. */
  readonly sharedRoot?: string;
  /** PATH's form. */
  readonly searchPath: string;
}

/**
 * Decides where postgres runs: in `<homeDir>/postgres` where its user can get there, else in a
 * folder of `sharedRoot` named after a hash of the home. Restores missing library links, and copies
 * the binaries where postgres' user cannot reach them or the links cannot be made. Idempotent: the
 * same home gives the same place.
 */
export async function preparePostgresPlace(options: PostgresPlaceOptions): Promise<PostgresPlace> {
  const user = unprivilegedUser();
  const hash = createHash('sha256').update(options.homeDir).digest('hex').slice(0, 12);
  const outsideDir = join(options.sharedRoot ?? '/var/lib/threeport', hash);
  const useHome = user === undefined || canTraverse(user, options.homeDir);
  const stateDir = useHome ? options.homeDir : outsideDir;
  let outsideUsed = !useHome;
  if (outsideUsed) makeOpenDir(outsideDir);

  const dataDir = join(stateDir, 'postgres');
  checkOwner(dataDir, user);
  const binaries = await findPostgresBinaries(options.searchPath, majorVersionOf(dataDir));
  let binDir = binaries.binDir;
  if (!(await isUsable(binaries, user))) {
    // Only root and the user itself may enter a home that has been closed to others.
    const copyDir = user === undefined ? options.homeDir : outsideDir;
    outsideUsed ||= user !== undefined;
    if (outsideUsed) makeOpenDir(outsideDir);
    binDir = await copyBinaries(binaries, join(copyDir, 'postgres-native'), user);
  }
  const socketDir = shortSocketDir(stateDir, hash);
  return {
    user,
    binDir,
    dataDir,
    socketDir,
    outsideDirs: [
      ...(outsideUsed ? [outsideDir] : []),
      ...(dirname(socketDir) === stateDir ? [] : [socketDir]),
    ],
  };
}

async function isUsable(binaries: PostgresBinaries, user: UnixUser | undefined): Promise<boolean> {
  if (!canTraverse(user, join(binaries.binDir, 'postgres'))) return false;
  if (binaries.copyableRoot === undefined) return true;
  try {
    await restoreSymlinks(binaries.copyableRoot);
    return true;
  } catch {
    return false;
  }
}

async function copyBinaries(
  binaries: PostgresBinaries,
  target: string,
  user: UnixUser | undefined,
): Promise<string> {
  if (binaries.copyableRoot === undefined) {
    throw new EmbeddedError(
      `postgres: the user "${user?.name ?? 'unknown'}" cannot execute ${join(binaries.binDir, 'postgres')}`,
      { remedy: 'make that folder and its parents accessible, or run tptctl as an ordinary user' },
    );
  }
  const binDir = join(target, 'bin');
  const sameVersion =
    existsSync(join(target, 'complete')) &&
    readFileSync(join(target, 'complete'), 'utf8') === binaries.copyableRoot;
  if (sameVersion && canTraverse(user, join(binDir, 'postgres'))) return binDir;
  try {
    await rm(target, { recursive: true, force: true });
    await cp(binaries.copyableRoot, target, { recursive: true, verbatimSymlinks: true });
    for (const program of ['postgres', 'initdb']) chmodSync(join(binDir, program), 0o755);
    await restoreSymlinks(target);
    writeFileSync(join(target, 'complete'), binaries.copyableRoot);
  } catch (error) {
    await rm(target, { recursive: true, force: true });
    throw fileError('copy the PostgreSQL binaries to', target, error);
  }
  return binDir;
}

function shortSocketDir(stateDir: string, hash: string): string {
  const preferred = join(stateDir, 'postgres-socket');
  if (Buffer.byteLength(preferred) <= MAX_SOCKET_DIR_BYTES) return preferred;
  return join(tmpdir(), `threeport-${process.getuid?.() ?? 0}-${hash}`);
}

/** Made so that any user may enter it; what lies in it closes itself. */
function makeOpenDir(path: string): void {
  makeDir(path, 0o755);
  try {
    // Whatever the umask was.
    for (const dir of [dirname(path), path]) chmodSync(dir, 0o755);
  } catch (error) {
    throw fileError('open the folder', path, error);
  }
}

function checkOwner(dataDir: string, user: UnixUser | undefined): void {
  if (!existsSync(dataDir)) return;
  const owner = statSync(dataDir).uid;
  const wanted = user?.uid ?? process.getuid?.() ?? owner;
  if (owner === wanted) return;
  throw new EmbeddedError(
    `postgres: ${dataDir} belongs to user id ${owner}, but postgres would run as user id ${wanted}`,
    { remedy: 'run tptctl as the user who ran it first, or choose another folder with --home' },
  );
}

function majorVersionOf(dataDir: string): number | undefined {
  try {
    return Number(readFileSync(join(dataDir, 'PG_VERSION'), 'utf8'));
  } catch {
    return undefined;
  }
}
