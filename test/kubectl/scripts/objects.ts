/** Objects that several scripts write. None names a namespace: the context does. */

export function definition(name: string, yaml: string, labels?: Record<string, string>): object {
  return {
    apiVersion: 'workload.threeport.io/v1alpha1',
    kind: 'WorkloadDefinition',
    metadata: { name, ...(labels !== undefined && { labels }) },
    spec: { yaml },
  };
}

export function configMap(
  name: string,
  data: Record<string, string>,
  labels?: Record<string, string>,
): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, ...(labels !== undefined && { labels }) },
    data,
  };
}

export function report(name: string): object {
  return {
    apiVersion: 'workload.threeport.io/v1alpha1',
    kind: 'WorkloadReport',
    metadata: { name },
    spec: { runtime: 'none' },
  };
}
