import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import type { Health, InventoryEntry } from '../../sdk/api/zz_generated.types.js';
import { resourceRevision } from '../../sdk/kube/resource-revision.js';
import type { FakeWorld } from '../../simulation/fakes/fake-world.js';

const RUNTIME_API = 'kubernetes.threeport.io/v1alpha1';
const WORKLOAD_API = 'workload.threeport.io/v1alpha1';
const SINCE = '2026-01-01T00:00:00Z';

export const webYaml = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 2
  template:
    spec: { containers: [{ name: web, image: 'nginx:1.27' }] }
---
apiVersion: v1
kind: Service
metadata: { name: web }
spec: { ports: [{ port: 80 }] }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings }
data: { mode: fast }
`;

/** A runtime \`here\` that is Ready, with its Secret and definition. */
export function putRuntime(
  world: FakeWorld,
  options: { ready?: boolean; agent?: boolean } = {},
): void {
  const { ready = true, agent = true } = options;
  world.api.put({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'here-kubeconfig', namespace: 'default' },
    data: { kubeconfig: Buffer.from('the kubeconfig').toString('base64') },
  });
  world.api.put({
    apiVersion: RUNTIME_API,
    kind: 'KubernetesRuntimeDefinition',
    metadata: { name: 'existing' },
    spec: { provider: 'existing' },
  });
  const condition = (type: string, is: boolean, message: string): object => ({
    type,
    status: is ? 'True' : 'False',
    reason: 'Test',
    message,
    lastTransitionTime: SINCE,
  });
  world.api.put({
    apiVersion: RUNTIME_API,
    kind: 'KubernetesRuntimeInstance',
    metadata: { name: 'here' },
    spec: { definition: 'existing', default: true, kubeconfigSecret: { name: 'here-kubeconfig' } },
    status: {
      conditions: [
        condition('Ready', ready, ready ? '' : 'connection refused'),
        condition('AgentConnected', agent, agent ? '' : 'no heartbeat'),
      ],
    },
  });
}

export function putDefinition(world: FakeWorld, yaml: string, name = 'web'): StoredApiObject {
  return world.api.put({
    apiVersion: WORKLOAD_API,
    kind: 'WorkloadDefinition',
    metadata: { name, namespace: 'default' },
    spec: { yaml },
  });
}

export function putInstance(world: FakeWorld, name = 'web'): StoredApiObject {
  return world.api.put({
    apiVersion: WORKLOAD_API,
    kind: 'WorkloadInstance',
    metadata: { name, namespace: 'default' },
    spec: { definition: 'web', runtime: 'here' },
  });
}

/** What the agent would report of everything in the instance's inventory. */
export function putReport(
  world: FakeWorld,
  instance: ApiObject,
  healthOf: (ref: InventoryEntry) => { health: Health; message?: string } = () => ({
    health: 'Healthy',
  }),
): void {
  const stored = world.api.get('WorkloadInstance', instance.metadata.name);
  const status = stored?.status as { inventory?: InventoryEntry[] } | undefined;
  const resources = (status?.inventory ?? []).map((ref) => {
    const live = world.cluster.get(ref.kind, ref.name);
    return live === undefined
      ? { ...ref, health: 'Missing', message: 'not in the cluster' }
      : {
          ...ref,
          ...healthOf(ref),
          uid: live.metadata.uid,
          createdAt: SINCE,
          revision: resourceRevision(live),
        };
  });
  const { name, namespace = '', uid = '' } = stored?.metadata ?? instance.metadata;
  world.api.put({
    apiVersion: WORKLOAD_API,
    kind: 'WorkloadReport',
    metadata: {
      name,
      namespace,
      ownerReferences: [{ apiVersion: WORKLOAD_API, kind: 'WorkloadInstance', name, uid }],
    },
    spec: { runtime: 'here' },
    status: { resources, warnings: [] },
  });
}
