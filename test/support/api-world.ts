import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { KindRegistry } from '../../sdk/api/registry.js';
import { kinds as threeportKinds } from '../../sdk/api/zz_generated.kinds.js';
import { nopLogger } from '../../sdk/logger.js';
import type { ApiServer, ApiServerOptions } from '../../server/api-server.js';
import { createApiServer } from '../../server/api-server.js';
import { createControlPlaneAuthorizer } from '../../server/auth/control-plane-authorizer.js';
import { createTokenAuthenticator } from '../../server/auth/token-authenticator.js';
import { createFieldCipher } from '../../server/crypto/field-cipher.js';
import { ObjectCodec } from '../../server/resource/object-codec.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import type { ObjectStore } from '../../server/store/object-store.js';
import { ensureTlsFiles } from '../../tptctl/embedded/tls-files.js';

/** An answer of the API. `body` is parsed when it is JSON. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks into it as it likes
  readonly body: any;
}

/** A watch that is under way. */
export interface ApiWatch {
  /** What came so far. */
  readonly events: readonly WatchedEvent[];
  /** The server has answered. */
  readonly isOpen: boolean;
  readonly isOver: boolean;
  stop(): void;
}

export interface WatchedEvent {
  readonly type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks into it as it likes
  readonly object: any;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whose token; '' for none. Default: the administrator. */
  readonly as?: 'admin' | 'agent' | 'stranger' | '';
}

/** An API server over TLS as it is in production, with callers of several kinds. */
export interface ApiWorld {
  readonly server: ApiServer;
  readonly store: ObjectStore;
  readonly dir: string;
  /** File for kubectl and client-node, as the administrator. */
  readonly kubeconfig: string;
  /** The administrator's. */
  readonly token: string;
  call(method: string, path: string, options?: CallOptions): Promise<ApiAnswer>;
  watch(path: string, headers?: Readonly<Record<string, string>>): ApiWatch;
  stop(): Promise<void>;
}

const TOKENS = {
  admin: 'admin-token-for-tests',
  agent: 'agent-token-for-tests',
  stranger: 'x'.repeat(20),
};

/** Starts one on a free port; by default Threeport's kinds on a memory store. */
export async function startApiWorld(
  options: Partial<ApiServerOptions> & {
    readonly kinds?: readonly KindDefinition[];
    /** The store is another's too: it is not stopped with this. */
    readonly keepStore?: boolean;
  } = {},
): Promise<ApiWorld> {
  const kinds = options.kinds ?? threeportKinds;
  const registry = new KindRegistry(kinds);
  const store = options.store ?? new MemoryObjectStore({ kinds });
  const dir = await mkdtemp(join(tmpdir(), 'threeport-api-'));
  const tls = await ensureTlsFiles(dir);
  const abort = new AbortController();
  await store.start(abort.signal);
  const server = createApiServer({
    registry,
    authenticator: createTokenAuthenticator([
      { token: TOKENS.admin, user: 'admin', groups: ['system:masters'] },
      { token: TOKENS.agent, user: 'agent', groups: ['threeport:agents'] },
      { token: TOKENS.stranger, user: 'stranger', groups: [] },
    ]),
    authorizer: createControlPlaneAuthorizer({ registry, store }),
    codec: new ObjectCodec(registry, createFieldCipher(Buffer.alloc(32, 7))),
    logger: nopLogger,
    version: '0.0.0',
    listen: {
      host: '127.0.0.1',
      port: 0,
      tls: { cert: await readFile(tls.certFile), key: await readFile(tls.keyFile) },
    },
    ...options,
    store,
  });
  await server.start(abort.signal);
  const kubeconfig = join(dir, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(server.address, tls.caFile)));

  const send = (method: string, path: string, call: CallOptions) =>
    // The path as it is: a URL would be put in order first.
    request(server.address, {
      method,
      path,
      ca: tls.ca,
      headers: {
        ...(call.as !== '' && { Authorization: `Bearer ${TOKENS[call.as ?? 'admin']}` }),
        ...(call.body !== undefined && { 'Content-Type': call.type ?? 'application/json' }),
        ...call.headers,
      },
    });
  const watches = new Set<ApiWatch>();

  return {
    server,
    store,
    dir,
    kubeconfig,
    token: TOKENS.admin,
    call: (method, path, call = {}) =>
      new Promise((resolve, reject) => {
        const { body } = call;
        const payload =
          body === undefined || typeof body === 'string' || Buffer.isBuffer(body)
            ? body
            : JSON.stringify(body);
        const outgoing = send(method, path, call);
        // Node frames the body of a DELETE only when its length is said.
        if (payload !== undefined) {
          outgoing.setHeader('Content-Length', Buffer.byteLength(payload));
        }
        outgoing.on('error', reject).on('response', (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject).on('end', () => {
            const isZipped = response.headers['content-encoding'] === 'gzip';
            const bytes = Buffer.concat(chunks);
            const text = (isZipped ? gunzipSync(bytes) : bytes).toString('utf8');
            const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
            const body: unknown = isJson && text !== '' ? JSON.parse(text) : text;
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
          });
        });
        outgoing.end(payload);
      }),
    watch(path, headers = {}) {
      const events: WatchedEvent[] = [];
      let isOpen = false;
      let isOver = false;
      let rest = '';
      const outgoing = send('GET', path, { headers });
      outgoing
        .on('error', () => (isOver = true))
        .on('response', (response) => {
          isOpen = true;
          response.setEncoding('utf8').on('data', (chunk: string) => {
            const lines = (rest + chunk).split('\n');
            rest = lines.pop() ?? '';
            for (const line of lines) events.push(JSON.parse(line) as WatchedEvent);
          });
          response.on('close', () => (isOver = true));
        });
      outgoing.end();
      const watch: ApiWatch = {
        events,
        get isOpen() {
          return isOpen;
        },
        get isOver() {
          return isOver;
        },
        stop: () => void outgoing.destroy(),
      };
      watches.add(watch);
      return watch;
    },
    async stop() {
      for (const watch of watches) watch.stop();
      abort.abort();
      await server.stop();
      if (options.keepStore !== true) await store.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function kubeconfigOf(server: string, caFile: string): object {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'test', user: { token: TOKENS.admin } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
}
