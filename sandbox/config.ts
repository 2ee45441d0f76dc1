import type { Environment } from '../sdk/env.js';
import { EnvReader } from '../sdk/env.js';
import type { LogLevel } from '../sdk/logger.js';
import { readListen } from '../server/config.js';
import type { ListenOptions } from '../server/http-listener.js';

/** What the sandbox process is told by its environment. */
export interface SandboxConfig {
  readonly listen: ListenOptions;
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
 * @throws Error that lists every problem found.
 */
export function readConfig(env: Environment): SandboxConfig {
  const reader = new EnvReader(env);
  const databaseUrl = reader.optional('THREEPORT_DATABASE_URL');
  const config: SandboxConfig = {
    listen: readListen(reader, 0),
    tokensFile: reader.required('THREEPORT_TOKENS_FILE'),
    ...(databaseUrl !== undefined && { databaseUrl }),
    logLevel: reader.logLevel(),
  };
  reader.check();
  return Object.freeze(config);
}
