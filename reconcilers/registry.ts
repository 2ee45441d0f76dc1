import type { Reconciler } from '../sdk/runtime/reconciler.js';
import { kubernetesRuntimeInstanceReconciler } from './kubernetes-runtime/kubernetes-runtime-instance-reconciler.js';
import { workloadInstanceReconciler } from './workload/workload-instance-reconciler.js';
import { workloadReconciler } from './workload/workload-reconciler.js';

/** Every reconciler that this process runs, one for each reconciled kind. */
export const reconcilers: readonly Reconciler[] = [
  kubernetesRuntimeInstanceReconciler as Reconciler,
  workloadInstanceReconciler as Reconciler,
  workloadReconciler as Reconciler,
];
