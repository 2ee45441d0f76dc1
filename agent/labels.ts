/** Labels that everything carries which Threeport applies to a cluster, pod templates included. */
export const managedBySelector = 'app.kubernetes.io/managed-by=threeport';

/** Its value is the uid of the WorkloadInstance. */
export const workloadInstanceLabel = 'control-plane.threeport.io/workload-instance';
