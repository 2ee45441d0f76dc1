import { readFileSync } from 'node:fs';
import type { LogLevel } from '../sdk/logger.js';

const LOG_LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'];

/** What the sandbox process is told by its environment. */
export interface SandboxConfig {
  readonly listen: {
    readonly host: string;
    readonly port: number;
    readonly tls?: { readonly cert: string; readonly key: string };
  };
  /** JSON: a list of `{token, user, groups}`. */
  readonly tokensFile: string;
  /** Absent: objects live in memory and end with the process. */
  readonly databaseUrl?: string;
  readonly logLevel: LogLevel;
}

/**
 * Reads THREEPORT_LISTEN_HOST (127.0.0.1), _LISTEN_PORT (0: any), _TLS_CERT_FILE, _TLS_KEY_FILE,
 * _TOKENS_FILE, _DATABASE_URL and _LOG_LEVEL (info).
 *
 * @throws Error naming the variable and what it may be.
 */
export function readConfig(env: NodeJS.ProcessEnv): SandboxConfig {
  const tokensFile = env['THREEPORT_TOKENS_FILE'];
  if (tokensFile === undefined || tokensFile === '') {
    throw new Error('THREEPORT_TOKENS_FILE is missing: want the path of a JSON list of tokens');
  }
  const databaseUrl = env['THREEPORT_DATABASE_URL'];
  const tls = readTls(env['THREEPORT_TLS_CERT_FILE'], env['THREEPORT_TLS_KEY_FILE']);
  return Object.freeze({
    listen: Object.freeze({
      host: env['THREEPORT_LISTEN_HOST'] ?? '127.0.0.1',
      port: readPort(env['THREEPORT_LISTEN_PORT'] ?? '0'),
      ...(tls !== undefined && { tls }),
    }),
    tokensFile,
    ...(databaseUrl !== undefined && databaseUrl !== '' && { databaseUrl }),
    logLevel: readLogLevel(env['THREEPORT_LOG_LEVEL'] ?? 'info'),
  });
}

function readPort(text: string): number {
  const port = Number(text);
  if (text === '' || !Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`THREEPORT_LISTEN_PORT is "${text}": want a whole number from 0 to 65535`);
  }
  return port;
}

function readLogLevel(text: string): LogLevel {
  if (!LOG_LEVELS.includes(text)) {
    throw new Error(`THREEPORT_LOG_LEVEL is "${text}": want one of ${LOG_LEVELS.join(', ')}`);
  }
  return text as LogLevel;
}

function readTls(
  certFile: string | undefined,
  keyFile: string | undefined,
): { cert: string; key: string } | undefined {
  if (certFile === undefined && keyFile === undefined) return undefined;
  if (certFile === undefined || keyFile === undefined) {
    throw new Error('THREEPORT_TLS_CERT_FILE and THREEPORT_TLS_KEY_FILE: set both or neither');
  }
  return {
    cert: readPem('THREEPORT_TLS_CERT_FILE', certFile),
    key: readPem('THREEPORT_TLS_KEY_FILE', keyFile),
  };
}

function readPem(variable: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Error(`cannot read ${path}, which ${variable} names`, { cause: error });
  }
}
