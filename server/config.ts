import { readFileSync } from 'node:fs';
import type { LogLevel } from '../sdk/logger.js';
import type { ListenOptions } from './http-listener.js';

/** Everything the server process is told, read and checked once. */
export interface ServerConfig {
  readonly listen: ListenOptions;
  /** JSON file: a list of `{token, user, groups}`. */
  readonly tokensFile: string;
  /** `postgres://...`; may hold a password: never logged. */
  readonly databaseUrl: string;
  /** `nats://...`. Absent: workers find due work by sweeping. */
  readonly natsUrl?: string;
  /** File with 32 bytes in base64. */
  readonly encryptionKeyFile: string;
  readonly logLevel: LogLevel;
}

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'];

/**
 * Reads THREEPORT_LISTEN_HOST (default 127.0.0.1), THREEPORT_LISTEN_PORT (default 7443, 0: any),
 * THREEPORT_TLS_CERT_FILE and THREEPORT_TLS_KEY_FILE (both or neither), THREEPORT_TOKENS_FILE,
 * THREEPORT_DATABASE_URL, THREEPORT_NATS_URL (optional), THREEPORT_ENCRYPTION_KEY_FILE and
 * THREEPORT_LOG_LEVEL (default info).
 *
 * @throws Error that lists every problem found, and no value that could be secret.
 */
export function readConfig(env: Environment = process.env): ServerConfig {
  const problems: string[] = [];
  const required = (name: string, what: string): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(`${name} is not set: want ${what}`);
    return value;
  };
  const tokensFile = required('THREEPORT_TOKENS_FILE', 'the path of a JSON list of tokens');
  const databaseUrl = required('THREEPORT_DATABASE_URL', 'postgres://user@host/database');
  const encryptionKeyFile = required('THREEPORT_ENCRYPTION_KEY_FILE', 'the path of a key file');
  const tls = readTls(env, problems);
  const port = readPort(env['THREEPORT_LISTEN_PORT'] ?? '7443', problems);
  const logLevel = env['THREEPORT_LOG_LEVEL'] ?? 'info';
  if (!LOG_LEVELS.includes(logLevel)) {
    problems.push(`THREEPORT_LOG_LEVEL is "${logLevel}": want one of ${LOG_LEVELS.join(', ')}`);
  }
  const natsUrl = env['THREEPORT_NATS_URL'] ?? '';
  if (problems.length > 0) {
    throw new Error(`the configuration cannot be used: ${problems.join('; ')}`);
  }
  return Object.freeze({
    listen: Object.freeze({
      host: env['THREEPORT_LISTEN_HOST'] ?? '127.0.0.1',
      port,
      ...(tls !== undefined && { tls: Object.freeze(tls) }),
    }),
    tokensFile,
    databaseUrl,
    ...(natsUrl !== '' && { natsUrl }),
    encryptionKeyFile,
    logLevel: logLevel as LogLevel,
  });
}

function readPort(text: string, problems: string[]): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65_535) {
    problems.push(`THREEPORT_LISTEN_PORT is "${text}": want a whole number from 0 to 65535`);
  }
  return port;
}

function readTls(env: Environment, problems: string[]): { cert: string; key: string } | undefined {
  const certFile = env['THREEPORT_TLS_CERT_FILE'] ?? '';
  const keyFile = env['THREEPORT_TLS_KEY_FILE'] ?? '';
  if (certFile === '' && keyFile === '') return undefined;
  if (certFile === '' || keyFile === '') {
    problems.push('THREEPORT_TLS_CERT_FILE and THREEPORT_TLS_KEY_FILE: set both or neither');
    return undefined;
  }
  const cert = readText('THREEPORT_TLS_CERT_FILE', certFile, problems);
  const key = readText('THREEPORT_TLS_KEY_FILE', keyFile, problems);
  return { cert, key };
}

function readText(variable: string, path: string, problems: string[]): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    problems.push(`${variable}: cannot read ${path} (${(error as NodeJS.ErrnoException).code})`);
    return '';
  }
}
