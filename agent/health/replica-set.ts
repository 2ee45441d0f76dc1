import type { KubeCondition } from './conditions.js';
import { conditionWith } from './conditions.js';
import type { KindHealth } from './health.js';
import { degraded, healthy, words } from './health.js';
import type { LabelSelector } from './pods-of.js';
import { unfinished } from './rollout.js';

interface Spec {
  readonly replicas?: number;
  readonly selector?: LabelSelector;
}

interface Status {
  readonly observedGeneration?: number;
  readonly availableReplicas?: number;
  readonly conditions?: readonly KubeCondition[];
}

/** As many available replicas as wanted. */
export const replicaSet: KindHealth<Spec, Status> = {
  spec: ['replicas', 'selector'],
  status: ['observedGeneration', 'availableReplicas', 'conditions'],
  assess({ spec, status }, pods) {
    const failure = conditionWith(status.conditions, 'ReplicaFailure', 'True');
    if (failure !== undefined) return degraded(words(failure.reason, failure.message));
    const desired = spec.replicas ?? 1;
    const available = status.availableReplicas ?? 0;
    return available < desired
      ? unfinished(`${available} of ${desired} replicas are available`, pods)
      : healthy;
  },
};
