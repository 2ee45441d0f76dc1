import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { TransportOptions } from './transport.js';

/** What a kubeconfig says of one context: ready for createClient. */
export interface KubeconfigContext extends Pick<
  TransportOptions,
  'server' | 'ca' | 'token' | 'cert' | 'key' | 'insecure'
> {
  readonly context: string;
  /** The context's namespace. Default `default`. */
  readonly namespace: string;
}

interface KubeconfigFile {
  readonly 'current-context'?: string;
  readonly contexts?: readonly Named<'context', Context>[];
  readonly clusters?: readonly Named<'cluster', Fields>[];
  readonly users?: readonly Named<'user', Fields>[];
}
type Named<K extends string, T> = { readonly name?: string } & { readonly [field in K]?: T };
type Fields = Readonly<Record<string, unknown>>;
interface Context {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/**
 * Reads one context (default: the current one) of a kubeconfig file. File names in it are relative
 * to it. Credentials from plug-ins (`exec`, `auth-provider`) are refused.
 *
 * @throws Error saying which file, which entry and what to do; it never quotes a credential.
 */
export async function readKubeconfig(file: string, context?: string): Promise<KubeconfigContext> {
  const config = await parse(file);
  const name = context ?? config['current-context'];
  if (name === undefined || name === '') {
    throw new Error(`${file}: no current-context is set; name one with --context`);
  }
  const { cluster: clusterName, user: userName, namespace } = entry(file, config, 'context', name);
  const cluster: Fields = entry(file, config, 'cluster', clusterName);
  const user: Fields =
    userName === undefined || userName === '' ? {} : entry(file, config, 'user', userName);
  const server = cluster['server'];
  if (typeof server !== 'string' || server === '') {
    throw new Error(`${file}: cluster "${clusterName}" has no server`);
  }
  if ('exec' in user || 'auth-provider' in user) {
    throw new Error(
      `${file}: user "${userName}" takes its credential from a plug-in, which is not supported; use a token or a client certificate`,
    );
  }
  const ca = await material(file, cluster, 'certificate-authority');
  const cert = await material(file, user, 'client-certificate');
  const key = await material(file, user, 'client-key');
  const token = await tokenOf(file, user);
  return {
    context: name,
    server,
    namespace: namespace ?? 'default',
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
    ...(token !== undefined && { token }),
    ...(cluster['insecure-skip-tls-verify'] === true && { insecure: true }),
  };
}

async function parse(file: string): Promise<KubeconfigFile> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`cannot read the kubeconfig ${file}`, { cause: error });
  });
  if (text === undefined) {
    throw new Error(
      `no kubeconfig at ${file}: start a control plane with "tptctl up", or name another file with --kubeconfig`,
    );
  }
  // Lazily: a CLI that never gets here should not pay for it.
  const { load } = await import('js-yaml');
  let config: unknown;
  try {
    config = load(text);
  } catch {
    // The parser's message quotes the text, credentials and all.
    throw new Error(`${file} is no YAML`);
  }
  if (typeof config !== 'object' || config === null || !('clusters' in config)) {
    throw new Error(`${file} is no kubeconfig: it has no clusters`);
  }
  return config as KubeconfigFile;
}

function entry<K extends 'context' | 'cluster' | 'user'>(
  file: string,
  config: KubeconfigFile,
  what: K,
  name: string | undefined,
): K extends 'context' ? Context : Fields {
  const list = (config[`${what}s`] ?? []) as readonly (Named<string, object> & { name?: string })[];
  const found = list.find((item) => item.name === name)?.[what];
  if (typeof found !== 'object') {
    const known = list.map((item) => item.name).join(', ');
    throw new Error(
      `${file} has no ${what} "${name ?? ''}"; it has: ${known === '' ? 'none' : known}`,
    );
  }
  return found as never;
}

/** PEM from `<field>-data` (base64), or from the file that `<field>` names. */
async function material(file: string, from: Fields, field: string): Promise<string | undefined> {
  const data = from[`${field}-data`];
  if (typeof data === 'string' && data !== '') return Buffer.from(data, 'base64').toString('utf8');
  const path = from[field];
  return typeof path === 'string' && path !== '' ? readBeside(file, path, field) : undefined;
}

async function tokenOf(file: string, user: Fields): Promise<string | undefined> {
  if (typeof user['token'] === 'string' && user['token'] !== '') return user['token'];
  const path = user['tokenFile'];
  if (typeof path !== 'string' || path === '') return undefined;
  return (await readBeside(file, path, 'tokenFile')).trim();
}

async function readBeside(file: string, path: string, field: string): Promise<string> {
  const full = resolve(dirname(file), path);
  try {
    return await readFile(full, 'utf8');
  } catch (error) {
    throw new Error(`${file}: cannot read ${full}, named as ${field}`, { cause: error });
  }
}
