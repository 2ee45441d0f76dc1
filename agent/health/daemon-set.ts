import type { KindHealth } from './health.js';
import { healthy } from './health.js';
import type { LabelSelector } from './pods-of.js';
import { unfinished } from './rollout.js';

interface Spec {
  readonly selector?: LabelSelector;
  readonly updateStrategy?: { readonly type?: string };
}

interface Status {
  readonly observedGeneration?: number;
  readonly desiredNumberScheduled?: number;
  readonly updatedNumberScheduled?: number;
  readonly numberAvailable?: number;
}

/** One updated, available pod on each node that wants one. No node that does is healthy. */
export const daemonSet: KindHealth<Spec, Status> = {
  spec: ['selector', 'updateStrategy'],
  status: [
    'observedGeneration',
    'desiredNumberScheduled',
    'updatedNumberScheduled',
    'numberAvailable',
  ],
  assess({ spec, status }, pods) {
    const desired = status.desiredNumberScheduled ?? 0;
    const updated = status.updatedNumberScheduled ?? 0;
    const available = status.numberAvailable ?? 0;
    if (spec.updateStrategy?.type !== 'OnDelete' && updated < desired) {
      return unfinished(`${updated} of ${desired} pods are updated`, pods);
    }
    if (available < desired) {
      return unfinished(`${available} of ${desired} pods are available`, pods);
    }
    return healthy;
  },
};
