import type { Condition } from '../../sdk/api/condition.js';
import { findCondition } from '../../sdk/api/condition.js';
import type { Workload, WorkloadInstance } from '../../sdk/api/zz_generated.types.js';
import { eventually } from './eventually.js';
import type { Plane } from './plane.js';

/** A Deployment as a manifest; `annotations` go on its pods. */
export function deployment(
  name: string,
  options: { replicas?: number; image?: string; annotations?: Record<string, string> } = {},
): Record<string, unknown> {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: options.replicas ?? 1,
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels,
          ...(options.annotations !== undefined && { annotations: options.annotations }),
        },
        spec: { containers: [{ name: 'main', image: options.image ?? 'nginx:1.27' }] },
      },
    },
  };
}

export function configMap(name: string, data: Record<string, string>): Record<string, unknown> {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

/** A Workload of these manifests, on the default runtime unless one is named. */
export function workload(name: string, manifests: readonly object[], runtime?: string): Workload {
  return {
    apiVersion: 'workload.threeport.io/v1alpha1',
    kind: 'Workload',
    metadata: { name, namespace: 'default' },
    spec: {
      manifests: manifests as NonNullable<NonNullable<Workload['spec']>['manifests']>,
      ...(runtime !== undefined && { runtime }),
    },
  };
}

/** The condition, once the workload has it with this status for its present generation. */
export function workloadCondition(
  plane: Plane,
  name: string,
  want: { type: string; status: string; reason?: string },
  timeoutMs = 15_000,
): Promise<Condition> {
  let last: Condition | undefined;
  return eventually(
    `workload ${name} has ${want.type}=${want.status}`,
    async () => {
      const object = await plane.clientset.workloads.find({ namespace: 'default', name });
      last = findCondition(object?.status?.conditions as Condition[] | undefined, want.type);
      return last?.status === want.status &&
        (want.reason === undefined || last.reason === want.reason) &&
        last.observedGeneration === object?.metadata.generation
        ? last
        : undefined;
    },
    timeoutMs,
  ).catch((error: Error) => {
    throw new Error(`${error.message}; it says ${JSON.stringify(last)}`);
  });
}

/** The namespace in the cluster that a workload's manifests went to. */
export async function clusterNamespaceOf(plane: Plane, name: string): Promise<string> {
  const instance: WorkloadInstance = await plane.clientset.workloadInstances.get({
    namespace: 'default',
    name,
  });
  if (instance.status?.namespace === undefined)
    throw new Error(`workload ${name} has no namespace yet`);
  return instance.status.namespace;
}

/** Deletes a workload and waits until nothing of it is left. */
export async function deleteWorkload(plane: Plane, name: string): Promise<void> {
  await plane.clientset.workloads.delete({ namespace: 'default', name });
  await eventually(
    `workload ${name} is gone`,
    async () => {
      const found = await plane.clientset.workloads.find({ namespace: 'default', name });
      return found === undefined;
    },
    20_000,
  );
}
