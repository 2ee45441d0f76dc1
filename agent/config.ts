import type { Environment } from '../sdk/env.js';
import { EnvReader } from '../sdk/env.js';
import type { LogLevel } from '../sdk/logger.js';

/** How this process reaches Threeport's API, and whose clusters it reports on. */
export interface AgentConfig {
  readonly server: string;
  /** PEM. Absent: the system's authorities. */
  readonly ca?: string;
  readonly token: string;
  readonly cluster: HostedMode | ClusterMode;
  readonly heartbeatMs: number;
  readonly heartbeatValidMs: number;
  readonly logLevel: LogLevel;
}

/** Every registered cluster, from outside. */
export interface HostedMode {
  readonly mode: 'hosted';
  /** Runs the programs that kubeconfigs name for their credential. */
  readonly allowCredentialPlugins: boolean;
}

/** One cluster: that of a kubeconfig file, or the one that this process runs in. */
export interface ClusterMode {
  readonly mode: 'cluster';
  /** Name of its KubernetesRuntimeInstance. */
  readonly runtime: string;
  readonly access: { readonly kubeconfigFile: string } | ServiceAccount;
}

/** Where Kubernetes puts the credential of a pod. */
export interface ServiceAccount {
  readonly server: string;
  readonly caFile: string;
  readonly tokenFile: string;
}

const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * Reads THREEPORT_SERVER, THREEPORT_TOKEN_FILE, THREEPORT_AGENT_MODE, and optionally
 * THREEPORT_CA_FILE, THREEPORT_HEARTBEAT_MS (default 5,000) and THREEPORT_LOG_LEVEL (default info).
 * Mode `cluster` wants THREEPORT_RUNTIME, and THREEPORT_KUBECONFIG_FILE outside a cluster; mode
 * `hosted` takes THREEPORT_ALLOW_CREDENTIAL_PLUGINS (default 0).
 *
 * @throws Error naming every variable that is wrong.
 */
export function readConfig(env: Environment): AgentConfig {
  const reader = new EnvReader(env);
  const ca = reader.file('THREEPORT_CA_FILE');
  const heartbeatMs = reader.integer('THREEPORT_HEARTBEAT_MS', {
    min: 1_000,
    max: 100_000,
    byDefault: 5_000,
  });
  const config: AgentConfig = {
    server: reader.requiredUrl('THREEPORT_SERVER', ['https:', 'http:']),
    ...(ca !== undefined && { ca }),
    token: reader.requiredFile('THREEPORT_TOKEN_FILE').trim(),
    cluster: Object.freeze(readMode(reader)),
    heartbeatMs,
    // Two heartbeats may be lost before anybody takes notice.
    heartbeatValidMs: Math.max(5_000, 3 * heartbeatMs),
    logLevel: reader.logLevel(),
  };
  reader.check();
  return Object.freeze(config);
}

function readMode(reader: EnvReader): HostedMode | ClusterMode {
  const mode = reader.choice('THREEPORT_AGENT_MODE', ['hosted', 'cluster']);
  if (mode === 'hosted') {
    return { mode, allowCredentialPlugins: reader.flag('THREEPORT_ALLOW_CREDENTIAL_PLUGINS') };
  }
  const kubeconfigFile = reader.optional('THREEPORT_KUBECONFIG_FILE');
  return {
    mode: 'cluster',
    runtime: reader.required('THREEPORT_RUNTIME'),
    access: kubeconfigFile === undefined ? serviceAccount(reader) : { kubeconfigFile },
  };
}

function serviceAccount(reader: EnvReader): ServiceAccount {
  const host = reader.optional('KUBERNETES_SERVICE_HOST') ?? '';
  // Outside a cluster there is no service account: the file is what is missing.
  if (host === '') reader.required('THREEPORT_KUBECONFIG_FILE');
  const port = reader.optional('KUBERNETES_SERVICE_PORT') ?? '443';
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    caFile: `${SERVICE_ACCOUNT_FOLDER}/ca.crt`,
    tokenFile: `${SERVICE_ACCOUNT_FOLDER}/token`,
  };
}
