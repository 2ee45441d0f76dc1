import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { load } from 'js-yaml';
import type { KindDefinition } from '../../sdk/api/kind.js';
import { collectionPath, resourceName } from '../../sdk/api/kind.js';
import { kinds as threeportKinds } from '../../sdk/api/zz_generated.kinds.js';
import { startApiWorld } from './api-world.js';
import { site, thing } from './collector-world.js';
import { eventually } from './eventually.js';
import { startRealCluster } from './real-cluster.js';

/** An API server, ours or the real one, that serves things and sites. */
export interface DeletionApi {
  readonly kubeconfigFile: string;
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export interface CallOptions {
  readonly body?: unknown;
  readonly type?: string;
}

export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- a test looks into it as it likes
  readonly body: any;
}

/** Ours, over TLS, with its objects in memory. */
export async function startThreeportApi(): Promise<DeletionApi> {
  const world = await startApiWorld({ kinds: [...threeportKinds, thing, site] });
  return { kubeconfigFile: world.kubeconfig, call: world.call, stop: world.stop };
}

/** Kubernetes' own, with the kinds as CustomResourceDefinitions. Undefined when there is none. */
export async function startKubernetesApi(): Promise<DeletionApi | undefined> {
  const cluster = await startRealCluster('deletion');
  if (cluster === undefined) return undefined;
  const config = load(await readFile(cluster.kubeconfigFile, 'utf8')) as {
    clusters: { cluster: { server: string } }[];
    users: { user: { token: string } }[];
  };
  const server = config.clusters[0]?.cluster.server ?? '';
  const token = config.users[0]?.user.token ?? '';
  const call = (method: string, path: string, options: CallOptions = {}): Promise<Answer> =>
    send(server + path, method, token, options);
  try {
    for (const kind of [thing, site]) {
      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      await call('POST', path, { body: definitionOf(kind) });
      await eventually(
        `${kind.plural} are served`,
        async () => (await call('GET', collectionPath(kind))).status === 200,
      );
    }
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return { kubeconfigFile: cluster.kubeconfigFile, call, stop: cluster.stop };
}

/** Runs kubectl against the API; answers its output. Undefined when there is no kubectl here. */
export async function kubectl(api: DeletionApi, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, KUBECONFIG: api.kubeconfigFile };
    execFile('kubectl', [...args], { env, timeout: 30_000 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`kubectl ${args.join(' ')}: ${stderr}`, { cause: error }));
    });
  });
}

function definitionOf(kind: KindDefinition): object {
  const { plural, singular, listKind } = kind;
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: resourceName(kind) },
    spec: {
      group: kind.group,
      scope: kind.namespaced ? 'Namespaced' : 'Cluster',
      names: { plural, singular, kind: kind.kind, listKind },
      versions: [
        {
          name: kind.version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: kind.schema },
        },
      ],
    },
  };
}

function send(
  url: string,
  method: string,
  token: string,
  { body, type = 'application/json' }: CallOptions,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    // Node frames the body of a DELETE only when its length is said.
    const headers = {
      Authorization: `Bearer ${token}`,
      ...(payload !== undefined && {
        'Content-Type': type,
        'Content-Length': Buffer.byteLength(payload),
      }),
    };
    // Its certificate is made for the test, by itself.
    const outgoing = request(url, { method, headers, rejectUnauthorized: false, timeout: 10_000 });
    outgoing.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject).on('end', () => {
        const isJson = (response.headers['content-type'] ?? '').startsWith('application/json');
        resolve({ status: response.statusCode ?? 0, body: isJson ? JSON.parse(text) : text });
      });
    });
    outgoing.end(payload);
  });
}
