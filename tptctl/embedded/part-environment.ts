import type { Credentials } from './credentials.js';
import type { Ports } from './settings.js';
import type { TlsFiles } from './tls-files.js';

/** What the environment of the parts is made from. */
export interface PartContext {
  readonly ports: Ports;
  readonly tls: TlsFiles;
  readonly credentials: Credentials;
  /** Undefined without a nats-server. */
  readonly natsUrl: string | undefined;
  readonly databaseUrl: (database: string) => string;
  readonly logLevel: string;
  readonly compileCacheDir: string;
}

export type NodePartName = 'server' | 'sandbox' | 'reconcilers' | 'agent';

/**
 * The environment each part is configured by (each reads it in its own config.ts):
 *
 * | variable | server | sandbox | reconcilers | agent | value |
 * |---|---|---|---|---|---|
 * | THREEPORT_LISTEN_HOST | x | x | | | 127.0.0.1 |
 * | THREEPORT_LISTEN_PORT | x | x | | | a port |
 * | THREEPORT_TLS_CERT_FILE, _KEY_FILE | x | x | | | PEM |
 * | THREEPORT_TOKENS_FILE | x | x | | | JSON: a list of `{token, user, groups}` |
 * | THREEPORT_DATABASE_URL | x | x | | | `postgres://threeport@/<database>?host=<socket folder>` |
 * | THREEPORT_ENCRYPTION_KEY_FILE | x | | | | 32 bytes in base64 |
 * | THREEPORT_SERVER | | | x | x | https URL |
 * | THREEPORT_CA_FILE | | | x | x | PEM |
 * | THREEPORT_TOKEN_FILE | | | x | x | one bearer token |
 * | THREEPORT_NATS_URL | x | | x | | `nats://user:password@127.0.0.1:port`; absent without NATS |
 * | THREEPORT_AGENT_MODE | | | | x | `hosted`: serves the runtimes of the server it is told |
 * | THREEPORT_LOG_LEVEL | x | x | x | x | `info` unless the user's environment says otherwise |
 * | THREEPORT_EXIT_ON_STDIN_CLOSE | x | x | x | x | `1` |
 * | NODE_COMPILE_CACHE | x | x | x | x | a folder, where Node (22 and later) keeps compiled code |
 *
 * The rest is this process' environment without its THREEPORT_ variables.
 */
export function partEnvironment(
  part: NodePartName,
  context: PartContext,
  inherited: NodeJS.ProcessEnv,
): NodeJS.ProcessEnv {
  return {
    NODE_COMPILE_CACHE: context.compileCacheDir,
    ...withoutOwn(inherited),
    THREEPORT_EXIT_ON_STDIN_CLOSE: '1',
    THREEPORT_LOG_LEVEL: context.logLevel,
    ...SPECIFIC[part](context),
  };
}

/** An environment without what is ours in it: for programs that are not ours. */
export function withoutOwn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !name.startsWith('THREEPORT_') && name !== 'NODE_CHANNEL_FD',
    ),
  );
}

/** The https URL of the server. */
export function serverUrl(ports: Ports): string {
  return `https://127.0.0.1:${ports.api}`;
}

/** The https URL of the sandbox. */
export function sandboxUrl(ports: Ports): string {
  return `https://127.0.0.1:${ports.sandbox}`;
}

const SPECIFIC: Readonly<Record<NodePartName, (context: PartContext) => NodeJS.ProcessEnv>> = {
  server: (context) => ({
    ...listening(context, context.ports.api, context.credentials.files.serverTokens),
    ...nats(context),
    THREEPORT_DATABASE_URL: context.databaseUrl('threeport'),
    THREEPORT_ENCRYPTION_KEY_FILE: context.credentials.files.encryptionKey,
  }),
  sandbox: (context) => ({
    ...listening(context, context.ports.sandbox, context.credentials.files.sandboxTokens),
    THREEPORT_DATABASE_URL: context.databaseUrl('sandbox'),
  }),
  reconcilers: (context) => ({
    ...calling(context, context.credentials.files.reconcilersToken),
    ...nats(context),
  }),
  agent: (context) => ({
    ...calling(context, context.credentials.files.agentToken),
    THREEPORT_AGENT_MODE: 'hosted',
  }),
};

function listening(context: PartContext, port: number, tokensFile: string): NodeJS.ProcessEnv {
  return {
    THREEPORT_LISTEN_HOST: '127.0.0.1',
    THREEPORT_LISTEN_PORT: String(port),
    THREEPORT_TLS_CERT_FILE: context.tls.certFile,
    THREEPORT_TLS_KEY_FILE: context.tls.keyFile,
    THREEPORT_TOKENS_FILE: tokensFile,
  };
}

function calling(context: PartContext, tokenFile: string): NodeJS.ProcessEnv {
  return {
    THREEPORT_SERVER: serverUrl(context.ports),
    THREEPORT_CA_FILE: context.tls.caFile,
    THREEPORT_TOKEN_FILE: tokenFile,
  };
}

function nats(context: PartContext): NodeJS.ProcessEnv {
  return context.natsUrl === undefined ? {} : { THREEPORT_NATS_URL: context.natsUrl };
}
