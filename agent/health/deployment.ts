import type { KubeCondition } from './conditions.js';
import { conditionWith } from './conditions.js';
import type { KindHealth } from './health.js';
import { degraded, healthy, suspended, words } from './health.js';
import { worstPodProblem } from './pod-problem.js';
import type { LabelSelector } from './pods-of.js';
import { unfinished } from './rollout.js';

interface Spec {
  readonly replicas?: number;
  readonly paused?: boolean;
  readonly selector?: LabelSelector;
}

interface Status {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly updatedReplicas?: number;
  readonly availableReplicas?: number;
  readonly conditions?: readonly KubeCondition[];
}

/** As `kubectl rollout status` counts, with the pods' own reasons. Scaled to zero is healthy. */
export const deployment: KindHealth<Spec, Status> = {
  spec: ['replicas', 'paused', 'selector'],
  status: ['observedGeneration', 'replicas', 'updatedReplicas', 'availableReplicas', 'conditions'],
  assess({ spec, status }, pods) {
    const desired = spec.replicas ?? 1;
    const { replicas = 0, updatedReplicas: updated = 0, availableReplicas: available = 0 } = status;

    const failure = conditionWith(status.conditions, 'ReplicaFailure', 'True');
    if (failure !== undefined) return degraded(words(failure.reason, failure.message));
    const stuck = conditionWith(status.conditions, 'Progressing', 'False');
    if (stuck?.reason === 'ProgressDeadlineExceeded') {
      const problem = worstPodProblem(pods);
      return degraded(problem?.message ?? words(stuck.reason, stuck.message));
    }
    if (updated < desired) {
      if (spec.paused === true) return suspended('the rollout is paused');
      return unfinished(`${updated} of ${desired} replicas are updated`, pods);
    }
    if (replicas > updated) {
      return unfinished(`${replicas - updated} old replicas are to be terminated`, pods);
    }
    if (available < updated) {
      return unfinished(`${available} of ${updated} replicas are available`, pods);
    }
    return healthy;
  },
};
