import type { Client } from '../../client/index.js';
import { createClient } from '../../client/index.js';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { nopLogger } from '../../sdk/logger.js';
import type { ApiServer } from '../../server/api-server.js';
import { createApiServer } from '../../server/api-server.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import type { Authorizer } from '../../server/auth/authorizer.js';
import { createGroupAuthorizer } from '../../server/auth/authorizer.js';
import { ObjectCodec } from '../../server/resource/object-codec.js';
import { SchemaValidator } from '../../server/schema/schema-validator.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import { WorkRoute } from '../../server/work/work-route.js';

/** A real API server over HTTP, with its objects in memory. It can be stopped and started again. */
export interface MemoryApi {
  readonly store: ObjectStore;
  /** As an administrator. */
  readonly client: Client;
  readonly kubeconfig: string;
  /** A client that belongs to this group only. */
  clientOf(group: string): Client;
  /** Closes every connection and the port; the objects stay. */
  pause(): Promise<void>;
  /** Listens again, where it did before. */
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export interface MemoryApiOptions {
  readonly kinds: readonly KindDefinition[];
  readonly permanentNamespaces: readonly string[];
  /** Default: administrators may do everything. */
  readonly authorizer?: (world: { registry: KindRegistry; store: ObjectStore }) => Authorizer;
  /** Serve the worker protocol too. Default false. */
  readonly work?: boolean;
}

const TOKEN = 'token-of-the-group-';

/** Starts one on a free port. */
export async function startMemoryApi(options: MemoryApiOptions): Promise<MemoryApi> {
  const { kinds, permanentNamespaces } = options;
  const registry = new KindRegistry(kinds);
  const store = new MemoryObjectStore({ kinds: [...kinds] });
  const abort = new AbortController();
  await store.start(abort.signal);
  const authorizer =
    options.authorizer?.({ registry, store }) ?? createGroupAuthorizer(['system:masters']);
  const authenticator = createTokenAuthenticator(
    ['system:masters', 'threeport:agents', 'threeport:reconcilers'].map((group) => ({
      token: TOKEN + group,
      user: group,
      groups: [group],
    })),
  );
  const work = new WorkRoute({
    registry,
    store,
    codec: new ObjectCodec(registry),
    validator: new SchemaValidator(),
    logger: nopLogger,
    nowMs: Date.now,
  });
  const start = async (port: number): Promise<ApiServer> => {
    const started = createApiServer({
      registry,
      store,
      authenticator,
      authorizer,
      logger: nopLogger,
      version: '0.0.0',
      listen: { host: '127.0.0.1', port },
      permanentNamespaces,
      ...(options.work === true && { work }),
    });
    await started.start(abort.signal);
    return started;
  };

  let server = await start(0);
  const address = server.address;
  const clients: Client[] = [];
  const clientOf = (group: string): Client => {
    const client = createClient({ server: address, token: TOKEN + group, registry });
    clients.push(client);
    return client;
  };
  return {
    store,
    client: clientOf('system:masters'),
    kubeconfig: JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'it',
      clusters: [{ name: 'it', cluster: { server: address } }],
      users: [{ name: 'it', user: { token: `${TOKEN}system:masters` } }],
      contexts: [{ name: 'it', context: { cluster: 'it', user: 'it' } }],
    }),
    clientOf,
    pause: () => server.stop(),
    resume: async () => {
      server = await start(Number(new URL(address).port));
    },
    stop: async () => {
      for (const client of clients) client.close();
      abort.abort();
      await server.stop();
      await store.stop();
    },
  };
}
