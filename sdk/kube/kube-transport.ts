import http from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';

import { ApiError, fromStatus } from '../api/errors.js';
import { exchange, openResponse } from './http-exchange.js';
import type { HttpTarget } from './http-exchange.js';
import { idleGuarded } from './idle-guarded.js';
import { parseJsonLines } from './json-lines.js';
import type { ClusterAccess } from './kubeconfig.js';
import { parseKubeconfig } from './kubeconfig.js';
import { createPluginCredentials } from './plugin-credentials.js';
import type { PluginCredentials } from './plugin-credentials.js';

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query, starting with `/api`, `/apis` or `/version`. */
  readonly path: string;
  /** Sent as JSON; JSON is YAML, so that serves `application/apply-patch+yaml` too. */
  readonly body?: unknown;
  /** Default `application/json`. */
  readonly contentType?: string;
  /** Default `application/json`. */
  readonly accept?: string;
  /** From sending to the last byte. Default 10,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** Changes nothing (a dry run, say), so that it may be sent twice. Default: whether it is a GET. */
  readonly readOnly?: boolean;
}

export interface KubeResponse {
  readonly statusCode: number;
  /** Parsed when the cluster sent JSON, else text. */
  readonly body: unknown;
  /** The cluster wants not to be asked again before. */
  readonly retryAfterSeconds?: number;
}

export interface KubeStreamOptions {
  readonly signal: AbortSignal;
  /** The stream fails when the cluster sends nothing for so long. */
  readonly idleTimeoutMs: number;
  /** Default `application/json`. */
  readonly accept?: string;
}

/** HTTP to one cluster, over connections that are kept open. Safe to use concurrently. */
export interface KubeTransport {
  /** Address of the API server. */
  readonly endpoint: string;
  /**
   * One exchange, whatever the status code. A read that meets a connection closed by the cluster
   * meanwhile is sent once more.
   *
   * @throws ApiError ServiceUnavailable when the cluster cannot be reached, Timeout when it does not
   *   answer in time, Unauthorized when a credential program fails; the signal's reason when aborted.
   */
  request(request: KubeRequest): Promise<KubeResponse>;
  /**
   * A GET whose answer is one JSON object a line, such as a watch. Ends when the cluster ends it or
   * the consumer leaves the loop. Has a connection of its own.
   *
   * @throws ApiError as `request` does, also for a status code that is no success; Timeout when idle.
   */
  stream(path: string, options: KubeStreamOptions): AsyncIterable<object>;
  /** Closes every connection; calls under way fail. Idempotent. */
  close(): void;
}

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_SOCKETS = 16;
const MAX_LINE_CHARS = 32 * 1024 * 1024;
const JSON_TYPE = 'application/json';

export interface KubeTransportOptions {
  /**
   * Runs the program that a kubeconfig names for its credential (`exec`, `auth-provider`). Whoever
   * writes the kubeconfig then runs programs here. Default false: such a kubeconfig is refused.
   */
  readonly allowCredentialPlugins?: boolean;
}

/**
 * A transport for the current context of a kubeconfig. Does no I/O yet.
 *
 * @throws ApiError Invalid when the text is no usable kubeconfig; the message never quotes it.
 */
export function createKubeTransport(
  kubeconfig: string,
  options: KubeTransportOptions = {},
): KubeTransport {
  const access = parseKubeconfig(kubeconfig);
  if (access.needsPlugin && options.allowCredentialPlugins !== true) {
    throw new ApiError(
      'Invalid',
      'the kubeconfig takes its credential from a program (exec or auth-provider), which is not run ' +
        'here: use a token or a client certificate, or set THREEPORT_ALLOW_CREDENTIAL_PLUGINS=1 for ' +
        'reconcilers and agent',
    );
  }
  refuseBrokenPem(access);
  const plugin = access.needsPlugin ? createPluginCredentials(kubeconfig) : undefined;
  const agents = new AgentPair(access);

  const target = async (streaming: boolean): Promise<HttpTarget> => {
    const credentials = await plugin?.();
    const authorization = credentials?.authorization ?? access.authorization;
    return {
      endpoint: access.server,
      agent: agents.get(credentials, streaming),
      headers: authorization === undefined ? {} : { authorization },
    };
  };

  return {
    endpoint: access.server,
    request: async (request) => {
      const readOnly = request.readOnly ?? request.method === 'GET';
      const timeoutMs = request.timeoutMs ?? DEFAULT_TIMEOUT_MS;
      return exchange(await target(false), {
        method: request.method,
        path: readOnly ? request.path : withTimeout(request.path, timeoutMs),
        headers: {
          accept: request.accept ?? JSON_TYPE,
          ...(request.body !== undefined && { 'content-type': request.contentType ?? JSON_TYPE }),
        },
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
        ...(request.signal !== undefined && { signal: request.signal }),
        timeoutMs,
        retryStale: readOnly,
      });
    },
    stream: (path, options) => streamLines(() => target(true), path, options),
    close: () => agents.destroy(),
  };
}

/**
 * Makes the cluster give a write up when nobody waits for its answer any more. Else it may take effect
 * after a later attempt has looked, such as a clean-up that found nothing: simulated, that left orphans.
 */
function withTimeout(path: string, timeoutMs: number): string {
  return `${path}${path.includes('?') ? '&' : '?'}timeout=${Math.ceil(timeoutMs / 1_000)}s`;
}

/** Found here, the fault is the kubeconfig's; found at the first call it looks like the network's. */
function refuseBrokenPem({ ca, clientCertificate, clientKey }: ClusterAccess): void {
  const fields = [
    { name: '`certificate-authority-data`', pem: { ca } },
    {
      name: '`client-certificate-data` with `client-key-data`',
      pem: { cert: clientCertificate, key: clientKey },
    },
  ];
  for (const { name, pem } of fields) {
    try {
      createSecureContext(pem);
    } catch (cause) {
      throw new ApiError('Invalid', `the kubeconfig cannot be used: ${name} is no usable PEM`, {
        cause,
      });
    }
  }
}

async function* streamLines(
  target: () => Promise<HttpTarget>,
  path: string,
  options: KubeStreamOptions,
): AsyncGenerator<object, void, undefined> {
  const { endpoint, ...rest } = await target();
  const response = await openResponse(
    { endpoint, ...rest },
    {
      method: 'GET',
      path,
      headers: { accept: options.accept ?? JSON_TYPE },
      signal: options.signal,
      timeoutMs: Math.min(options.idleTimeoutMs, DEFAULT_TIMEOUT_MS),
      retryStale: true,
    },
  );
  try {
    const statusCode = response.statusCode;
    if (statusCode < 200 || statusCode > 299) {
      throw fromStatus(statusCode, await response.readAll());
    }
    const idle = (): Error =>
      new ApiError('Timeout', `${endpoint} sent nothing for ${options.idleTimeoutMs / 1000} s`);
    yield* parseJsonLines(
      idleGuarded(response.chunks(), options.idleTimeoutMs, idle),
      MAX_LINE_CHARS,
    );
  } finally {
    response.destroy();
  }
}

/** One agent for calls and one for streams, made anew when a plugin hands out another certificate. */
class AgentPair {
  readonly #access: ClusterAccess;
  #certificate: string | undefined;
  #calls: http.Agent | undefined;
  #streams: http.Agent | undefined;

  constructor(access: ClusterAccess) {
    this.#access = access;
  }

  get(credentials: PluginCredentials | undefined, streaming: boolean): http.Agent {
    if (credentials?.clientCertificate !== this.#certificate) this.destroy();
    this.#certificate = credentials?.clientCertificate;
    if (streaming) return (this.#streams ??= this.#make(credentials, { keepAlive: false }));
    return (this.#calls ??= this.#make(credentials, {
      keepAlive: true,
      maxSockets: MAX_SOCKETS,
      scheduling: 'lifo',
    }));
  }

  destroy(): void {
    this.#calls?.destroy();
    this.#streams?.destroy();
    this.#calls = undefined;
    this.#streams = undefined;
  }

  #make(credentials: PluginCredentials | undefined, options: http.AgentOptions): http.Agent {
    const access = this.#access;
    if (access.server.startsWith('http:')) return new http.Agent(options);
    const cert = credentials?.clientCertificate ?? access.clientCertificate;
    const key = credentials?.clientKey ?? access.clientKey;
    return new https.Agent({
      ...options,
      rejectUnauthorized: !access.insecureSkipTlsVerify,
      ...(access.ca !== undefined && { ca: access.ca }),
      ...(access.tlsServerName !== undefined && { servername: access.tlsServerName }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
    });
  }
}
