import { findCondition, isConditionTrue } from '../../sdk/api/condition.js';
import type { StoredApiObject } from '../../sdk/api/object.js';
import type {
  KubernetesRuntimeInstance,
  WorkloadDefinition,
  WorkloadInstanceSpec,
} from '../../sdk/api/zz_generated.types.js';
import { readRuntimeKubeconfig } from '../../sdk/kube/runtime-kubeconfig.js';
import type { KubePort } from '../../sdk/ports/kube-port.js';
import type { Ports } from '../../sdk/ports/ports.js';
import { resourceNames } from './resource-names.js';

/** Something that an instance needs is not there: `reason` and `message` of its conditions. */
export interface MissingDependency {
  readonly reason: string;
  readonly message: string;
}

export interface RuntimeAccess {
  readonly name: string;
  readonly kube: KubePort;
  /** Why the agent of the runtime cannot be relied on; undefined when it is connected. */
  readonly agentLost: string | undefined;
}

type Found<T> = T | { readonly missing: MissingDependency };

/** The definition that an instance names, in its own namespace. */
export async function findDefinition(
  instance: StoredApiObject<WorkloadInstanceSpec>,
  spec: WorkloadInstanceSpec,
  { api }: Pick<Ports, 'api'>,
): Promise<Found<{ readonly definition: WorkloadDefinition & StoredApiObject }>> {
  const namespace = instance.metadata.namespace ?? '';
  const key = { namespace, name: spec.definition };
  const definition = await api.find<WorkloadDefinition>(resourceNames.definition, key);
  return definition === undefined
    ? missing(
        'DefinitionMissing',
        `WorkloadDefinition ${namespace}/${spec.definition} does not exist`,
      )
    : { definition };
}

/** The cluster of a runtime, if the runtime is there and its API answers. */
export async function findRuntime(
  name: string,
  ports: Pick<Ports, 'api' | 'kube' | 'secrets'>,
): Promise<Found<RuntimeAccess>> {
  const runtime = await ports.api.find<KubernetesRuntimeInstance>(resourceNames.runtime, { name });
  if (runtime?.spec === undefined) {
    return missing('RuntimeMissing', `KubernetesRuntimeInstance ${name} does not exist`);
  }
  const conditions = runtime.status?.conditions;
  if (!isConditionTrue(conditions, 'Ready')) {
    const why = findCondition(conditions, 'Ready')?.message ?? 'nothing is known of it yet';
    return missing('RuntimeNotReady', `KubernetesRuntimeInstance ${name} is not ready: ${why}`);
  }
  const kubeconfig = await readRuntimeKubeconfig(ports.secrets, runtime.spec);
  if ('missing' in kubeconfig) {
    return missing('RuntimeNotReady', `KubernetesRuntimeInstance ${name}: ${kubeconfig.missing}`);
  }
  const connected = findCondition(conditions, 'AgentConnected');
  return {
    name,
    kube: ports.kube({ runtime: name, kubeconfig: kubeconfig.text }),
    agentLost:
      connected?.status === 'True'
        ? undefined
        : `the agent of runtime ${name} is not connected` +
          (connected === undefined ? '' : `: ${connected.message}`),
  };
}

function missing(
  reason: string,
  message: string,
): {
  readonly missing: MissingDependency;
} {
  return { missing: { reason, message } };
}
