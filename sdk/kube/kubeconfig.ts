import { YAMLException, load } from 'js-yaml';

import { ApiError } from '../api/errors.js';

/** How to reach one cluster, as the current context of a kubeconfig says. */
export interface ClusterAccess {
  /** `https://host:port[/prefix]`, without a trailing slash. */
  readonly server: string;
  /** PEM. Absent: the system's authorities. */
  readonly ca?: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly tlsServerName?: string;
  /** PEM, both or neither. */
  readonly clientCertificate?: string;
  readonly clientKey?: string;
  /** Value of the `Authorization` header. */
  readonly authorization?: string;
  /** The user needs a program or a provider (`exec`, `auth-provider`) to get credentials. */
  readonly needsPlugin: boolean;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the current context of a kubeconfig given as text. Does no I/O: whatever the text names by
 * file path is refused, for those files are not on this machine.
 *
 * @throws ApiError Invalid saying what is missing or wrong; never quotes the text.
 */
export function parseKubeconfig(text: string): ClusterAccess {
  const config = asFields(parseYaml(text));
  if (config === undefined) throw invalid('it is not a YAML mapping');
  const context = currentContext(config);
  const cluster = namedEntry(config, 'clusters', 'cluster', context['cluster']);
  const user =
    context['user'] === undefined ? {} : namedEntry(config, 'users', 'user', context['user']);
  refuseFiles(cluster, ['certificate-authority']);
  refuseFiles(user, ['client-certificate', 'client-key', 'tokenFile']);
  if (cluster['proxy-url'] !== undefined) throw invalid('`proxy-url` is not supported');

  const ca = decodedPem(cluster, 'certificate-authority-data');
  const clientCertificate = decodedPem(user, 'client-certificate-data');
  const clientKey = decodedPem(user, 'client-key-data');
  if ((clientCertificate === undefined) !== (clientKey === undefined)) {
    throw invalid('`client-certificate-data` and `client-key-data` are needed together');
  }
  const authorization = authorizationOf(user);
  const tlsServerName = textField(cluster, 'tls-server-name');
  return {
    server: serverOf(cluster),
    insecureSkipTlsVerify: cluster['insecure-skip-tls-verify'] === true,
    needsPlugin: user['exec'] !== undefined || user['auth-provider'] !== undefined,
    ...(ca !== undefined && { ca }),
    ...(tlsServerName !== undefined && { tlsServerName }),
    ...(clientCertificate !== undefined && { clientCertificate }),
    ...(clientKey !== undefined && { clientKey }),
    ...(authorization !== undefined && { authorization }),
  };
}

function parseYaml(text: string): unknown {
  try {
    return load(text);
  } catch (error) {
    // No `cause`: the parser's message quotes the text around the fault, which may be a credential.
    const line = error instanceof YAMLException ? error.mark?.line : undefined;
    throw invalid(`it is not YAML${line === undefined ? '' : ` (line ${line + 1})`}`);
  }
}

function currentContext(config: Fields): Fields {
  const name = config['current-context'];
  if (typeof name !== 'string' || name === '') throw invalid('`current-context` is not set');
  return namedEntry(config, 'contexts', 'context', name);
}

function namedEntry(config: Fields, list: string, field: string, name: unknown): Fields {
  const entries = config[list];
  if (typeof name !== 'string') throw invalid(`the current context names no ${field}`);
  const entry = Array.isArray(entries)
    ? entries.map(asFields).find((candidate) => candidate?.['name'] === name)
    : undefined;
  const value = asFields(entry?.[field]);
  if (value === undefined) {
    throw invalid(`\`${list}\` has no entry for the ${field} that the current context uses`);
  }
  return value;
}

function serverOf(cluster: Fields): string {
  const server = textField(cluster, 'server');
  if (server === undefined) throw invalid('the cluster has no `server`');
  if (!URL.canParse(server)) throw invalid('`server` is not a URL');
  const url = new URL(server);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw invalid('`server` is neither an https nor an http URL');
  }
  // Credentials in the address would end up in messages: every one of them names the endpoint.
  if (url.username !== '' || url.password !== '') {
    throw invalid('`server` holds credentials: put them in the user instead');
  }
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
}

function authorizationOf(user: Fields): string | undefined {
  const token = textField(user, 'token');
  if (token !== undefined) return `Bearer ${headerSafe(token.trim(), 'token')}`;
  const username = textField(user, 'username');
  if (username === undefined) return undefined;
  const password = textField(user, 'password') ?? '';
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function headerSafe(value: string, field: string): string {
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw invalid(`\`${field}\` holds characters that no token has`);
  }
  return value;
}

function decodedPem(fields: Fields, name: string): string | undefined {
  const data = textField(fields, name);
  if (data === undefined) return undefined;
  const pem = Buffer.from(data, 'base64').toString('utf8');
  if (!pem.includes('-----BEGIN ')) throw invalid(`\`${name}\` is no PEM in base64`);
  return pem;
}

function refuseFiles(fields: Fields, names: readonly string[]): void {
  const name = names.find((candidate) => fields[candidate] !== undefined);
  if (name === undefined) return;
  throw invalid(
    `\`${name}\` names a file; make a self-contained kubeconfig with ` +
      '`kubectl config view --raw --flatten --minify`',
  );
}

function textField(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw invalid(`\`${name}\` is not a string`);
  return value;
}

function asFields(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : undefined;
}

function invalid(what: string): ApiError {
  return new ApiError('Invalid', `the kubeconfig cannot be used: ${what}`);
}
