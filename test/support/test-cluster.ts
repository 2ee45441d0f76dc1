import type { IncomingMessage, RequestListener } from 'node:http';
import type { Client } from '../../client/index.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import { nopLogger } from '../../sdk/logger.js';
import { RequestFaults } from '../../sandbox/request-faults.js';
import { createSandbox } from '../../sandbox/sandbox.js';
import { MemoryObjectStore } from '../../server/store/memory/memory-object-store.js';
import type { Revision } from '../../server/store/object-store.js';

const everybody = { name: 'admin', groups: ['system:masters'] };
const MANAGED_BY = 'app.kubernetes.io/managed-by';
const PAGE = 10_000;

/** A sandbox cluster in this process, of which everything that ever happened in it can be told. */
export interface TestCluster {
  readonly name: string;
  readonly kubeconfig: string;
  /** How its requests fail; at first they do not. */
  readonly faults: RequestFaults;
  /** The path of every request so far that was to change something, whatever came of it. */
  readonly writes: readonly string[];
  /** Makes it a runtime of this name; the first cluster is the default one. */
  register(client: Client): Promise<void>;
  /** Every change of what Threeport manages, oldest first: `ADDED configmaps ns/name`. */
  history(): Promise<readonly string[]>;
  /** What Threeport manages, as it is now. */
  managed(resource: string): Promise<readonly StoredApiObject[]>;
  version(): Promise<number>;
  stop(): Promise<void>;
}

/** Keeps the requests that are to change something. */
class RecordedRequests extends RequestFaults {
  readonly writes: string[] = [];

  override around(handle: RequestListener): RequestListener {
    const answer = super.around(handle);
    return (request, response) => {
      const path = pathOfWrite(request);
      if (path !== undefined) this.writes.push(path);
      answer(request, response);
    };
  }
}

function pathOfWrite({ method = '', url = '' }: IncomingMessage): string | undefined {
  const { pathname, searchParams } = new URL(url, 'http://cluster');
  return method === 'GET' || searchParams.has('dryRun') ? undefined : pathname;
}

export async function startTestCluster(name: string): Promise<TestCluster> {
  const store = new MemoryObjectStore();
  const faults = new RecordedRequests();
  const sandbox = createSandbox({
    store,
    authenticator: { authenticate: () => everybody },
    listen: { host: '127.0.0.1', port: 0 },
    logger: nopLogger,
    faults,
  });
  await sandbox.start(AbortSignal.timeout(30_000));
  const kubeconfig = JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: sandbox.address } }],
    users: [{ name, user: { token: 'any' } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
  const log = async (): Promise<readonly Revision[]> => {
    const all: Revision[] = [];
    for (;;) {
      const page = await store.revisionsAfter(all.at(-1)?.resourceVersion ?? 0, PAGE);
      all.push(...page);
      if (page.length < PAGE) return all;
    }
  };
  return {
    name,
    kubeconfig,
    faults,
    writes: faults.writes,
    async register(client) {
      const group = 'kubernetes.threeport.io/v1alpha1';
      const options = { fieldManager: 'test', force: true };
      const secret = { name: `${name}-kubeconfig`, namespace: 'threeport-system' };
      const data = { kubeconfig: Buffer.from(kubeconfig).toString('base64') };
      await client.apply({ apiVersion: 'v1', kind: 'Secret', metadata: secret, data }, options);
      const kind = 'KubernetesRuntimeDefinition';
      const spec = { provider: 'sandbox' };
      await client.apply({ apiVersion: group, kind, metadata: { name }, spec }, options);
      await client.apply(
        {
          apiVersion: group,
          kind: 'KubernetesRuntimeInstance',
          metadata: { name },
          spec: {
            definition: name,
            default: name === 'c0',
            kubeconfigSecret: { ...secret, key: 'kubeconfig' },
          },
        },
        options,
      );
    },
    async history() {
      return (await log())
        .filter(({ object }) => object.json.includes(`"${MANAGED_BY}":"threeport"`))
        .map(({ type, object }) => {
          const place =
            object.namespace === '' ? object.name : `${object.namespace}/${object.name}`;
          return `${type} ${object.resource} ${place}`;
        });
    },
    async managed(resource) {
      const live = new Map<string, StoredApiObject>();
      for (const { type, object } of await log()) {
        if (object.resource !== resource) continue;
        if (type === 'DELETED') live.delete(object.uid);
        else live.set(object.uid, JSON.parse(object.json) as StoredApiObject);
      }
      return [...live.values()].filter(
        ({ metadata }) => metadata.labels?.[MANAGED_BY] === 'threeport',
      );
    },
    version: () => store.currentVersion(),
    stop: () => sandbox.stop(),
  };
}
