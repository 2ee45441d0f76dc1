import type { Client } from '../../client/index.js';
import type { ApiObject, StoredApiObject } from '../../sdk/api/object.js';
import { kinds } from '../../sdk/api/zz_generated.kinds.js';
import { createControlPlaneAuthorizer } from '../../server/auth/control-plane-authorizer.js';
import { eventually } from './eventually.js';
import type { MemoryApi } from './memory-api.js';
import { startMemoryApi } from './memory-api.js';

export interface InventoryItem {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** One resource of a report. */
export interface Reported extends InventoryItem {
  readonly health: string;
  readonly message?: string;
  readonly revision?: string;
}

export interface ReportStatus {
  readonly resources: readonly Reported[];
  readonly warnings: readonly { readonly resource: string; readonly reason: string }[];
}

/** Threeport's API with what an agent needs of it, and without reconcilers. */
export interface AgentWorld {
  readonly api: MemoryApi;
  /** With an agent's rights. */
  readonly agentClient: Client;
  /** A runtime, with its Secret. */
  addRuntime(name: string, kubeconfig: string): Promise<void>;
  setKubeconfig(runtime: string, kubeconfig: string): Promise<void>;
  /** An instance on the runtime, with this inventory; its uid is the label of its resources. */
  addInstance(name: string, runtime: string, inventory: readonly InventoryItem[]): Promise<string>;
  report(name: string): Promise<ReportStatus | undefined>;
  /** The first report of the instance of which `holds` is true. */
  reportWhere(
    name: string,
    what: string,
    holds: (status: ReportStatus) => boolean,
  ): Promise<ReportStatus>;
  /** Whether the heartbeat of the runtime's agent counts. */
  isAlive(runtime: string): Promise<boolean>;
}

const RUNTIMES = 'kubernetesruntimeinstances.kubernetes.threeport.io';
const REPORTS = 'workloadreports.workload.threeport.io';

/** Starts one; stop `api` when done. */
export async function startAgentWorld(): Promise<AgentWorld> {
  const api = await startMemoryApi({
    kinds,
    permanentNamespaces: ['default'],
    authorizer: createControlPlaneAuthorizer,
    work: true,
  });
  const { client } = api;
  await client.create(
    object('kubernetes.threeport.io', 'KubernetesRuntimeDefinition', 'any', {
      provider: 'existing',
    }),
  );
  const spec = { manifests: [] };
  await client.create(
    object('workload.threeport.io', 'WorkloadDefinition', 'any', spec, 'default'),
  );

  const report = async (name: string): Promise<ReportStatus | undefined> => {
    const found = await client.find(REPORTS, { namespace: 'default', name });
    return found?.status as ReportStatus | undefined;
  };
  return {
    api,
    agentClient: api.clientOf('threeport:agents'),
    async addRuntime(name, kubeconfig) {
      await client.create(secret(name, kubeconfig));
      await client.create(
        object('kubernetes.threeport.io', 'KubernetesRuntimeInstance', name, {
          definition: 'any',
          kubeconfigSecret: { name },
        }),
      );
    },
    async setKubeconfig(name, kubeconfig) {
      await client.apply(secret(name, kubeconfig), { fieldManager: 'test', force: true });
    },
    async addInstance(name, runtime, inventory) {
      const created = await client.create(
        object(
          'workload.threeport.io',
          'WorkloadInstance',
          name,
          { definition: 'any', runtime },
          'default',
        ),
      );
      await client.update(
        { ...(created as StoredApiObject), status: { inventory } },
        { subresource: 'status' },
      );
      return (created as StoredApiObject).metadata.uid;
    },
    report,
    reportWhere: (name, what, holds) =>
      eventually(what, async () => {
        const status = await report(name);
        return status !== undefined && holds(status) ? status : undefined;
      }),
    async isAlive(runtime) {
      const kind = kinds.find((each) => each.plural === 'kubernetesruntimeinstances');
      const { metadata } = await client.get(RUNTIMES, { name: runtime });
      if (kind === undefined) throw new Error('no such kind');
      const claimed = await api.clientOf('threeport:reconcilers').claim({
        worker: 'test',
        leaseMs: 1_000,
        keys: [{ resource: RUNTIMES, uid: metadata.uid }],
      });
      return claimed.claimed[0]?.alive === true;
    },
  };
}

/** Labels that everything has which Threeport applies for this instance. */
export function appliedLabels(instanceUid: string): Record<string, string> {
  return {
    'app.kubernetes.io/managed-by': 'threeport',
    'control-plane.threeport.io/workload-instance': instanceUid,
  };
}

function object(
  group: string,
  kind: string,
  name: string,
  spec: object,
  namespace?: string,
): ApiObject {
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  return { apiVersion: `${group}/v1alpha1`, kind, metadata, spec };
}

function secret(name: string, kubeconfig: string): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'default' },
    data: { kubeconfig: Buffer.from(kubeconfig).toString('base64') },
  };
}
