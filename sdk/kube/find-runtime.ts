import { findCondition, isConditionTrue } from '../api/condition.js';
import type { KubernetesRuntimeInstance } from '../api/zz_generated.types.js';
import type { KubePort } from '../ports/kube-port.js';
import type { Ports } from '../ports/ports.js';
import { readRuntimeKubeconfig } from './runtime-kubeconfig.js';

/** Something that an object needs is not there: `reason` and `message` for `waitingFor`. */
export interface MissingDependency {
  readonly reason: string;
  readonly message: string;
}

/** What a look for a dependency found: it, or what is missing. */
export type Found<T> = T | { readonly missing: MissingDependency };

/** A cluster that is registered with Threeport. */
export interface RuntimeAccess {
  readonly name: string;
  readonly kube: KubePort;
  /** Why the agent of the runtime cannot be relied on; undefined when it is connected. */
  readonly agentLost: string | undefined;
}

const RUNTIMES = 'kubernetesruntimeinstances.kubernetes.threeport.io';

/** The cluster of a KubernetesRuntimeInstance, if that is there and its API answers. */
export async function findRuntime(
  name: string,
  ports: Pick<Ports, 'api' | 'kube' | 'secrets'>,
): Promise<Found<RuntimeAccess>> {
  const runtime = await ports.api.find<KubernetesRuntimeInstance>(RUNTIMES, { name });
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

export function missing(reason: string, message: string): { readonly missing: MissingDependency } {
  return { missing: { reason, message } };
}
