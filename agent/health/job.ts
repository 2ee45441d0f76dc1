import type { KubeCondition } from './conditions.js';
import { conditionWith } from './conditions.js';
import type { KindHealth } from './health.js';
import { degraded, healthy, suspended, words } from './health.js';
import type { LabelSelector } from './pods-of.js';
import { unfinished } from './rollout.js';

interface Spec {
  readonly completions?: number;
  readonly suspend?: boolean;
  readonly selector?: LabelSelector;
}

interface Status {
  readonly succeeded?: number;
  readonly conditions?: readonly KubeCondition[];
}

/** Healthy once complete, and so it stays. */
export const job: KindHealth<Spec, Status> = {
  spec: ['completions', 'suspend', 'selector'],
  status: ['succeeded', 'conditions'],
  assess({ spec, status }, pods) {
    if (conditionWith(status.conditions, 'Complete', 'True') !== undefined) return healthy;
    const failed = conditionWith(status.conditions, 'Failed', 'True');
    if (failed !== undefined) return degraded(words(failed.reason, failed.message));
    if (spec.suspend === true) return suspended('the job is suspended');
    return unfinished(`${status.succeeded ?? 0} of ${spec.completions ?? 1} completions`, pods);
  },
};
