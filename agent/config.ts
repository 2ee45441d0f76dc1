import { readFileSync } from 'node:fs';

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

type Environment = Readonly<Record<string, string | undefined>>;

const LOG_LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error'];
const SERVICE_ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Reads the environment and the files it names. @throws Error naming the variable that is wrong. */
export function readConfig(env: Environment): AgentConfig {
  const caFile = env['THREEPORT_CA_FILE'] ?? '';
  const heartbeatMs = wholeNumber(env, 'THREEPORT_HEARTBEAT_MS', 5_000, 1_000, 100_000);
  const logLevel = env['THREEPORT_LOG_LEVEL'] ?? 'info';
  if (!LOG_LEVELS.includes(logLevel)) {
    throw new Error(`THREEPORT_LOG_LEVEL is "${logLevel}"; want one of ${LOG_LEVELS.join(', ')}`);
  }
  return Object.freeze({
    server: required(env, 'THREEPORT_SERVER'),
    ...(caFile !== '' && { ca: fileOf('THREEPORT_CA_FILE', caFile) }),
    token: fileOf('THREEPORT_TOKEN_FILE', required(env, 'THREEPORT_TOKEN_FILE')).trim(),
    cluster: Object.freeze(readMode(env)),
    heartbeatMs,
    // Two heartbeats may be lost before anybody takes notice.
    heartbeatValidMs: Math.max(5_000, 3 * heartbeatMs),
    logLevel: logLevel as LogLevel,
  });
}

function readMode(env: Environment): HostedMode | ClusterMode {
  const mode = required(env, 'THREEPORT_AGENT_MODE');
  if (mode === 'hosted') return { mode };
  if (mode !== 'cluster') {
    throw new Error(`THREEPORT_AGENT_MODE is "${mode}"; want hosted or cluster`);
  }
  const kubeconfigFile = env['THREEPORT_KUBECONFIG_FILE'] ?? '';
  return {
    mode,
    runtime: required(env, 'THREEPORT_RUNTIME'),
    access: kubeconfigFile === '' ? serviceAccount(env) : { kubeconfigFile },
  };
}

function serviceAccount(env: Environment): ServiceAccount {
  const host = env['KUBERNETES_SERVICE_HOST'] ?? '';
  if (host === '') {
    throw new Error(
      'THREEPORT_KUBECONFIG_FILE is not set and this process does not run in a cluster ' +
        '(KUBERNETES_SERVICE_HOST is not set): set the former',
    );
  }
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  return {
    server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
    caFile: `${SERVICE_ACCOUNT_FOLDER}/ca.crt`,
    tokenFile: `${SERVICE_ACCOUNT_FOLDER}/token`,
  };
}

function required(env: Environment, name: string): string {
  const value = env[name] ?? '';
  if (value === '') throw new Error(`${name} is not set`);
  return value;
}

function wholeNumber(
  env: Environment,
  name: string,
  absent: number,
  least: number,
  most: number,
): number {
  const text = env[name] ?? '';
  if (text === '') return absent;
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${name} is "${text}"; want a whole number from ${least} to ${most}`);
}

function fileOf(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Error(`${variable}: cannot read ${file}`, { cause: error });
  }
}
