import type { Environment } from '../sdk/env.js';
import { EnvReader } from '../sdk/env.js';
import type { LogLevel } from '../sdk/logger.js';
import type { ListenOptions } from './http-listener.js';
import type { JournalLimits } from './store/journal-store.js';

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
  /** What of the journal is kept. */
  readonly journal: JournalLimits;
  readonly logLevel: LogLevel;
}

const DEFAULT_PORT = 7443;

/**
 * Reads THREEPORT_LISTEN_HOST (default 127.0.0.1), THREEPORT_LISTEN_PORT (default 7443, 0: any),
 * THREEPORT_TLS_CERT_FILE and THREEPORT_TLS_KEY_FILE (both or neither), THREEPORT_TOKENS_FILE,
 * THREEPORT_DATABASE_URL, THREEPORT_NATS_URL (optional), THREEPORT_ENCRYPTION_KEY_FILE,
 * THREEPORT_JOURNAL_MAX_AGE_HOURS (default 168), THREEPORT_JOURNAL_MAX_ENTRIES (default 100,000) and
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
    journal: readJournalLimits(reader),
    logLevel: reader.logLevel(),
  };
  reader.check();
  return Object.freeze(config);
}

function readJournalLimits(reader: EnvReader): JournalLimits {
  const hours = reader.integer('THREEPORT_JOURNAL_MAX_AGE_HOURS', {
    min: 1,
    max: 8_784,
    byDefault: 168,
  });
  const maxEntries = reader.integer('THREEPORT_JOURNAL_MAX_ENTRIES', {
    min: 1_000,
    max: 10_000_000,
    byDefault: 100_000,
  });
  return Object.freeze({ maxAgeMs: hours * 3_600_000, maxEntries });
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
