/** Resource names of the kinds that this domain reads and writes. */
export const resourceNames = {
  workload: 'workloads.workload.threeport.io',
  definition: 'workloaddefinitions.workload.threeport.io',
  instance: 'workloadinstances.workload.threeport.io',
  report: 'workloadreports.workload.threeport.io',
  runtime: 'kubernetesruntimeinstances.kubernetes.threeport.io',
} as const;

export const workloadApiVersion = 'workload.threeport.io/v1alpha1';
