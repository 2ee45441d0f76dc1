import type { Environment } from '../sdk/env.js';
import { EnvReader } from '../sdk/env.js';
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

const DEFAULT_PORT = 7443;

/**
 * Reads THREEPORT_LISTEN_HOST (default 127.0.0.1), THREEPORT_LISTEN_PORT (default 7443, 0: any),
 * THREEPORT_TLS_CERT_FILE and THREEPORT_TLS_KEY_FILE (both or neither), THREEPORT_TOKENS_FILE,
 * THREEPORT_DATABASE_URL, THREEPORT_NATS_URL (optional), THREEPORT_ENCRYPTION_KEY_FILE and
 * THREEPORT_LOG_LEVEL (default info).
 *
 * @throws Error that lists every problem found, and no value that could be secret.
 */
export function readConfig(env: Environment): ServerConfig {
  const reader = new EnvReader(env);
  const natsUrl = reader.url('THREEPORT_NATS_URL', ['nats:', 'tls:']);
  const config: ServerConfig = {
    listen: readListen(reader, DEFAULT_PORT),
    tokensFile: reader.required('THREEPORT_TOKENS_FILE'),
    databaseUrl: reader.required('THREEPORT_DATABASE_URL'),
    ...(natsUrl !== undefined && { natsUrl }),
    encryptionKeyFile: reader.required('THREEPORT_ENCRYPTION_KEY_FILE'),
    logLevel: reader.logLevel(),
  };
  reader.check();
  return Object.freeze(config);
}

/** Where to listen, as every process that runs the server's machinery is told. */
export function readListen(reader: EnvReader, defaultPort: number): ListenOptions {
  const cert = reader.file('THREEPORT_TLS_CERT_FILE');
  const key = reader.file('THREEPORT_TLS_KEY_FILE');
  reader.bothOrNeither('THREEPORT_TLS_CERT_FILE', 'THREEPORT_TLS_KEY_FILE');
  return Object.freeze({
    host: reader.optional('THREEPORT_LISTEN_HOST') ?? '127.0.0.1',
    port: reader.integer('THREEPORT_LISTEN_PORT', { min: 0, max: 65_535, byDefault: defaultPort }),
    ...(cert !== undefined && key !== undefined && { tls: Object.freeze({ cert, key }) }),
  });
}
