import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createClient, readKubeconfig, type Client } from '../../../client/index.js';
import type { ClientOptions } from '../../../client/client-types.js';
import type { ApiObject } from '../../../sdk/api/object.js';
import { startPlane } from '../../../test/support/plane.js';
import { startRealCluster } from '../../../test/support/real-cluster.js';
import { homePaths } from '../../../tptctl/embedded/home-paths.js';
import { environmentOf, withChildren } from '../proc.js';
import { WriteLog } from './write-log.js';

/** An API server under load. */
export interface Target {
  readonly name: string;
  readonly access: ClientOptions;
  /** Every process that serves it, storage included. */
  pids(): readonly number[];
  /** What the storage says of writes; undefined where that cannot be asked. */
  readonly writes?: WriteLog;
  stop(): Promise<void>;
}

export const WIDGETS = '/apis/bench.example.com/v1/namespaces/default/widgets';

const READY_TIMEOUT_MS = 15_000;

/** Our own API server on its PostgreSQL, which syncs every commit. */
export async function startThreeport(): Promise<Target> {
  const plane = await startPlane();
  const access = await readKubeconfig(homePaths(plane.home).kubeconfig);
  await serveWidgets(plane.client);
  const environment = environmentOf(plane.pidOf('server'));
  const writes = await WriteLog.open(environment['THREEPORT_DATABASE_URL'] ?? '');
  return {
    name: 'threeport',
    writes,
    access,
    pids: () => [plane.pidOf('server'), ...withChildren(plane.pidOf('postgres'))],
    async stop() {
      await writes.close();
      await plane.remove();
    },
  };
}

/** The real kube-apiserver on etcd, which syncs as well. Undefined where there is none. */
export async function startKubernetes(): Promise<Target | undefined> {
  process.env['KUBE_FSYNC'] = '1';
  const cluster = await startRealCluster('bench');
  if (cluster === undefined) return undefined;
  const access = await readKubeconfig(cluster.kubeconfigFile);
  const client = createClient(access);
  const file = join(dirname(cluster.kubeconfigFile), 'pids');
  const [etcd = 0, apiserver = 0] = readFileSync(file, 'utf8').trim().split('\n').map(Number);
  await serveWidgets(client);
  return {
    name: 'kubernetes',
    access,
    pids: () => [etcd, apiserver],
    async stop() {
      client.close();
      await cluster.stop();
    },
  };
}

async function serveWidgets(client: Client): Promise<void> {
  await client.raw({
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: WIDGET_DEFINITION,
  });
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  for (;;) {
    const { statusCode, text } = await client.raw({ method: 'GET', path: WIDGETS });
    if (statusCode === 200) return;
    if (performance.now() > deadlineMs) throw new Error(`widgets are not served: ${text}`);
    await delay(50);
  }
}

/** A widget of about 700 bytes. `turn` makes it another one than before. */
export function widget(name: string, turn: number, resourceVersion?: string): ApiObject {
  return {
    apiVersion: 'bench.example.com/v1',
    kind: 'Widget',
    metadata: {
      name,
      namespace: 'default',
      labels: { app: name, half: turn % 2 === 0 ? 'even' : 'odd' },
      ...(resourceVersion !== undefined && { resourceVersion }),
    },
    spec: {
      colour: ['red', 'green', 'blue'][turn % 3],
      size: turn,
      note: 'a note of some length, as people write them into fields of objects '.repeat(3),
      ports: [80, 443, 8080].map((port) => ({ name: `p${port}`, port, protocol: 'TCP' })),
      settings: { first: 'one', second: 'two', third: String(turn) },
    },
  };
}

const WIDGET_DEFINITION = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.bench.example.com' },
  spec: {
    group: 'bench.example.com',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  colour: { type: 'string', enum: ['red', 'green', 'blue'] },
                  size: { type: 'integer', minimum: 0 },
                  note: { type: 'string', maxLength: 1_000 },
                  ports: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name'],
                    items: {
                      type: 'object',
                      required: ['name', 'port'],
                      properties: {
                        name: { type: 'string' },
                        port: { type: 'integer' },
                        protocol: { type: 'string', default: 'TCP' },
                      },
                    },
                  },
                  settings: { type: 'object', additionalProperties: { type: 'string' } },
                },
              },
              status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
            },
          },
        },
      },
    ],
  },
};
