import { randomBytes } from 'node:crypto';
import { accessSync, constants } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { fileError } from './embedded-error.js';
import { makeDir } from './make-dir.js';
import { startChild, type RunningChild } from './start-child.js';

export interface NatsServerOptions {
  /** From `findNatsServer`. */
  readonly binary: string;
  /** 127.0.0.1's port; not 0. */
  readonly port: number;
  /** Holds JetStream's store and the configuration (mode 0600). Made if it does not exist. */
  readonly dir: string;
  readonly log: (line: string) => void;
  readonly logFile?: string;
  readonly env: NodeJS.ProcessEnv;
  /** The client's password. Default: a new random one. */
  readonly password?: string;
  readonly onPid?: (pid: number) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface RunningNatsServer extends RunningChild {
  /** `nats://threeport:<password>@127.0.0.1:<port>`. */
  readonly url: string;
}

/** The nats-server on `searchPath` (PATH's form) or else in `toolsDir`. */
export function findNatsServer(searchPath: string, toolsDir: string): string | undefined {
  return [...searchPath.split(delimiter), toolsDir]
    .filter((dir) => dir !== '')
    .map((dir) => join(dir, 'nats-server'))
    .find(isExecutable);
}

/**
 * Starts nats-server with JetStream on loopback, open to one user with a password. Resolves when
 * it accepts clients. It stops when this process ends.
 */
export async function startNatsServer(options: NatsServerOptions): Promise<RunningNatsServer> {
  const password = options.password ?? randomBytes(24).toString('base64url');
  const configFile = join(options.dir, 'nats-server.conf');
  makeDir(options.dir, 0o700);
  try {
    await writeFile(configFile, configuration(options, password), { mode: 0o600 });
  } catch (error) {
    throw fileError('write', configFile, error);
  }
  const child = await startChild({
    name: 'nats',
    command: options.binary,
    args: ['--config', configFile],
    env: options.env,
    guardSignal: 'TERM',
    isReady: (line) => line.includes('Server is ready'),
    log: options.log,
    logFile: options.logFile,
    onPid: options.onPid,
    signal: options.signal,
  });
  return { ...child, url: natsUrl(options.port, password) };
}

/** What a client connects to. */
export function natsUrl(port: number, password: string): string {
  return `nats://threeport:${password}@127.0.0.1:${port}`;
}

function configuration(options: NatsServerOptions, password: string): string {
  return [
    'host: "127.0.0.1"',
    `port: ${options.port}`,
    'server_name: "threeport"',
    `authorization { user: "threeport", password: "${password}" }`,
    'jetstream {',
    `  store_dir: ${JSON.stringify(options.dir)}`,
    '  max_memory_store: 67108864',
    '  max_file_store: 1073741824',
    '}',
    '',
  ].join('\n');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
