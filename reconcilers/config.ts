import type { Environment } from '../sdk/env.js';
import { EnvReader } from '../sdk/env.js';
import type { LogLevel } from '../sdk/logger.js';

/** How this process reaches Threeport's API and the broker. */
export interface ReconcilersConfig {
  readonly server: string;
  /** PEM. Absent: the system's authorities. */
  readonly ca?: string;
  readonly token: string;
  /** Absent: no hints come; due work is found by sweeping. */
  readonly natsUrl?: string;
  /** Runs the programs that kubeconfigs name for their credential. */
  readonly allowCredentialPlugins: boolean;
  /** How long an object stays with a worker that dies. Absent: that of a worker. */
  readonly leaseMs?: number;
  /** Where metrics and health are told. Absent: nowhere. */
  readonly metrics?: { readonly host: string; readonly port: number };
  /** Each object is looked at again this long after its last look. Absent: never. */
  readonly resyncMs?: number;
  readonly logLevel: LogLevel;
}

/**
 * Reads THREEPORT_SERVER, THREEPORT_TOKEN_FILE, and optionally THREEPORT_CA_FILE, THREEPORT_NATS_URL,
 * THREEPORT_ALLOW_CREDENTIAL_PLUGINS (default 0), THREEPORT_LEASE_MS (default 15,000),
 * THREEPORT_RESYNC_MS (default 600,000; 0: never),
 * THREEPORT_METRICS_PORT (0: any free one; unset: no metrics), THREEPORT_METRICS_HOST (default
 * 127.0.0.1) and THREEPORT_LOG_LEVEL (default info), and the files they name.
 *
 * @throws Error naming every variable that is wrong.
 */
export function readConfig(env: Environment): ReconcilersConfig {
  const reader = new EnvReader(env);
  const ca = reader.file('THREEPORT_CA_FILE');
  const leaseMs = reader.integer('THREEPORT_LEASE_MS', { min: 1_000, max: 600_000, byDefault: 0 });
  const natsUrl = reader.url('THREEPORT_NATS_URL', ['nats:', 'tls:']);
  const metrics = reader.metricsAddress();
  const resyncMs = reader.resyncMs();
  const config: ReconcilersConfig = {
    server: reader.requiredUrl('THREEPORT_SERVER', ['https:', 'http:']),
    token: reader.requiredFile('THREEPORT_TOKEN_FILE').trim(),
    ...(ca !== undefined && { ca }),
    ...(natsUrl !== undefined && { natsUrl }),
    ...(resyncMs !== undefined && { resyncMs }),
    ...(leaseMs > 0 && { leaseMs }),
    ...(metrics !== undefined && { metrics }),
    allowCredentialPlugins: reader.flag('THREEPORT_ALLOW_CREDENTIAL_PLUGINS'),
    logLevel: reader.logLevel(),
  };
  reader.check();
  return Object.freeze(config);
}
