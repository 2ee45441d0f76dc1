import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import type { ClientOptions } from '../../client/index.js';
import { readKubeconfig } from '../../client/index.js';
import type { Environment } from '../env.js';
import { EnvReader } from '../env.js';
import type { LogLevel } from '../logger.js';
import { loadTracer } from '../tracing/load-tracer.js';
import type { Tracer } from '../tracing/tracer.js';

/** How a process with an author's reconcilers reaches Threeport. */
export interface RunConfig {
  readonly connection: Pick<ClientOptions, 'server' | 'ca' | 'token' | 'cert' | 'key' | 'insecure'>;
  /** Absent: no hints come; due work is found by sweeping. */
  readonly natsUrl?: string;
  /** Runs the programs that kubeconfigs of runtimes name for their credential. */
  readonly allowCredentialPlugins: boolean;
  /** Where metrics and health are told. Absent: nowhere. */
  readonly metrics?: { readonly host: string; readonly port: number };
  /** Each object is looked at again this long after its last look. Absent: never. */
  readonly resyncMs?: number;
  readonly logLevel: LogLevel;
}

export interface ConnectionChoice {
  /** A kubeconfig file. Default: `KUBECONFIG`, else `~/.threeport/config`. */
  readonly kubeconfig?: string;
  /** A context in it. Default: the current one. */
  readonly context?: string;
}

/**
 * Where THREEPORT_SERVER is set, it, THREEPORT_TOKEN_FILE and THREEPORT_CA_FILE say how; else a
 * kubeconfig: that of `choice`, the first file of KUBECONFIG, or the one that `tptctl up` writes
 * (THREEPORT_HOME, default ~/.threeport). THREEPORT_NATS_URL, THREEPORT_ALLOW_CREDENTIAL_PLUGINS,
 * THREEPORT_RESYNC_MS (default 600,000; 0: never),
 * THREEPORT_METRICS_PORT (0: any free one; unset: no metrics) with THREEPORT_METRICS_HOST (default
 * 127.0.0.1), and THREEPORT_LOG_LEVEL may be set besides.
 *
 * @throws Error saying which variable, file or entry is wrong; it never quotes a credential.
 */
export async function readConfig(
  choice: ConnectionChoice,
  env: Environment = process.env,
): Promise<RunConfig> {
  const reader = new EnvReader(env);
  const natsUrl = reader.url('THREEPORT_NATS_URL', ['nats:', 'tls:']);
  const isByEnv = choice.kubeconfig === undefined && reader.optional('THREEPORT_SERVER');
  const fromEnv = isByEnv ? connectionOfEnv(reader) : undefined;
  const metrics = reader.metricsAddress();
  const resyncMs = reader.resyncMs();
  const config = {
    ...(metrics !== undefined && { metrics }),
    ...(natsUrl !== undefined && { natsUrl }),
    ...(resyncMs !== undefined && { resyncMs }),
    allowCredentialPlugins: reader.flag('THREEPORT_ALLOW_CREDENTIAL_PLUGINS'),
    logLevel: reader.logLevel(),
  };
  reader.check();
  const connection =
    fromEnv ?? (await readKubeconfig(await kubeconfigFile(choice, reader), choice.context));
  return { ...config, connection };
}

/** The tracer that the environment asks for; see loadTracer. */
export function tracerOf(
  service: string,
  env: Environment = process.env,
): Promise<Tracer | undefined> {
  return loadTracer(env, service);
}

function connectionOfEnv(reader: EnvReader): RunConfig['connection'] {
  const ca = reader.file('THREEPORT_CA_FILE');
  return {
    server: reader.requiredUrl('THREEPORT_SERVER', ['https:', 'http:']),
    token: reader.requiredFile('THREEPORT_TOKEN_FILE').trim(),
    ...(ca !== undefined && { ca }),
  };
}

async function kubeconfigFile(choice: ConnectionChoice, env: EnvReader): Promise<string> {
  const files = (env.optional('KUBECONFIG') ?? '').split(delimiter).filter((file) => file !== '');
  const home = env.optional('THREEPORT_HOME') ?? join(homedir(), '.threeport');
  if (choice.kubeconfig !== undefined) return choice.kubeconfig;
  for (const file of files) {
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return file;
  }
  return files[0] ?? join(home, 'config');
}
